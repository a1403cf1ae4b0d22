import { z } from 'zod';

/** Which requests a fault strikes; every condition given must hold. Without any, all. */
const conditions = {
  match: z.string().optional().describe('prefix of the path'),
  shop: z.string().optional().describe('shop id, as found by the cipher in the query'),
  above: z.int().nonnegative().optional().describe('strikes only what asks for more records than this with a page'),
  after: z.int().nonnegative().default(0).describe('lets that many matching requests through first'),
  every: z.int().positive().default(1).describe('strikes each nth matching request'),
  probability: z.number().min(0).max(1).default(1),
  times: z.int().positive().optional().describe('is over after striking so often'),
  seconds: z.number().positive().optional().describe('is over so many seconds after it was put in force'),
};

/** A fault as a test or the admin route writes it. */
export const fault = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('429'), retryAfter: z.number().nonnegative().nullable().default(1), ...conditions })
    .describe('too many requests; retryAfter in seconds, null leaves the header out'),
  z.strictObject({ kind: z.enum(['500', '503']), ...conditions }).describe('overload, without JSON'),
  z
    .strictObject({ kind: z.literal('plain'), http: z.int(), text: z.string().default(''), ...conditions })
    .describe('an answer of this status without an envelope, as a proxy or a gateway gives it'),
  z
    .strictObject({
      kind: z.literal('code'),
      code: z.int().default(36009003),
      http: z.int().optional(),
      message: z.string().default('this error was asked for'),
      ...conditions,
    })
    .describe('an envelope with this code, by default "internal, retry", and the HTTP status it is known to come with'),
  z
    .strictObject({ kind: z.enum(['cut', 'truncate']), ...conditions })
    .describe('the body ends early: the connection breaks half-way, or the Content-Length agrees with 60 % of it'),
  z
    .strictObject({ kind: z.enum(['hang', 'stall']), ...conditions })
    .describe('nothing is answered, or the headers and no byte of the body; the connection stays open'),
  z
    .strictObject({ kind: z.literal('drip'), ms: z.number().positive(), ...conditions })
    .describe('the body comes one byte each ms milliseconds'),
  z
    .strictObject({ kind: z.literal('slow'), ms: z.number().nonnegative(), ...conditions })
    .describe('the answer takes ms milliseconds longer'),
  z
    .strictObject({ kind: z.literal('date'), by: z.number(), ...conditions })
    .describe('the Date header is by seconds ahead, or behind if negative'),
  z
    .strictObject({ kind: z.literal('partial'), orders: z.enum(['first', 'all']).default('first'), ...conditions })
    .describe('the first record of the answer, or all, are stripped to objects without id and status'),
  z
    .strictObject({ kind: z.literal('missing'), ...conditions })
    .describe('a search answers without its list, whatever its total_count'),
  z
    .strictObject({ kind: z.literal('double'), across: z.boolean().default(false), ...conditions })
    .describe('a search brings its last record twice or, across pages, begins with the last record of the one before'),
  z
    .strictObject({ kind: z.literal('token'), how: z.enum(['repeat', 'cycle', 'empty']), ...conditions })
    .describe('a search tells the page token it was asked with, or the one before that, or a token and no records'),
  z
    .strictObject({ kind: z.enum(['expire', 'revoke']), ...conditions })
    .describe('the access token expires, or the seller withdraws: at once, or with a condition just before it strikes'),
  z
    .strictObject({
      kind: z.literal('version'),
      code: z.union([z.literal(36009009), z.literal(36009014), z.literal(36009004)]).default(36009009),
      ...conditions,
      match: z.string().default('/analytics/202509/').describe('prefix of the path'),
    })
    .describe('a version that this shop does not have: path unknown, version invalid, or the overloaded 36009004'),
  z
    .strictObject({
      kind: z.literal('withdraw'),
      shop: z.string(),
      code: z.union([z.literal(105001), z.literal(101000)]).default(105001),
    })
    .describe(
      'the consent for one shop ends: it is listed no more and its calls get this code; until cleared, or until a new code is exchanged',
    ),
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
/** A fault that strikes requests, as a test writes it. */
export type RequestFaultInput = Exclude<FaultInput, { kind: 'late' | 'withdraw' }>;
export type RequestFault = Exclude<z.output<typeof fault>, { kind: 'late' | 'withdraw' }>;
