import type { ProductRecord } from '../store/products.ts';
import { type Shown, isWhole, note, toPage } from './product-page.ts';
import { type ProductAnswer, type ProductQuery, hitCap, searchProducts } from './product-search.ts';
import { walkPages, walkable } from './product-walk.ts';
import { type Page, type ReadContext, UnreadSecond } from './stream.ts';

/** No product is created or changed later than that after it is asked for, seconds. */
const ahead = 86_400;

/**
 * One second with more products than the API lists, or that never came whole: parted by the other time.
 * @param query spans the second.
 * @param first what was answered to it.
 * @throws UnreadSecond when even the products that tie in both times do not come whole.
 */
export async function* readSecond(
  query: ProductQuery,
  { sentAt, asked }: ProductAnswer,
  context: ReadContext,
): AsyncGenerator<Page<ProductRecord>, void, undefined> {
  const { from: second } = query;
  const shown: Shown = new Map();
  const parts = [{ from: 0, to: Math.ceil(sentAt) + ahead }];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const { from, to } = part;
    const isSingle = to - from === 1;
    const tied = { ...query, tieFrom: from, tieTo: to };
    const head = await searchProducts(tied, context);
    if (isWhole(head)) {
      yield pinned(toPage(second, head, 0, shown));
      note(shown, head);
      continue;
    }
    if (head.total <= walkable || (isSingle && head.total < hitCap)) {
      const whole = yield* walkPart(tied, head, shown, context);
      if (whole) continue;
    }
    if (isSingle)
      throw new UnreadSecond(second, `the ${head.total} products ${inWords(query, second, from)} did not come whole`);
    const middle = from + Math.floor((to - from) / 2);
    parts.push({ from: middle, to }, { from, to: middle });
  }
  // As old as the first of its answers.
  yield {
    records: [],
    rejected: [],
    sentAt,
    asked,
    from: second,
    before: new Set(shown.keys()),
    coveredTo: second + 1,
  };
}

const inWords = ({ axis }: ProductQuery, second: number, other: number): string =>
  axis === 'created'
    ? `created in second ${second} and changed in second ${other}`
    : `created in second ${other} and changed in second ${second}`;

async function* walkPart(
  query: ProductQuery,
  head: ProductAnswer,
  shown: Shown,
  context: ReadContext,
): AsyncGenerator<Page<ProductRecord>, boolean, undefined> {
  const walk = walkPages(query, head, context);
  for (;;) {
    const step = await walk.next();
    if (step.done === true) return step.value;
    yield pinned(step.value.page);
    note(shown, step.value.page);
  }
}

/** What is counted here is a part of one second, which says nothing of the window. */
function pinned(page: Page<ProductRecord>): Page<ProductRecord> {
  const { remaining: _, ...rest } = page;
  return { ...rest, pinned: true };
}
