import type { Span } from '../spans.ts';
import { asideTimes } from '../store/audit-aside.ts';
import { type Times, countWithin, idsWithin, timeAtRank, timesOf } from '../store/audit.ts';
import type { Axis } from '../streams/stream.ts';
import { edgesFor, newest, ranksOf, spansBetween } from './audit-edges.ts';
import type { BookTools } from './run-book.ts';

/** Ids of one span at most. */
const mostIds = 5000;

/** What the store has, as the API should count it. */
export class LocalCounts<R> {
  readonly #tools: BookTools<R>;
  #aside: readonly Times[] = [];
  #replaced: readonly Times[] = [];
  /** Rows that are here alone: they count for nothing. */
  readonly #onlyLocal: Times[] = [];
  /** What an audit that repairs nothing would have stored, and what it would have replaced. */
  readonly #found: Times[] = [];
  readonly #outdated: Times[] = [];

  constructor(tools: BookTools<R>) {
    this.#tools = tools;
  }

  /** Reads again what is set aside. */
  async reload(): Promise<void> {
    const { store, stream, api } = this.#tools;
    const { aside, replaced } = await store.query(asideTimes, stream.table, api.shop.id, stream.name);
    this.#aside = aside;
    this.#replaced = replaced;
  }

  /** Records with that time in the span; with `assumed`, as if all that was found had been repaired. */
  async count(axis: Axis, span: Span, assumed = true): Promise<number> {
    const { store, stream } = this.#tools;
    const rows = await store.query(countWithin, stream.table, this.#within(axis, span));
    const lie = (times: readonly Times[]): number =>
      times.filter((one) => (one[axis] ?? -1) >= span.from && (one[axis] ?? span.to) < span.to).length;
    const stored = rows + lie(this.#aside) - lie(this.#replaced) - lie(this.#onlyLocal);
    return Math.max(0, assumed ? stored + lie(this.#found) - lie(this.#outdated) : stored);
  }

  /** Rows that lie there, those among them left out of which is known that they are here alone. */
  async ids(axis: Axis, span: Span): Promise<readonly string[]> {
    const { store, stream } = this.#tools;
    const known = new Set([...this.#onlyLocal, ...this.#outdated].map(({ id }) => id));
    const ids = await store.query(idsWithin, stream.table, this.#within(axis, span), mostIds);
    return ids.filter((id) => !known.has(id));
  }

  times(ids: readonly string[]): Promise<ReadonlyMap<string, Times>> {
    const { store, stream, api } = this.#tools;
    return store.query(timesOf, stream.table, api.shop.id, ids);
  }

  leaveOut(rows: readonly Times[]): void {
    this.#onlyLocal.push(...rows);
  }

  assume(found: readonly Times[], outdated: readonly Times[]): void {
    this.#found.push(...found);
    this.#outdated.push(...outdated);
  }

  /** Spans with about as many rows each; those of update_time are shorter where records are recent. */
  async spans(axis: Axis, span: Span, random: () => number): Promise<Span[]> {
    const rows = await this.#rows(axis, span);
    const edges = edgesFor(axis, rows);
    const recent = { from: Math.max(span.from, span.to - newest), to: span.to };
    const parts =
      axis === 'created' || recent.from === span.from
        ? [{ of: span, edges }]
        : [
            { of: { from: span.from, to: recent.from }, edges: Math.ceil(edges / 3) },
            { of: recent, edges: Math.ceil((edges * 2) / 3) },
          ];
    const found: number[] = [];
    for (const part of parts) {
      const ranks = ranksOf(await this.#rows(axis, part.of), part.edges, random());
      for (const rank of ranks) found.push((await this.#timeAt(axis, part.of, rank)) ?? span.from);
    }
    return spansBetween(span, found);
  }

  /** The time that parts the rows of a span in halves. */
  async middle(axis: Axis, span: Span): Promise<number | undefined> {
    return this.#timeAt(axis, span, Math.floor((await this.#rows(axis, span)) / 2));
  }

  #rows(axis: Axis, span: Span): Promise<number> {
    return this.#tools.store.query(countWithin, this.#tools.stream.table, this.#within(axis, span));
  }

  #timeAt(axis: Axis, span: Span, rank: number): Promise<number | undefined> {
    return this.#tools.store.query(timeAtRank, this.#tools.stream.table, this.#within(axis, span), rank);
  }

  #within(axis: Axis, span: Span) {
    const { name, columns } = this.#tools.stream.table;
    const column = axis === 'created' ? columns.created : columns.time;
    if (column === undefined) throw new Error(`${name} have no time of creation`);
    return { shop: this.#tools.api.shop.id, column, span };
  }
}
