import type { Log } from '../log.ts';
import type { Span } from '../spans.ts';
import type { ReadContext, Stream } from '../streams/stream.ts';
import type { CountedSpan } from './board.ts';
import type { Ladder } from './ladder.ts';

/** Where there are more gaps, their pages tell it in time. */
const most = 32;

/**
 * Gaps that a run before has left, with the records that each holds, for a request each: only all of them make up the
 * total. One gap alone is told by its first page, and while the API makes trouble nothing is asked beside its pages.
 * Unix seconds.
 * @throws the signal's reason.
 */
export async function counted<R>(
  spans: readonly Span[],
  {
    stream,
    log,
    ladder,
  }: {
    readonly stream: Pick<Stream<R>, 'count' | 'estimates'>;
    readonly log: Log;
    readonly ladder: Pick<Ladder, 'step'>;
  },
  context: ReadContext,
): Promise<readonly CountedSpan[]> {
  const isVain = spans.length < 2 || spans.length > most || stream.estimates === true;
  if (isVain || ladder.step !== null) return spans;
  const counts = await Promise.allSettled(spans.map((span) => stream.count(span, context)));
  context.signal.throwIfAborted();
  return spans.map((span, index) => {
    const count = counts[index];
    if (count?.status === 'fulfilled') return { ...span, left: count.value };
    // Its pages will tell, or fail for the same reason.
    log.debug({ span, err: count?.reason }, 'a gap could not be counted');
    return span;
  });
}
