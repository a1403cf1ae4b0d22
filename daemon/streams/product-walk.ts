import type { ProductRecord } from '../store/products.ts';
import { ApiError } from '../tiktok/api-error.ts';
import { type Shown, newIn, note, toPage } from './product-page.ts';
import { type ProductAnswer, type ProductQuery, searchProducts } from './product-search.ts';
import type { Page, ReadContext } from './stream.ts';

/** Longer lists are parted as long as they can be: what is not whole when a run is killed is read again. */
export const walkable = 1000;
/** So often a list that came in pages is read when it does not come whole. */
const tries = 2;

/**
 * Walks the pages of one query by their tokens. TikTok: there is no sort to hold on to, so a product that leaves the list
 * moves others past the page being read. In a list that none can enter any more, a count that stays as it was says that
 * none has left, and as many different products as were counted are all of them; else it is walked again.
 * @param first its first page, which was asked already.
 * @returns whether it came whole; the page yielded before then is the last.
 */
export async function* walkPages(
  query: ProductQuery,
  first: ProductAnswer,
  context: ReadContext,
): AsyncGenerator<{ readonly page: Page<ProductRecord>; readonly last: boolean }, boolean, undefined> {
  const brought: Shown = new Map();
  let head = first;
  for (let attempt = 1; ; attempt++) {
    const { total, sentAt } = head;
    const seen = new Set<string>();
    const tokens = new Set<string>();
    let answer: ProductAnswer | undefined = head;
    while (answer !== undefined) {
      const news = newIn(answer, seen);
      for (const key of news) seen.add(key);
      const { next }: ProductAnswer = answer;
      const isSteady: boolean = answer.total === total && seen.size <= total;
      const last = next === undefined && isSteady && seen.size === total;
      // The list was whole at its first page, if at all: nothing younger than that request allows counts as read.
      yield { page: { ...toPage(query.from, answer, total - seen.size, brought), sentAt }, last };
      if (last) return true;
      note(brought, answer);
      // An API that repeats its tokens or its pages would be walked for ever.
      if (next === undefined || !isSteady || news.length === 0 || tokens.has(next)) break;
      tokens.add(next);
      answer = await nextPage({ ...query, token: next }, context);
    }
    context.odd('list not whole', `${seen.size} of ${total} products came from ${query.from} to ${query.to}`);
    if (attempt === tries) return false;
    head = await searchProducts(query, context);
    if (head.total > total) return false;
  }
}

/** @returns undefined where the token is no longer good: nothing else says where to go on. */
async function nextPage(query: ProductQuery, context: ReadContext): Promise<ProductAnswer | undefined> {
  try {
    return await searchProducts(query, context);
  } catch (error) {
    if (error instanceof ApiError && error.reaction === 'restart-window') return undefined;
    throw error;
  }
}
