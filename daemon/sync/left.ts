import type { Log } from '../log.ts';
import { type Span, gaps } from '../spans.ts';
import { countStored } from '../store/pending.ts';
import type { Store } from '../store/store.ts';
import type { ReadContext, Stream } from '../streams/stream.ts';
import type { Ladder } from './ladder.ts';

interface Parts<R> {
  readonly stream: Pick<Stream<R>, 'count' | 'table'>;
  readonly store: Store;
}

/**
 * How many records lie in the gaps that a run before has left, for one request: what the API counts between the first
 * and the last of them, less what is stored of the parts that are read. Spans in unix seconds, ascending.
 */
export async function countLeft<R>(
  spans: readonly Span[],
  { stream, store }: Parts<R>,
  context: ReadContext,
): Promise<number> {
  const [first, last] = [spans[0], spans.at(-1)];
  if (first === undefined || last === undefined) return 0;
  const whole = { from: first.from, to: last.to };
  const there = await stream.count(whole, context);
  const here = await store.query(countStored, stream.table, context.api.shop.id, gaps(whole, spans));
  return Math.max(0, there - here);
}

/**
 * The same before a run goes on; undefined where its pages tell it as well (a single gap), where the API can only
 * estimate, and while it makes trouble.
 * @throws the signal's reason.
 */
export async function leftIn<R>(
  spans: readonly Span[],
  parts: Parts<R> & {
    readonly stream: Pick<Stream<R>, 'estimates'>;
    readonly log: Log;
    readonly ladder: Pick<Ladder, 'step'>;
  },
  context: ReadContext,
): Promise<number | undefined> {
  if (spans.length < 2 || parts.stream.estimates === true || parts.ladder.step !== null) return undefined;
  try {
    return await countLeft(spans, parts, context);
  } catch (error) {
    context.signal.throwIfAborted();
    // Its pages will tell, or fail for the same reason.
    parts.log.debug({ err: error }, 'what is left could not be counted');
    return undefined;
  }
}
