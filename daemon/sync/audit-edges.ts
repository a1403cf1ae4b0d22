import type { Span } from '../spans.ts';
import type { Axis } from '../streams/stream.ts';

const day = 86_400;
/** Stale records are recent ones: spans of update_time are shorter here, in seconds before the frontier. */
export const newest = 60 * day;

/** How many edges part the spans of an axis: a handful for a small store, 24 for 100,000 rows and more. */
export function edgesFor(axis: Axis, rows: number): number {
  const [rowsRoot, most] = axis === 'created' ? [40, 7] : [19, 16];
  return Math.min(most, Math.ceil(Math.sqrt(rows) / rowsRoot));
}

/**
 * Places in a list of rows, at equal distances.
 * @param shift 0 to 1: moves all of them, from audit to audit, so that equal moves in and out of a span cannot hide for
 *   ever.
 */
export const ranksOf = (rows: number, edges: number, shift: number): number[] =>
  Array.from({ length: edges }, (_, i) => Math.floor(((i + shift) * rows) / edges));

/** The spans that edges part; edges may come in any order, twice, or from outside. */
export function spansBetween(span: Span, edges: readonly number[]): Span[] {
  const inside = [...new Set(edges)].filter((edge) => edge > span.from && edge < span.to).toSorted((a, b) => a - b);
  const ends = [span.from, ...inside, span.to];
  return ends.slice(1).map((to, i) => ({ from: ends[i] ?? span.from, to }));
}
