import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Logger, pino } from 'pino';

import { type ScheduleRules, type ScheduleSource, byHand } from '../../../daemon/schedule/rules.ts';
import type { OrderRecord } from '../../../daemon/store/orders.ts';
import { lastAsked } from '../../../daemon/store/pending.ts';
import { Store } from '../../../daemon/store/store.ts';
import { orders } from '../../../daemon/streams/orders.ts';
import { Engine, type EngineOptions } from '../../../daemon/sync/engine.ts';
import type { Shop } from '../../../daemon/tiktok/api.ts';
import type { Run } from '../../../shared/run-views.ts';
import { ModelApi } from './model-api.ts';
import { ModelShop } from './model-shop.ts';
import { Clock, policy, start } from './workshop.ts';

class PacedModelApi extends ModelApi {
  pace(): { requestsPerSecond: number; latencyMs: number | undefined } {
    return { requestsPerSecond: 5, latencyMs: 200 };
  }
}

interface Opened {
  readonly store: Store;
  readonly engine: Engine<OrderRecord>;
  readonly apis: ReadonlyMap<string, PacedModelApi>;
}

/** An account of several model shops, a real database file, and the engine between them. */
export class EngineWorld implements AsyncDisposable {
  readonly clock = new Clock();
  readonly models = new Map<string, ModelShop>();
  readonly runs: Run[] = [];
  readonly logged: string[] = [];
  /** Stands in the way of reading the shops: throws, or waits. */
  gate: () => Promise<void> | void = () => undefined;
  shopsRead = 0;
  /** Who watches beside `runs`, as a daemon's publisher would. */
  watching: EngineOptions<OrderRecord>['watch'] = { run: () => undefined, progress: () => undefined };
  /** What holds runs back that would start by themselves. */
  pause: { readonly since: string | null } = { since: null };
  /** Cron pattern of every stream. */
  pattern: string | null = null;
  /** What else stands in the schedule, in UTC: by default nothing more. */
  rules: Partial<ScheduleRules> = {};
  /** Where it comes from, if not from there. */
  source: ScheduleSource | undefined;
  /** As in EngineOptions, from the next restart on. */
  recheck: number | null = null;
  requestsPerDay: number | null = null;
  readonly #folder = mkdtempSync(join(tmpdir(), 'shopsync-'));
  #opened: Opened | undefined;

  static async open(shops: readonly string[]): Promise<EngineWorld> {
    const world = new EngineWorld();
    for (const id of shops) world.models.set(id, new ModelShop());
    await world.restart();
    return world;
  }

  /** The schedule of the engine. */
  get #schedule(): ScheduleSource {
    const rules = (): ScheduleRules => {
      const { pattern } = this;
      const usual = { ...byHand, orders: pattern, products: pattern, timeZone: 'UTC' };
      return this.source?.rules ?? { ...usual, ...this.rules };
    };
    return {
      get rules() {
        return rules();
      },
      changedAt: (rule) => this.source?.changedAt?.(rule),
    };
  }

  get store(): Store {
    return this.#parts.store;
  }

  get engine(): Engine<OrderRecord> {
    return this.#parts.engine;
  }

  api(shop: string): PacedModelApi {
    const api = this.#parts.apis.get(shop);
    if (api === undefined) throw new Error(`no shop ${shop}`);
    return api;
  }

  model(shop: string): ModelShop {
    const model = this.models.get(shop);
    if (model === undefined) throw new Error(`no shop ${shop}`);
    return model;
  }

  /** The remote as the status sees it. */
  get remote() {
    return this.#remote(this.#parts.apis);
  }

  #remote(apis: Opened['apis']) {
    return {
      shops: async (signal: AbortSignal): Promise<Shop[]> => {
        this.shopsRead += 1;
        await this.gate();
        signal.throwIfAborted();
        return [...apis.values()].map((api) => api.shop);
      },
      api: (shop: Shop) => {
        const api = apis.get(shop.id);
        if (api === undefined) throw new Error(`no shop ${shop.id}`);
        return api;
      },
      budget: () => ({
        requestsPerSecond: 5,
        ceiling: 10,
        usedToday: 7,
        throttledUntil: null,
        tokenExpiresAt: null,
      }),
      serverClock: {
        now: () => Math.min(this.clock.now, this.clock.local),
        signingNow: () => this.clock.now,
        aheadSeconds: () => this.clock.ahead,
      },
    };
  }

  /** A new daemon on the same database. What an earlier one was doing is gone, as after SIGKILL, unless it was closed. */
  async restart(): Promise<void> {
    await this.#opened?.store.close();
    const now = () => Math.floor(this.clock.local * 1000);
    const store = await Store.open({ path: join(this.#folder, 'shopsync.db'), keepPayload: true, now });
    const asked = await store.query(lastAsked);
    const apis = new Map(
      [...this.models].map(([id, shop]) => [
        id,
        new PacedModelApi({ shop, id, pageSize: 10, now: () => this.clock.now, local: () => this.clock.local }, asked),
      ]),
    );
    const engine = new Engine({
      account: this.#remote(apis),
      store,
      streams: [orders],
      policy,
      now,
      monotonic: () => Math.floor(this.clock.now * 1000),
      random: () => 0.5,
      since: start - 400 * 86_400,
      concurrency: 8,
      schedule: this.#schedule,
      requestsPerDay: this.requestsPerDay,
      recheck: this.recheck,
      isPaused: () => this.pause.since !== null,
      setTimer: this.clock.setTimer,
      log: this.#log(),
      watch: {
        run: (run) => {
          this.runs.push(run);
          this.watching.run(run);
        },
        progress: (shop, stream) => this.watching.progress(shop, stream),
      },
    });
    this.#opened = { store, apis, engine };
  }

  /** Waits until no run is under way. @returns the newest run of a shop. */
  async settled(shop: string): Promise<Run> {
    for (;;) {
      const unit = this.engine.units.find((one) => one.shop.id === shop);
      const [active] = unit?.sync.activeRuns ?? [];
      if (active === undefined) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [newest] = await this.store.history({ shop, limit: 1 });
    if (newest === undefined) throw new Error(`no run of ${shop}`);
    return newest;
  }

  async watermark(shop: string): Promise<number | null | undefined> {
    return (await this.store.state(shop, 'orders'))?.watermark;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.gate = () => undefined;
    await this.#opened?.engine.close();
    await this.#opened?.store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #parts(): Opened {
    if (this.#opened === undefined) throw new Error('the world is closed');
    return this.#opened;
  }

  #log(): Logger {
    return pino({ level: 'info' }, { write: (line) => this.logged.push(line) });
  }
}
