import { z } from 'zod';

/** What is told of runs. Times are ISO 8601 UTC. */
const time = z.iso.datetime();
const count = z.int().nonnegative();

export const runKind = z.enum(['full', 'incremental', 'partial', 'recheck', 'audit', 'webhook']);
/** What reads much at once and waits for the quiet hours. */
export const heavyKinds: ReadonlySet<RunKind> = new Set(['full', 'recheck', 'audit']);
/** Of these, what moves nothing: nobody waits for it, and what fails there stops nothing else. */
export const nightKinds: ReadonlySet<RunKind> = new Set(['recheck', 'audit']);
export const runTrigger = z.enum(['manual', 'schedule', 'webhook', 'fallback', 'start']);
export const runState = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'interrupted']);

/** What went wrong, in words for a person: the class of failure, the cure, and when it is tried again. */
export const failure = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  retryable: z.boolean(),
  kind: runKind.describe('the kind of run that failed'),
  at: time,
  since: time.optional().describe('the first failure of those in a row, where it was an earlier one'),
  nextAttemptAt: time.nullable(),
});

/** What an audit found. It compares spans of create_time and of update_time that end before `asOf`. */
export const audited = z.object({
  asOf: time,
  statement: z.string().describe('the result in words'),
  ok: z
    .boolean()
    .describe('when it ends everything is as at the API, and all was compared; what is only here does not count'),
  whole: z.boolean().describe('false: only a part was compared, because the rest is not read yet'),
  remote: count.describe('records that the API counts'),
  stored: count.describe('of them, how many are here when the audit ends; what is set aside counts'),
  compared: count.describe('spans whose records were counted on both sides'),
  drifted: count.describe('spans in which records were missing, stale or only here'),
  repaired: count.describe('of them, spans that are as at the API when the audit ends'),
  missing: count.describe('records that were not here'),
  stale: count.describe('records that were here in another version than at the API'),
  onlyLocal: count.describe('records that are here and no more at the API; they are kept'),
  future: count.describe('records whose update time lies in the future, by the API'),
  undecided: count.describe('spans that differed to the end without a record to tell why'),
});

export const run = z.object({
  runId: z.string(),
  stream: z.string(),
  shop: z.string(),
  kind: runKind,
  trigger: runTrigger,
  state: runState,
  startedAt: time,
  finishedAt: time.nullable(),
  from: time.nullable(),
  to: time.nullable(),
  requests: count,
  seen: count,
  inserted: count,
  updated: count,
  unchanged: count,
  rejected: count,
  localOnly: count.optional(),
  statuses: z.array(z.string()).optional().describe('only these were read'),
  audit: audited.optional(),
  error: failure.optional(),
});

/** With `wait` each also tells how it ended. */
export const started = z.object({
  runs: z.array(
    z.object({
      runId: z.string(),
      stream: z.string(),
      shop: z.string(),
      kind: runKind,
      joined: z.boolean(),
      ...run.pick({ state: true, seen: true, inserted: true, updated: true, audit: true, error: true }).partial().shape,
    }),
  ),
});

export type RunKind = z.infer<typeof runKind>;
export type RunTrigger = z.infer<typeof runTrigger>;
export type RunState = z.infer<typeof runState>;
export type Failure = z.infer<typeof failure>;
export type Run = z.infer<typeof run>;
export type Started = z.infer<typeof started>;
export type Audited = z.infer<typeof audited>;
