import { z } from 'zod';

import { Random, hash } from './world/random.ts';

/** Which requests a fault strikes; every condition given must hold. Without any, all. */
const conditions = {
  match: z.string().optional().describe('prefix of the path'),
  shop: z.string().optional().describe('shop id, as found by the cipher in the query'),
  after: z.int().nonnegative().default(0).describe('lets that many matching requests through first'),
  every: z.int().positive().default(1).describe('strikes each nth matching request'),
  probability: z.number().min(0).max(1).default(1),
  times: z.int().positive().optional().describe('is over after striking so often'),
};

/** A fault as a test or the admin route writes it. */
export const fault = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('429'), retryAfter: z.number().nonnegative().nullable().default(1), ...conditions })
    .describe('too many requests; retryAfter in seconds, null leaves the header out'),
  z.strictObject({ kind: z.enum(['500', '503']), ...conditions }).describe('overload, without JSON'),
  z
    .strictObject({
      kind: z.literal('code'),
      code: z.int().default(36009003),
      http: z.int().default(200),
      ...conditions,
    })
    .describe('an envelope with this code; by default "internal, retry"'),
  z.strictObject({ kind: z.literal('cut'), ...conditions }).describe('the connection breaks in the middle of the body'),
  z
    .strictObject({ kind: z.literal('slow'), ms: z.number().nonnegative(), ...conditions })
    .describe('the answer takes ms milliseconds longer'),
  z
    .strictObject({ kind: z.literal('partial'), ...conditions })
    .describe('the first order of the answer is stripped to an object without id and status'),
  z
    .strictObject({ kind: z.enum(['expire', 'revoke']), ...conditions })
    .describe('the access token expires, or the seller withdraws: at once, or with a condition just before it strikes'),
  z
    .strictObject({
      kind: z.literal('late'),
      shop: z.string().optional(),
      fraction: z.number().min(0).max(1).default(1),
      least: z.int().positive().optional(),
      seconds: z.int().positive(),
    })
    .describe('from now on this fraction of the versions becomes visible late, by least (default seconds) to seconds'),
]);

export type FaultInput = z.input<typeof fault>;
export type Fault = z.output<typeof fault>;
export type RequestFault = Exclude<Fault, { kind: 'late' }>;

/** What a fault without conditions does at once, besides striking requests. */
export interface FaultEffects {
  expire(): void;
  revoke(): void;
  late(shop: string | undefined, lag: { fraction: number; least: number; most: number } | null): void;
}

interface Armed {
  readonly fault: RequestFault;
  matched: number;
  struck: number;
}

/** The faults in force. */
export class Faults {
  readonly #effects: FaultEffects;
  readonly #random: Random;
  #armed: Armed[] = [];

  constructor(effects: FaultEffects, seed: number) {
    this.#effects = effects;
    this.#random = new Random(hash(seed, 0x666c74));
  }

  /** Puts a fault in force. Throws a ZodError when it is not one. */
  add(input: FaultInput): void {
    const added = fault.parse(input);
    if (added.kind === 'late') {
      const { shop, fraction, least, seconds } = added;
      this.#effects.late(shop, { fraction, least: least ?? seconds, most: seconds });
    } else if ((added.kind === 'expire' || added.kind === 'revoke') && !isConditional(added)) {
      this.#effects[added.kind]();
    } else {
      this.#armed.push({ fault: added, matched: 0, struck: 0 });
    }
  }

  /** Ends all faults, delays of visibility too. What expired or was revoked stays so. */
  clear(): void {
    this.#armed = [];
    this.#effects.late(undefined, null);
  }

  /** The faults that strike this request; it counts as one match for each fault it fits. */
  strike(path: string, shop: string | undefined): readonly RequestFault[] {
    const hits = this.#armed.filter((armed) => {
      const {
        fault: { match, shop: only, after, every, probability, times },
      } = armed;
      if (match !== undefined && !path.startsWith(match)) return false;
      if (only !== undefined && only !== shop) return false;
      if (times !== undefined && armed.struck >= times) return false;
      armed.matched += 1;
      const turn = armed.matched - after;
      if (turn <= 0 || turn % every !== 0) return false;
      if (probability < 1 && !this.#random.chance(probability)) return false;
      armed.struck += 1;
      return true;
    });
    return hits.map(({ fault: hit }) => hit);
  }
}

function isConditional({ match, shop, after, every, probability, times }: RequestFault): boolean {
  const narrowed = match !== undefined || shop !== undefined || times !== undefined;
  return narrowed || after > 0 || every > 1 || probability < 1;
}
