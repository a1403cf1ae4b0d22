import type { Run } from '../../shared/run-views.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { Stopped, classOf, describe } from './failures.ts';
import { type Ladder, climbs } from './ladder.ts';
import type { Outcome, Work } from './run.ts';
import type { Settled } from './settled.ts';

export interface Ending {
  readonly store: Store;
  readonly log: Log;
  /** Local milliseconds. */
  readonly now: () => number;
  readonly ladder: Ladder;
  /** Milliseconds until it is tried again by itself, or null. */
  readonly retryIn: (error: unknown) => number | null;
  /** Called when it succeeded; tells how many of its kind had failed in a row. */
  readonly recovered: () => number;
}

/** Closes the record of a run with its numbers. @throws AppError `store`. */
export async function endRun(
  begun: Run,
  work: Pick<Work, 'takeRequests' | 'takeOdd'>,
  result: Settled<Outcome>,
  { store, log, now, ladder, retryIn, recovered }: Ending,
): Promise<Run> {
  const { runId, kind, shop, stream } = begun;
  const base = { shop, stream, runId, requests: work.takeRequests(), odd: work.takeOdd() };
  if ('value' in result) {
    const run = await store.endRun({ ...base, ...result.value, state: 'succeeded' });
    ladder.succeeded();
    if (recovered() > 0) log.info({ shop, stream, kind }, 'recovered');
    return run;
  }
  const { error } = result;
  if (error instanceof Stopped) return store.endRun({ ...base, state: error.state });
  const before = (await store.state(shop, stream))?.lastError;
  const failure = describe(error, kind, now(), retryIn(error), before);
  if (climbs(error)) ladder.reach('window', failure.message);
  log.error({ err: error, runId, kind, class: classOf(error), failure }, `run failed: ${failure.message}`);
  return store.endRun({ ...base, state: 'failed', error: failure });
}
