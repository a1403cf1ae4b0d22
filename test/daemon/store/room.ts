import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { sql } from 'kysely';

import { type OrderRecord, orderTable } from '../../../daemon/store/orders.ts';
import type { PageCommit, PageResult } from '../../../daemon/store/page.ts';
import type { NewRun } from '../../../daemon/store/runs.ts';
import { type RunEnd, Store } from '../../../daemon/store/store.ts';
import type { Run } from '../../../shared/run-views.ts';
import { day } from './wire.ts';

export const shop = '7490000000000000001';
export const at = { shop, stream: 'orders' } as const;

type Row = Readonly<Record<string, unknown>>;

/** A real database in a folder of its own, open as the daemon opens it, with a clock that the test moves. */
export class Room implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'shopsync-'));
  readonly path = join(this.folder, 'shopsync.db');
  /** Local time, milliseconds. */
  now = day * 1000;
  #store: Store | undefined;

  /** A new database, or the one that `script` has left there. */
  static async open(script?: string): Promise<Room> {
    const room = new Room();
    if (script !== undefined) new Database(room.path).exec(script).close();
    await room.open();
    return room;
  }

  /** Opens the database, again if it was open. */
  async open(options: { readonly keepPayload?: boolean } = {}): Promise<Store> {
    await this.#store?.close();
    this.#store = undefined;
    this.#store = await Store.open({ path: this.path, keepPayload: true, now: () => this.now, ...options });
    return this.#store;
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error('the database is not open');
    return this.#store;
  }

  /** A stream that was first seen at `liveStart`, and a run of it under way. */
  async begin(run: Partial<NewRun> = {}): Promise<Run> {
    await this.store.ensureState({ ...at, liveStart: day, since: 0, overlap: 300 });
    return this.store.beginRun({ ...at, kind: 'incremental', trigger: 'manual', span: { from: 0, to: day }, ...run });
  }

  page(page: Partial<PageCommit<OrderRecord>>): Promise<PageResult> {
    return this.store.commitPage(orderTable, { ...at, runId: '', ...emptyPage, ...page });
  }

  end(end: Pick<RunEnd, 'runId'> & Partial<RunEnd>): Promise<Run> {
    return this.store.endRun({ ...at, state: 'succeeded', requests: 0, ...end });
  }

  /** One statement, as somebody with `sqlite3` could run it. */
  async sql(text: string): Promise<void> {
    await this.store.change((db) => sql.raw(text).execute(db));
  }

  async rows(query: string): Promise<Row[]> {
    const { rows } = await this.store.query((db) => sql.raw<Row>(query).execute(db));
    return rows.map((row) => ({ ...row }));
  }

  async tables(): Promise<string[]> {
    const rows = await this.rows(`select name from sqlite_master where type = 'table' order by name`);
    return rows.map((row) => String(row['name']));
  }

  /** Every row of every table, in the order of all its columns. */
  async dump(...without: readonly string[]): Promise<Record<string, Row[]>> {
    const dump: Record<string, Row[]> = {};
    for (const table of await this.tables()) {
      if (without.includes(table)) continue;
      const columns = await this.rows(`select name from pragma_table_info('${table}')`);
      dump[table] = await this.rows(`select * from "${table}" order by ${columns.map((_, i) => i + 1).join(', ')}`);
    }
    return dump;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A page of nothing: what a page of any stream has beside its records. */
export const emptyPage = {
  records: [],
  rejected: [],
  asked: 1,
  requests: 1,
  read: null,
  covered: null,
  ledger: null,
  doubtsDue: 0,
  settles: false,
  sentAt: day,
  overlap: 300,
  settle: 60,
  live: false,
  odd: {},
} satisfies Partial<PageCommit<never>>;
