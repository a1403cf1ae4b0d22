import { fault, type FaultInput, type RequestFault } from './faults-kinds.ts';
import { Random, hash } from './world/random.ts';

/** What a fault without conditions does at once, besides striking requests. */
export interface FaultEffects {
  expire(): void;
  revoke(): void;
  withdraw(shop: string, code: number): void;
  /** Every shop is authorized again. */
  consent(): void;
  late(shop: string | undefined, lag: { fraction: number; least: number; most: number } | null): void;
}

interface Armed {
  readonly fault: RequestFault;
  /** Unix seconds. */
  readonly since: number;
  matched: number;
  struck: number;
}

/** The faults in force. */
export class Faults {
  readonly #effects: FaultEffects;
  readonly #random: Random;
  readonly #now: () => number;
  #armed: Armed[] = [];

  /** `now` in unix seconds. */
  constructor(effects: FaultEffects, seed: number, now: () => number) {
    this.#effects = effects;
    this.#now = now;
    this.#random = new Random(hash(seed, 0x666c74));
  }

  /** Puts a fault in force. Throws a ZodError when it is not one. */
  add(input: FaultInput): void {
    const added = fault.parse(input);
    if (added.kind === 'late') {
      const { shop, fraction, least, seconds } = added;
      this.#effects.late(shop, { fraction, least: least ?? seconds, most: seconds });
    } else if (added.kind === 'withdraw') {
      this.#effects.withdraw(added.shop, added.code);
    } else if ((added.kind === 'expire' || added.kind === 'revoke') && !isConditional(added)) {
      this.#effects[added.kind]();
    } else {
      this.#armed.push({ fault: added, since: this.#now(), matched: 0, struck: 0 });
    }
  }

  /** Ends all faults, delays of visibility and withdrawn consents too. What expired or was revoked stays so. */
  clear(): void {
    this.#armed = [];
    this.#effects.late(undefined, null);
    this.#effects.consent();
  }

  /** The faults that strike this request, `pageSize` being the records it asks for; it counts as one match for each fault it fits. */
  strike(path: string, shop: string | undefined, pageSize = 0): readonly RequestFault[] {
    const hits = this.#armed.filter((armed) => {
      const {
        fault: { match, shop: only, above, after, every, probability, times, seconds },
      } = armed;
      if (match !== undefined && !path.startsWith(match)) return false;
      if (only !== undefined && only !== shop) return false;
      if (above !== undefined && pageSize <= above) return false;
      if (times !== undefined && armed.struck >= times) return false;
      if (seconds !== undefined && this.#now() >= armed.since + seconds) return false;
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

function isConditional({ match, shop, above, after, every, probability, times, seconds }: RequestFault): boolean {
  const narrowed =
    match !== undefined || shop !== undefined || above !== undefined || times !== undefined || seconds !== undefined;
  return narrowed || after > 0 || every > 1 || probability < 1;
}
