import { statSync } from 'node:fs';

import type { MikroORM } from '@mikro-orm/sqlite';
import { sql } from 'kysely';

import { type Audited, type Failure, type Run, type RunState, heavyKinds, nightKinds } from '../../shared/run-views.ts';
import { type Span, gaps } from '../spans.ts';
import { spareCheckpoints } from './checkpoints.ts';
import type { Db } from './database.ts';
import { type FileId, assertInPlace, fileIdOf } from './file-id.ts';
import { openDatabase, storeError } from './open.ts';
import { type PageCommit, type PageResult, type RecordTable, commitPage } from './page.ts';
import { type ReachedRung, leaveRungs, reachRung } from './rungs.ts';
import * as runs from './runs.ts';
import type { KnownShapes } from './shapes.ts';
import * as state from './state.ts';
import { countOdd } from './watch.ts';

export interface StoreOptions {
  readonly path: string;
  readonly keepPayload: boolean;
  /** Local time in milliseconds. */
  readonly now: () => number;
  /** Another thread writes the write-ahead log into the database, see checkpoints.ts. */
  readonly checkpointsElsewhere?: boolean | undefined;
}

/** How a run ended. Requests are those since its last commit. */
export interface RunEnd {
  readonly runId: string;
  readonly shop: string;
  readonly stream: string;
  readonly state: Exclude<RunState, 'running'>;
  readonly requests: number;
  readonly localOnly?: number | undefined;
  readonly error?: Failure | undefined;
  /** What the reader found odd since the last page, by name. */
  readonly odd?: Readonly<Record<string, number>> | undefined;
  readonly audit?: Audited | undefined;
  /** What a whole full or incremental run proves, unix seconds: fresh to `watermark`, covered up to `strip`. */
  readonly proves?: { readonly watermark: number; readonly strip: number; readonly full: boolean } | undefined;
}

/**
 * Whether the stream is shown as failing. Who asked for an audit by hand was told, and nothing tries it again; and what
 * is for the night does not stand before the failure of what is new.
 */
const isToldOf = (failure: Failure, { trigger }: Run, before: state.StreamState | undefined): boolean => {
  if (!nightKinds.has(failure.kind)) return true;
  const shown = before?.lastError ?? null;
  return trigger !== 'manual' && (shown === null || nightKinds.has(shown.kind));
};

/** Whether a failure is over with a run: one of its own kind, a full one, or, where it was no heavy work, what is new. */
const isMended = (failure: Failure, { kind, state: end }: Run): boolean =>
  end === 'succeeded' &&
  (kind === failure.kind || kind === 'full' || (kind === 'incremental' && !heavyKinds.has(failure.kind)));

/**
 * Changes nothing, but waits for the lock: a transaction that began by reading could not go on to write once another
 * program has written in between, however long it would wait.
 */
const takeWriteLock = sql`delete from coverage where false`;

/** The only room that knows SQL. Every write is one transaction; a failure rolls back and is told as AppError `store`. */
export class Store {
  readonly path: string;
  readonly takenOver: readonly string[];
  /** Undefined where the store has no file. */
  readonly file: FileId | undefined;
  readonly #orm: MikroORM;
  readonly #options: StoreOptions;
  readonly #shapes: KnownShapes = new Map();
  #held: Promise<void> = Promise.resolve();

  private constructor(orm: MikroORM, options: StoreOptions, takenOver: readonly string[]) {
    this.#orm = orm;
    this.#options = options;
    this.path = options.path;
    this.takenOver = takenOver;
    this.file = fileIdOf(options.path);
  }

  /** @throws AppError `store`, see openDatabase. */
  static async open(options: StoreOptions): Promise<Store> {
    const pragmas = options.checkpointsElsewhere === true ? [spareCheckpoints] : [];
    const { orm, takenOver } = await openDatabase(options.path, pragmas);
    return new Store(orm, options, takenOver);
  }

  async close(): Promise<void> {
    await this.#orm.close(true);
  }

  /** @throws AppError `store` when the file that is open is no longer where it was. */
  assertInPlace(): void {
    assertInPlace(this.path, this.file);
  }

  /** No transaction begins until the function returned is called; who wants to write waits. */
  holdWrites(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return resolve;
  }

  /** Size of the database and its write-ahead log, in bytes. */
  bytes(): number {
    return ['', '-wal'].reduce(
      (sum, suffix) => sum + (statSync(`${this.path}${suffix}`, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  async closeInterrupted(): Promise<readonly string[]> {
    return this.#write('closing interrupted runs', (db) => runs.closeInterrupted(db, this.#options.now()));
  }

  async beginRun(run: runs.NewRun): Promise<Run> {
    return this.#write('beginning a run', async (db) => {
      const now = this.#options.now();
      if (run.fallback !== undefined)
        await reachRung(db, run.shop, run.stream, { rung: 'full', reason: run.fallback }, now);
      return runs.beginRun(db, run, now);
    });
  }

  async commitPage<R>(table: RecordTable<R>, page: PageCommit<R>): Promise<PageResult> {
    return this.#write('storing a page', (db) =>
      commitPage(db, table, page, {
        now: this.#options.now(),
        keepPayload: this.#options.keepPayload,
        shapes: this.#shapes,
      }),
    );
  }

  /**
   * Closes a run. In the same transaction a whole run moves the watermark, never back and never past a gap above the
   * live start, and writes `sync_metadata` once nothing but the strip is missing (rule 7).
   */
  async endRun(end: RunEnd): Promise<Run> {
    return this.#write('ending a run', async (db) => {
      const now = this.#options.now();
      await runs.closeRun(db, end.runId, end, now);
      const { shop, stream, runId, proves } = end;
      await countOdd(db, { shop, stream, now }, end.odd ?? {});
      const run = await runs.findRun(db, runId);
      if (run === undefined) throw new Error(`run ${runId} is not in sync_runs`);
      if (end.error !== undefined && isToldOf(end.error, run, await state.findState(db, shop, stream)))
        await state.updateState(db, shop, stream, { lastError: end.error });
      const before = await state.findState(db, shop, stream);
      if (end.audit !== undefined) {
        const lastAudit = { ...end.audit, runId, at: new Date(now).toISOString() };
        await state.updateState(db, shop, stream, { lastAudit });
      }
      if (before?.lastError && isMended(before.lastError, run))
        await state.updateState(db, shop, stream, { lastError: null });
      if (proves !== undefined && before !== undefined) {
        const watermark = await state.moveWatermark(db, before, proves);
        // An earlier run may have proved more than this one could: the row speaks of the watermark in force.
        const strip = Math.max(proves.strip, (watermark ?? 0) - (proves.watermark - proves.strip));
        const missing = gaps({ from: before.since, to: strip }, await state.coverageOf(db, shop, stream));
        if (watermark !== null && missing.length === 0) {
          await state.writeMetadata(db, { shop, stream, watermark, runId, full: proves.full }, now);
          await leaveRungs(db, shop, stream, proves.full, now);
        }
      }
      return run;
    });
  }

  async ensureState(
    first: Pick<state.StreamState, 'shop' | 'stream' | 'liveStart' | 'since' | 'overlap'>,
  ): Promise<state.StreamState> {
    return this.#write('opening a stream', async (db) => {
      const known = await state.findState(db, first.shop, first.stream);
      if (known === undefined) await state.insertState(db, first);
      else if (known.since !== first.since)
        await state.updateState(db, first.shop, first.stream, { since: first.since });
      const now = await state.findState(db, first.shop, first.stream);
      if (now === undefined) throw new Error(`stream_state of ${first.shop} ${first.stream} is gone`);
      return now;
    });
  }

  /** Notes that everything new has been read, while a full run goes on with history. */
  async moveWatermark(shop: string, stream: string, proves: NonNullable<RunEnd['proves']>): Promise<void> {
    await this.#write('moving the watermark', async (db) => {
      const before = await state.findState(db, shop, stream);
      if (before !== undefined) await state.moveWatermark(db, before, proves);
    });
  }

  /** See `rewind` in state.ts; the rung that it is goes with it. */
  async rewind(shop: string, stream: string, to: number, step: Pick<ReachedRung, 'rung' | 'reason'>): Promise<void> {
    await this.#write('taking the watermark back', async (db) => {
      await state.rewind(db, shop, stream, to);
      await reachRung(db, shop, stream, step, this.#options.now());
    });
  }

  state(shop: string, stream: string): Promise<state.StreamState | undefined> {
    return this.#read((db) => state.findState(db, shop, stream));
  }

  coverage(shop: string, stream: string): Promise<Span[]> {
    return this.#read((db) => state.coverageOf(db, shop, stream));
  }

  metadata(shop: string, stream: string): Promise<state.Metadata | undefined> {
    return this.#read((db) => state.findMetadata(db, shop, stream));
  }

  run(runId: string): Promise<Run | undefined> {
    return this.#read((db) => runs.findRun(db, runId));
  }

  history(filter: runs.HistoryFilter): Promise<Run[]> {
    return this.#read((db) => runs.listRuns(db, filter));
  }

  lastFullRun(shop: string, stream: string): ReturnType<typeof runs.lastFullRun> {
    return this.#read((db) => runs.lastFullRun(db, shop, stream));
  }

  ledger(ledger: string): Promise<Span[]> {
    return this.#read((db) => runs.ledgerSpans(db, ledger));
  }

  ledgerSeen(ledger: string): Promise<number> {
    return this.#read((db) => runs.ledgerSeen(db, ledger));
  }

  /** Reads through the queries of one file: `store.query(queries.listOrders, params)`. */
  query<A extends readonly unknown[], T>(question: (db: Db, ...args: A) => Promise<T>, ...args: A): Promise<T> {
    return this.#read((db) => question(db, ...args));
  }

  /** Writes that belong to no run: shops seen, levels learned. */
  change<A extends readonly unknown[], T>(work: (db: Db, ...args: A) => Promise<T>, ...args: A): Promise<T> {
    return this.#write('noting what was learned', (db) => work(db, ...args));
  }

  async #read<T>(work: (db: Db) => Promise<T>): Promise<T> {
    try {
      return await work(this.#orm.em.fork().getKysely());
    } catch (error) {
      throw storeError('cannot read the database', error);
    }
  }

  async #write<T>(what: string, work: (db: Db) => Promise<T>): Promise<T> {
    await this.#held;
    try {
      return await this.#orm.em.fork().transactional(async (em) => {
        const db: Db = em.getKysely();
        await takeWriteLock.execute(db);
        return work(db);
      });
    } catch (error) {
      throw storeError(what, error);
    }
  }
}
