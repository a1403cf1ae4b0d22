import { AppError } from '../errors.ts';
import type { Ask, AskedSpan } from './asks.ts';

/** A run under way, as far as it matters to who would join it. Unix seconds. */
export interface Running {
  readonly runId: string;
  /** What it was begun to read. */
  readonly span: AskedSpan;
  /** Whether it leaves out what a full resync before it has read. */
  readonly goesOn: boolean;
  /** Where it reads only records of these statuses. */
  readonly statuses?: readonly string[] | undefined;
  /** Of an audit: whether it stores what it finds. */
  readonly repairs?: boolean | undefined;
}

/**
 * A run under way serves whoever asks for no more than it reads: a span that lies within its own and no other statuses,
 * a full resync since no earlier a day. One that began as the first sync, or for a contradiction, reads from `since` of the configuration.
 * @param since where a full resync begins that names no day, unix seconds.
 * @throws AppError `busy`.
 */
export function assertServes({ span, runId, goesOn, statuses, repairs }: Running, ask: Ask, since: number): void {
  if (ask.what === 'sync' || ask.what === 'recheck') return;
  if (ask.what === 'audit') {
    if (repairs === true || !ask.repair) return;
    throw busy(`audit ${runId} is under way and repairs nothing`, runId);
  }
  if (ask.what === 'span') {
    // Both end when they are asked for: what has changed in between comes with the next run, as for all who join one.
    const reaches = ask.span.to <= span.to || (ask.span.isOpen === true && span.isOpen === true);
    if (span.from > ask.span.from || !reaches) throw busy(`run ${runId} is re-reading another span`, runId);
    if (statuses === undefined || ask.statuses?.every((status) => statuses.includes(status)) === true) return;
    throw busy(`run ${runId} is reading only ${statuses.join(', ')}`, runId);
  }
  if (span.from > (ask.since ?? since))
    throw busy(`full run ${runId} is under way and reads only what is since ${day(span.from)}`, runId);
  if (ask.anew === true && goesOn) throw busy(`full run ${runId} is under way and goes on from an earlier one`, runId);
}

export const isBusy = (error: unknown): boolean => error instanceof AppError && error.code === 'busy';

const busy = (message: string, runId: string): AppError =>
  new AppError('transient', 'busy', message, {
    hint: `ask again when it has ended, or cancel it: shopsync cancel ${runId}`,
  });

/** As a person would write the instant: the day, and the time where it is not midnight UTC. */
const day = (seconds: number): string =>
  new Date(seconds * 1000)
    .toISOString()
    .replace(/\.000Z$/, 'Z')
    .replace('T00:00:00Z', '');
