/** A half-open span `[from, to)` of a stream's axis, in unix seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What `taken` leaves of `span`, ascending. `taken` may overlap and come in any order. */
export function gaps(span: Span, taken: readonly Span[]): Span[] {
  const left: Span[] = [];
  let at = span.from;
  for (const other of taken.toSorted((a, b) => a.from - b.from)) {
    if (other.from >= span.to) break;
    if (other.from > at) left.push({ from: at, to: Math.min(other.from, span.to) });
    at = Math.max(at, other.to);
  }
  if (at < span.to) left.push({ from: at, to: span.to });
  return left;
}
