import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';
import { pino } from 'pino';

import type { Span } from '../../../daemon/spans.ts';
import type { OrderRecord } from '../../../daemon/store/orders.ts';
import { lastAsked } from '../../../daemon/store/pending.ts';
import { Store } from '../../../daemon/store/store.ts';
import { orders } from '../../../daemon/streams/orders.ts';
import type { Stream } from '../../../daemon/streams/stream.ts';
import type { Ask } from '../../../daemon/sync/asks.ts';
import { StreamSync } from '../../../daemon/sync/stream-sync.ts';
import type { Run } from '../../../shared/run-views.ts';
import type { Progress } from '../../../shared/views.ts';
import { ModelApi, type ModelApiOptions } from './model-api.ts';
import { ModelShop } from './model-shop.ts';

export const start = 1_790_000_000;
export const policy = { settle: 60, overlap: 300 };

/** Local and server time in one hand, unix seconds; timers fire only when time is moved past them. */
export class Clock {
  /** The server's time; monotonic time goes with it. */
  now = start;
  /** How far the machine's clock is ahead of the server's, seconds: setting it makes that clock jump. */
  ahead = 0;
  #timers: { readonly at: number; readonly work: () => void }[] = [];

  readonly setTimer = (work: () => void, ms: number): (() => void) => {
    const timer = { at: this.now + ms / 1000, work };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** What the machine's clock says. */
  get local(): number {
    return this.now + this.ahead;
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.length;
  }

  /** A process that is killed takes its timers with it. */
  forget(): void {
    this.#timers = [];
  }

  advance(seconds: number): void {
    this.now += seconds;
    const due = this.#timers.filter((timer) => timer.at <= this.now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.now);
    for (const timer of due) timer.work();
  }
}

export interface WorkshopOptions extends Omit<ModelApiOptions, 'shop' | 'now'> {
  readonly since?: number;
  readonly walkers?: number;
  /** Records of a page as the engine knows it; by it windows are split. */
  readonly grain?: number;
  /** A database to begin with, copied. */
  readonly template?: string;
  /** Each store that is opened, before the engine has it. */
  readonly opened?: (store: Store) => void;
  readonly ran?: (run: Run) => void;
  readonly progressed?: (progress: Progress) => void;
  /** Each line of the engine's log, JSON. */
  readonly logged?: (line: string) => void;
  /** The jitter of waits, 0 to 1; by default none. */
  readonly random?: () => number;
  /** What the engine believes the server's time to be, where that differs. */
  readonly serverNow?: () => number;
  /** What it believes of it by the API's word alone; default: the same. */
  readonly apiNow?: () => number;
  /** Where the folder of the database is made, by default where temporary files are. */
  readonly parent?: string;
  /** How young open records are read again by id, seconds; default: 45 days. */
  readonly recheck?: number | null;
  /** What is synced; default: orders. */
  readonly stream?: Stream<OrderRecord>;
}

/** A model shop, a real database file, and the engine's stream between them; it can be killed and started again. */
export class Workshop implements AsyncDisposable {
  readonly clock = new Clock();
  readonly shop = new ModelShop();
  readonly runs: Run[] = [];
  /** What was shown of runs under way, at every step. */
  readonly shown: Progress[] = [];
  readonly #folder: string;
  #options: WorkshopOptions;
  #opened: { readonly store: Store; readonly api: ModelApi; readonly sync: StreamSync<OrderRecord> } | undefined;

  private constructor(options: WorkshopOptions) {
    this.#options = options;
    this.#folder = mkdtempSync(join(options.parent ?? tmpdir(), 'shopsync-'));
  }

  static async open(options: WorkshopOptions = {}): Promise<Workshop> {
    const workshop = new Workshop(options);
    if (options.template !== undefined) copyFileSync(options.template, workshop.path);
    await workshop.restart();
    return workshop;
  }

  get path(): string {
    return join(this.#folder, 'shopsync.db');
  }

  get store(): Store {
    return this.#parts.store;
  }

  get api(): ModelApi {
    return this.#parts.api;
  }

  get sync(): StreamSync<OrderRecord> {
    return this.#parts.sync;
  }

  get #parts() {
    if (this.#opened === undefined) throw new Error('the workshop is closed');
    return this.#opened;
  }

  /** Opens the database as a new daemon would. What an earlier one was doing is gone, as after SIGKILL. */
  async restart(change: { readonly since?: number } = {}): Promise<void> {
    this.#options = { ...this.#options, ...change };
    await this.#opened?.store.close();
    const now = () => Math.floor(this.clock.local * 1000);
    const store = await Store.open({ path: this.path, keepPayload: true, now });
    this.#options.opened?.(store);
    const api = new ModelApi(
      { pageSize: 10, ...this.#options, shop: this.shop, now: () => this.clock.now, local: () => this.clock.local },
      await store.query(lastAsked),
    );
    const isAlive = (): boolean => this.#opened?.store === store;
    const sync: StreamSync<OrderRecord> = new StreamSync({
      stream: this.#stream(),
      api,
      store,
      log: pino(
        { level: this.#options.logged === undefined ? 'silent' : 'info' },
        { write: (line) => this.#options.logged?.(line) },
      ),
      apiNow: this.#options.apiNow ?? this.#options.serverNow ?? (() => this.clock.now),
      serverNow: this.#options.serverNow ?? (() => this.clock.now),
      now,
      monotonic: () => Math.floor(this.clock.now * 1000),
      random: this.#options.random ?? (() => 0.5),
      walkers: () => this.#options.walkers ?? 1,
      policy,
      since: this.#options.since ?? start - 400 * 86_400,
      recheck: this.#options.recheck === undefined ? 45 * 86_400 : this.#options.recheck,
      setTimer: (work, ms) => (isAlive() ? this.clock.setTimer(work, ms) : () => undefined),
      watch: {
        run: (run) => {
          if (!isAlive()) return;
          this.runs.push(run);
          this.#options.ran?.(run);
        },
        progress: () => {
          if (sync.progress === null || !isAlive()) return;
          this.shown.push(sync.progress);
          this.#options.progressed?.(sync.progress);
        },
      },
    });
    this.#opened = { store, api, sync };
    this.clock.forget();
    await store.closeInterrupted();
  }

  /** With a grain, windows are split by it and pages are as long as the API sends them; the ladder halves both. */
  #stream(): Stream<OrderRecord> {
    const { grain, pageSize = 10, stream = orders } = this.#options;
    if (grain === undefined) return stream;
    return {
      ...stream,
      pageSize: grain,
      read: (window, context) => {
        const size = context.pageSize ?? (() => grain);
        return stream.read(window, { ...context, pageSize: () => Math.ceil((size() * pageSize) / grain) });
      },
    };
  }

  /** Runs `sync` to its end. */
  async run(): Promise<Run> {
    return (await this.sync.request({ what: 'sync' }, 'manual')).ended;
  }

  /** A table, whole and in order, for comparing before with after. */
  async dump(table: string): Promise<Record<string, unknown>[]> {
    const rows = sql<Record<string, unknown>>`select * from ${sql.table(table)} order by 1, 2, 3`;
    return this.store.query(async (db) => (await rows.execute(db)).rows);
  }

  coverage(): Promise<Span[]> {
    return this.store.coverage('7490', 'orders');
  }

  async watermark(): Promise<number | null | undefined> {
    return (await this.store.state('7490', 'orders'))?.watermark;
  }

  /** Does what is asked for to its end. */
  async ask(ask: Ask): Promise<Run> {
    return (await this.sync.request(ask, 'manual')).ended;
  }

  /** Re-reads a span to its end. */
  reread(from: number, to: number): Promise<Run> {
    return this.ask({ what: 'span', span: { from, to } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened?.sync.close();
    await this.#opened?.store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What differs between the store and what the shop shows at its present moment: empty when the copy is perfect. */
export async function differences(workshop: Workshop): Promise<string[]> {
  const rows = await workshop.store.query((db) =>
    db.selectFrom('orders').select(['id', 'status', 'update_time', 'payload']).execute(),
  );
  const stored = new Map(rows.map((row) => [row.id, row]));
  const wrong: string[] = [];
  for (const order of workshop.shop.orders.values()) {
    const shown = workshop.shop.shown(order, workshop.clock.now);
    const row = stored.get(order.id);
    stored.delete(order.id);
    if (
      shown === undefined
        ? row === undefined
        : row?.payload?.includes(`"${shown.note}"`) && row.update_time === shown.updateTime
    )
      continue;
    wrong.push(`${order.id}: stored ${row?.update_time} ${row?.status}, shown ${shown?.updateTime} ${shown?.status}`);
  }
  return [...wrong, ...[...stored.keys()].map((id) => `${id}: only stored`)];
}
