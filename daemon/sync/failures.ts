import type { Failure, RunKind } from '../../shared/run-views.ts';
import { AppError, type FailureClass } from '../errors.ts';

const second = 1000;
const hour = 3600 * second;

/** Why a run was stopped from outside: it ends without being a failure. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly state: 'cancelled' | 'interrupted';
  constructor(state: 'cancelled' | 'interrupted') {
    super(state);
    this.state = state;
  }
}

export const shuttingDown = (): AppError =>
  new AppError('transient', 'shutting_down', 'shopsyncd is shutting down', { hint: 'try again when it is back' });

export const classOf = (error: unknown): FailureClass | 'internal' =>
  error instanceof AppError ? error.class : 'internal';

/**
 * When the same work is tried again by itself, in milliseconds from now (rule 9): transient failures back off from 10 s
 * to 15 min, throttling waits as told, what only a person can mend is looked at again each hour (token) or day
 * (configuration). Null: not by itself.
 * @param failures how many runs have failed in a row, from 1.
 * @param random 0 to 1, the jitter.
 */
export function nextAttemptMs(error: unknown, failures: number, random: number): number | null {
  const backoff = Math.min(10 * second * 2 ** Math.min(failures - 1, 10), hour / 4);
  const jittered = Math.round(backoff * (0.75 + random / 2));
  const kind = classOf(error);
  switch (kind) {
    case 'transient':
    case 'store':
    case 'internal':
      return jittered;
    case 'throttled':
      return Math.max(jittered, error instanceof AppError ? (error.retryAfterMs ?? 0) : 0);
    case 'token':
      return hour;
    case 'configuration':
      return 24 * hour;
    case 'record':
    case 'usage':
      return null;
    default:
      return kind satisfies never;
  }
}

/**
 * A failure as the run's record, `status` and the screen show it. Detail of what nobody expected stays in the log.
 * @param at local milliseconds. @param before the failure that is shown now: of the same kind, it tells since when.
 */
export function describe(
  error: unknown,
  kind: RunKind,
  at: number,
  nextAttemptMs: number | null,
  before: Failure | null = null,
): Failure {
  const when = {
    kind,
    at: new Date(at).toISOString(),
    ...(before?.kind === kind && { since: before.since ?? before.at }),
    nextAttemptAt: nextAttemptMs === null ? null : new Date(at + nextAttemptMs).toISOString(),
  };
  if (!(error instanceof AppError))
    return {
      code: 'internal',
      message: 'an unexpected error, see the log',
      hint: 'report it with the log line',
      retryable: true,
      ...when,
    };
  return {
    code: error.code,
    message: error.message,
    ...(error.hint !== undefined && { hint: error.hint }),
    retryable: error.retryable,
    ...when,
  };
}
