import type { ProductRecord } from '../store/products.ts';
import { isWhole, toPage } from './product-page.ts';
import { type ProductAnswer, type ProductQuery, searchProducts } from './product-search.ts';
import { readSecond } from './product-second.ts';
import { walkPages, walkable } from './product-walk.ts';
import type { Page, ReadContext, Window } from './stream.ts';

/**
 * Seconds. A change shows at once or late, by a day at the most (the overlap grows no further): what is older can only
 * leave a list. In younger spans one may enter for each that leaves, and the count would not tell; they are parted until
 * one page holds them.
 */
const restless = 90_000;

/**
 * Reads `[from, to)`, oldest part first: products move forward in time only.
 * @param window the window it lies in, which may shrink while it is read: what lies behind its end is another's to read.
 */
export async function* readSpan(
  query: ProductQuery,
  window: Window,
  context: ReadContext,
): AsyncGenerator<Page<ProductRecord>, void, undefined> {
  const { from } = query;
  const to = Math.min(query.to, window.to);
  if (from >= to) return;
  const first = await searchProducts({ ...query, to }, context);
  if (isWhole(first)) {
    yield { ...counted(toPage(from, first, 0), to, window), coveredTo: to };
    return;
  }
  const quiet = Math.floor(first.sentAt) - restless;
  if (first.total <= walkable && to <= quiet) {
    if (yield* readList({ ...query, to }, first, window, context)) return;
  } else {
    // Its parts bring these products again.
    yield counted(toPage(from, { ...first, records: [], rejected: [] }, first.total), to, window);
  }
  if (to - from === 1) {
    yield* readSecond({ ...query, to }, first, context);
    return;
  }
  const end = Math.min(to, window.to);
  const middle = from < quiet && quiet < end ? quiet : from + Math.floor((end - from) / 2);
  yield* readSpan({ ...query, to: middle }, window, context);
  yield* readSpan({ ...query, from: middle, to }, window, context);
}

/** @returns whether the list came whole, and with it the span is covered. */
async function* readList(
  query: ProductQuery,
  first: ProductAnswer,
  window: Window,
  context: ReadContext,
): AsyncGenerator<Page<ProductRecord>, boolean, undefined> {
  const walk = walkPages(query, first, context);
  for (;;) {
    const step = await walk.next();
    if (step.done === true) return step.value;
    const page = counted(step.value.page, query.to, window);
    yield step.value.last ? { ...page, coveredTo: query.to } : { ...page, pinned: true };
  }
}

/** The API counts within the span asked for: that is what is left of the window only where the two end together. */
function counted(page: Page<ProductRecord>, to: number, window: Window): Page<ProductRecord> {
  if (to >= window.to) return page;
  const { remaining: _, ...rest } = page;
  return rest;
}
