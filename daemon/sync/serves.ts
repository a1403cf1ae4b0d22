import { AppError } from '../errors.ts';
import type { Span } from '../spans.ts';
import type { Ask } from './planner.ts';

/** A run under way, as far as it matters to who would join it. Unix seconds. */
export interface Running {
  readonly runId: string;
  /** What it was begun to read. */
  readonly span: Span;
  /** Whether it leaves out what a full resync before it has read. */
  readonly goesOn: boolean;
}

/**
 * A run under way serves whoever asks for no more than it reads: a span that lies within its own, a full resync since no
 * earlier a day. One that began as the first sync, or for a contradiction, reads from `since` of the configuration.
 * @param since where a full resync begins that names no day, unix seconds.
 * @throws AppError `busy`.
 */
export function assertServes({ span, runId, goesOn }: Running, ask: Ask, since: number): void {
  if (ask.what === 'sync') return;
  if (ask.what === 'span') {
    if (span.from <= ask.span.from && ask.span.to <= span.to) return;
    throw busy(`run ${runId} is re-reading another span`, runId);
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
