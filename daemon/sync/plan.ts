import { type Span, gaps } from '../spans.ts';
import type { Policy } from '../streams/stream.ts';

export interface Known {
  readonly liveStart: number;
  readonly since: number;
  readonly coverage: readonly Span[];
}

export const stripOf = (policy: Policy): number => policy.settle + policy.overlap;

/**
 * The end of a live window, exclusive: the second that the server is in belongs to it. A Date header is cut to whole
 * seconds, so the estimate may be one second behind the server.
 */
export const windowEnd = (serverNow: number): number => Math.floor(serverNow) + 2;

/** The moment at which a stream is first seen becomes its live start: the strip is live, all before it history. */
export const firstLiveStart = (serverNow: number, policy: Policy): number =>
  Math.max(0, Math.floor(serverNow) - stripOf(policy) - (policy.lag ?? 0));

/** From the first gap above the live start to the server's now; after a kill there may be several gaps. */
export const liveWindows = (known: Known, end: number): Span[] =>
  gaps({ from: Math.max(known.liveStart, 0), to: end }, known.coverage);

/** What is missing below the live start. */
export const historyGaps = (known: Known): Span[] =>
  gaps({ from: known.since, to: Math.max(known.since, known.liveStart) }, known.coverage);

/** The part of what was read that was asked late enough to count: nothing younger than the strip (rule 2). */
export function coverable(read: Span, sentAt: number, policy: Policy): Span | null {
  const to = Math.min(read.to, Math.floor(sentAt) - stripOf(policy));
  return to > read.from ? { from: read.from, to } : null;
}

/** What is not read yet, the strip before `watermark` left out: it is read at every run. */
export const missing = (known: Known, watermark: number | null, policy: Policy): Span[] =>
  gaps({ from: known.since, to: watermark === null ? known.liveStart : watermark - policy.overlap }, known.coverage);
