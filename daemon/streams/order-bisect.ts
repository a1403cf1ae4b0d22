import type { Span } from '../spans.ts';
import type { OrderRecord } from '../store/orders.ts';
import { searchOrders } from './order-search.ts';
import { readSecond } from './order-second.ts';
import type { Page, ReadContext } from './stream.ts';

/**
 * Reads a span from an API that does not sort: halves it until each part fits on a page, oldest part first, so that
 * what is covered only moves forward.
 */
export async function* bisect(span: Span, context: ReadContext): AsyncGenerator<Page<OrderRecord>, void, undefined> {
  const { records, rejected, sentAt, asked, next } = await searchOrders(
    { updateFrom: span.from, updateTo: span.to, sort: 'update_time' },
    context,
  );
  const page = { records, rejected, sentAt, asked, from: span.from };
  if (next === undefined) {
    yield { ...page, coveredTo: span.to };
    return;
  }
  yield page;
  if (span.to - span.from === 1) {
    yield* readSecond(span.from, new Map(), context);
    return;
  }
  const middle = span.from + Math.floor((span.to - span.from) / 2);
  yield* bisect({ from: span.from, to: middle }, context);
  yield* bisect({ from: middle, to: span.to }, context);
}
