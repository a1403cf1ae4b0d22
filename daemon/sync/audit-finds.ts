import type { Audited } from '../../shared/run-views.ts';
import type { Span } from '../spans.ts';
import { type Times, changedBy } from '../store/audit.ts';
import type { Axis, Page } from '../streams/stream.ts';
import type { LocalCounts } from './audit-local.ts';
import type { Kept, RunBook } from './run-book.ts';
import type { RunTools } from './run.ts';

/** Ids of each kind in a line of the log. */
const mostNamed = 50;

/** What a page showed that explains why counts differ. */
export interface Shown {
  /** Records that drifted: missing, stale or only here. */
  readonly drifted: number;
  /** Of them, those that are only here. */
  readonly alone: number;
  /** Records that explain a difference and are no drift: live work's business, or set aside. */
  readonly others: number;
}

/**
 * Judges pages: what they show is the truth, counts only tell where to read. A record is drift when what it shows lies
 * below the frontier, where everything is covered; what is newer is live work's business.
 */
export class Finds<R> {
  readonly #tools: RunTools<R>;
  readonly #book: RunBook<R>;
  readonly #local: LocalCounts<R>;
  readonly #audit: { readonly runId: string; readonly repair: boolean; readonly span: Span };
  readonly #missing = new Set<string>();
  readonly #stale = new Set<string>();
  readonly #onlyLocal = new Set<string>();
  readonly #unmended = new Set<string>();
  /** Missing and stale records, at their times by the API. */
  readonly #found: Times[] = [];

  constructor(
    tools: RunTools<R>,
    book: RunBook<R>,
    local: LocalCounts<R>,
    /** What is compared: all of it is covered, and it ends at the frontier. */
    audit: { readonly runId: string; readonly repair: boolean; readonly span: Span },
  ) {
    this.#tools = tools;
    this.#book = book;
    this.#local = local;
    this.#audit = audit;
  }

  get figures(): Pick<Audited, 'missing' | 'stale' | 'onlyLocal'> {
    return { missing: this.#missing.size, stale: this.#stale.size, onlyLocal: this.#onlyLocal.size };
  }

  /** The first of those found, by their ids, for the log. */
  get named(): Readonly<Partial<Record<'missing' | 'stale' | 'onlyLocal', readonly string[]>>> {
    const found = { missing: this.#missing, stale: this.#stale, onlyLocal: this.#onlyLocal };
    return Object.fromEntries(
      Object.entries(found).flatMap(([what, ids]) => (ids.size === 0 ? [] : [[what, [...ids].slice(0, mostNamed)]])),
    );
  }

  /** Records that are stale still, when the audit ends. */
  get left(): number {
    return this.#audit.repair ? this.#unmended.size : this.#stale.size;
  }

  /** Whether records were found that the span lacked: by creation only missing ones change its count. */
  liesIn(axis: Axis, { from, to }: Span): boolean {
    return this.#found.some((one) => {
      const time = one[axis] ?? from - 1;
      return time >= from && time < to && (axis === 'updated' || this.#missing.has(one.id));
    });
  }

  /** Rows that an answer could not make right. */
  leave(ids: readonly string[]): void {
    for (const id of ids) if (this.#stale.has(id)) this.#unmended.add(id);
  }

  /**
   * Stores a page, if the audit repairs, and counts what had drifted.
   * @param kept `settles`: the records were asked by id, and the time asked decides.
   * @param damaged rows that count as stale because they are not what their own payload says.
   */
  async judge(page: Page<R>, kept: Kept = {}, damaged: ReadonlySet<string> = new Set()): Promise<Shown> {
    const { table } = this.#tools.stream;
    const { span, repair } = this.#audit;
    const shown = page.records.map((record) => ({
      id: table.idOf(record),
      time: table.timeOf(record),
      created: table.createdOf(record),
    }));
    const stored = await this.#local.times([...shown.map(({ id }) => id), ...(page.absent ?? [])]);
    const missing: Times[] = [];
    const stale: Times[] = [];
    let others = page.rejected.length;
    for (const { id, time, created } of shown) {
      // Nothing is stored, so that a page read twice shows it twice: it is assumed to be there once.
      if (!repair && (this.#missing.has(id) || this.#stale.has(id))) continue;
      const row = stored.get(id);
      const isOther = row !== undefined && row.updated !== time;
      if (damaged.has(id)) stale.push({ id, created, updated: time });
      else if (time < span.from || time >= span.to) others += isOther || row === undefined ? 1 : 0;
      else if (row === undefined) missing.push({ id, created, updated: time });
      // One that is stored with a later time is settled by id.
      else if (isOther && ((row.updated ?? 0) < time || kept.settles === true))
        stale.push({ id, created, updated: time });
    }
    const gone = (page.absent ?? []).flatMap((id) => stored.get(id) ?? []);
    if (repair) await this.#book.store(page, kept);
    // Both at once: without repair nobody else judges in between.
    await Promise.all([this.#count(this.#missing, missing), this.#count(this.#stale, stale)]);
    const alone = gone.filter(({ id }) => !this.#onlyLocal.has(id));
    for (const { id } of alone) this.#onlyLocal.add(id);
    this.#local.leaveOut(alone);
    if (!repair)
      this.#local.assume(
        [...missing, ...stale],
        stale.flatMap(({ id }) => stored.get(id) ?? []),
      );
    return { drifted: missing.length + stale.length + alone.length, alone: alone.length, others };
  }

  /** What somebody else has mended in the meantime was not found by this audit. */
  async #count(into: Set<string>, rows: readonly Times[]): Promise<void> {
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return;
    const { store, stream, api } = this.#tools;
    const mine = this.#audit.repair
      ? await store.query(changedBy, stream.table, api.shop.id, this.#audit.runId, ids)
      : ids;
    for (const id of mine) into.add(id);
    const known = new Set(mine);
    this.#found.push(...rows.filter(({ id }) => known.has(id)));
  }
}
