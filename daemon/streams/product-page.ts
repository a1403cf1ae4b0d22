import type { ProductRecord } from '../store/products.ts';
import type { ProductAnswer } from './product-search.ts';
import type { Page } from './stream.ts';

/** What answers have shown so far: the text of a product by its id, and of what was set aside by itself. */
export type Shown = Map<string, string>;

export function note(shown: Shown, { records, rejected }: Pick<ProductAnswer, 'records' | 'rejected'>): void {
  for (const { id, payload } of records) shown.set(id, payload);
  for (const { payload } of rejected) shown.set(payload, payload);
}

/** The different products of an answer that were not seen before. What has no id cannot be told apart: each one counts. */
export function newIn({ records, rejected }: ProductAnswer, seen: ReadonlySet<string> = new Set()): string[] {
  const keys = [...records.map(({ id }) => id), ...rejected.map(({ recordId }, i) => recordId ?? `${seen.size} ${i}`)];
  return [...new Set(keys)].filter((key) => !seen.has(key));
}

/** One answer that brings the whole list is a picture of one moment, whatever moves. */
export const isWhole = (answer: ProductAnswer): boolean =>
  answer.next === undefined && newIn(answer).length >= answer.total;

/**
 * An answer without what was brought before and is the same.
 * @param left how many of the list are still to come.
 */
export function toPage(
  from: number,
  answer: ProductAnswer,
  left: number,
  brought: Shown = new Map(),
): Page<ProductRecord> {
  const { records, rejected, sentAt, asked } = answer;
  return {
    records: records.filter(({ id, payload }) => brought.get(id) !== payload),
    rejected: rejected.filter(({ payload }) => !brought.has(payload)),
    sentAt,
    asked,
    from,
    before: new Set(brought.keys()),
    remaining: Math.max(0, left),
  };
}
