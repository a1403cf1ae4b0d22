import type { Log } from '../log.ts';
import { type Span, gaps } from '../spans.ts';
import { countStored } from '../store/pending.ts';
import type { Store } from '../store/store.ts';
import type { ReadContext, Stream } from '../streams/stream.ts';
import type { Ladder } from './ladder.ts';

/**
 * How many records lie in the gaps that a run before has left: what the API counts between the first and the last of
 * them, for one request, less what is stored of the parts that are read. Undefined where its pages tell it as well (a
 * single gap), where the API can only estimate, and while it makes trouble. Spans in unix seconds, ascending.
 * @throws the signal's reason.
 */
export async function leftIn<R>(
  spans: readonly Span[],
  {
    stream,
    store,
    log,
    ladder,
  }: {
    readonly stream: Pick<Stream<R>, 'count' | 'estimates' | 'table'>;
    readonly store: Store;
    readonly log: Log;
    readonly ladder: Pick<Ladder, 'step'>;
  },
  context: ReadContext,
): Promise<number | undefined> {
  const [first, last] = [spans[0], spans.at(-1)];
  if (first === undefined || last === undefined || spans.length < 2) return undefined;
  if (stream.estimates === true || ladder.step !== null) return undefined;
  const whole = { from: first.from, to: last.to };
  try {
    const there = await stream.count(whole, context);
    const here = await store.query(countStored, stream.table, context.api.shop.id, gaps(whole, spans));
    return Math.max(0, there - here);
  } catch (error) {
    context.signal.throwIfAborted();
    // Its pages will tell, or fail for the same reason.
    log.debug({ span: whole, err: error }, 'what is left could not be counted');
    return undefined;
  }
}
