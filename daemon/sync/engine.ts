import type { Failure, Run, RunTrigger } from '../../shared/views.ts';
import { AppError } from '../errors.ts';
import type { Log } from '../log.ts';
import { saveShops } from '../store/learned.ts';
import type { ReadContext, Stream } from '../streams/stream.ts';
import type { Account } from '../tiktok/account.ts';
import type { Shop, ShopApi } from '../tiktok/api.ts';
import { Stopped, describe, shuttingDown } from './failures.ts';
import { historySeconds, walkersFor } from './pace.ts';
import { windowEnd } from './plan.ts';
import type { Ask } from './planner.ts';
import { Retries } from './retries.ts';
import { Schedule } from './schedule.ts';
import { type StartedRun, StreamSync, type StreamSyncOptions } from './stream-sync.ts';
import { timeZoneOf } from './time-zones.ts';

/** What the engine needs of an account. */
export type Remote = Pick<Account, 'shops' | 'api'> & {
  readonly serverClock: Pick<Account['serverClock'], 'now' | 'signingNow'>;
};

export interface EngineOptions<R> extends Pick<
  StreamSyncOptions<R>,
  'store' | 'now' | 'monotonic' | 'random' | 'setTimer' | 'watch' | 'since' | 'policy' | 'isPaused'
> {
  readonly account: Remote;
  readonly streams: readonly Stream<R>[];
  readonly log: Log;
  readonly concurrency: number;
  /** Cron pattern of a stream, null for never. */
  readonly pattern: (stream: string) => string | null;
  /** IANA name; undefined: from the shop's region. */
  readonly timeZone: string | undefined;
}

/** One shop's stream with its schedule. */
export interface Unit<R> {
  readonly shop: Shop;
  readonly stream: Stream<R>;
  readonly sync: StreamSync<R>;
  readonly schedule: Schedule;
}

export interface Selection {
  readonly streams?: readonly string[] | undefined;
  readonly shop?: string | undefined;
}

export interface Estimate {
  readonly requests: number;
  readonly seconds: number;
  readonly orders: number;
}

const dayMs = 24 * 3600 * 1000;

/** Every shop and stream of one account: learns which there are, runs what is missing, keeps to the schedule. */
export class Engine<R> {
  readonly #options: EngineOptions<R>;
  readonly #units = new Map<string, Unit<R>>();
  /** Units that have begun what was missing when they were opened. */
  readonly #begun = new Set<Unit<R>>();
  readonly #lifetime = new AbortController();
  readonly #retries: Retries;
  #discovering: Promise<void> | undefined;
  #problem: Failure | null = null;
  #cancelDaily: () => void = () => undefined;

  constructor(options: EngineOptions<R>) {
    this.#options = options;
    this.#retries = new Retries(options);
  }

  get units(): readonly Unit<R>[] {
    return [...this.#units.values()];
  }

  /** Why the shops are not known, or null. */
  get problem(): Failure | null {
    return this.#problem;
  }

  /** Asks which shops there are and starts what is missing. Failures are retried by themselves and shown. */
  async start(): Promise<void> {
    const { store, log } = this.#options;
    // Each run closes what was left of its kind as well, so that nothing stays `running` when this is refused.
    await store.closeInterrupted().catch((error: unknown) => log.error({ err: error }, 'old runs could not be closed'));
    await this.#discover().catch(() => undefined);
  }

  /**
   * Starts or joins runs, one for each stream of each shop selected.
   * @throws AppError `unknown_shop`, `unknown_stream`, `shutting_down`, or why the shops could not be read.
   */
  async request(
    ask: Ask,
    selection: Selection,
    trigger: RunTrigger,
  ): Promise<{ readonly runs: StartedRun[]; readonly ended: Promise<Run[]> }> {
    const units = await this.select(selection);
    const requests = await Promise.all(units.map((unit) => unit.sync.request(ask, trigger)));
    return {
      runs: requests.map((request) => request.started),
      ended: Promise.all(requests.map((request) => request.ended)),
    };
  }

  async select({ streams, shop }: Selection): Promise<readonly Unit<R>[]> {
    this.#lifetime.signal.throwIfAborted();
    if (this.#units.size === 0) await this.#discover();
    const names = this.#options.streams.map((stream) => stream.name);
    const unknown = streams?.find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new AppError('usage', 'unknown_stream', `there is no stream ${unknown}`, {
        hint: `one of: ${names.join(', ')}`,
      });
    const shops = [...new Set(this.units.map((unit) => unit.shop.id))];
    if (shop !== undefined && !shops.includes(shop))
      throw new AppError('usage', 'unknown_shop', `there is no shop ${shop}`, { hint: `one of: ${shops.join(', ')}` });
    return this.units.filter(
      (unit) =>
        (shop === undefined || unit.shop.id === shop) && (streams === undefined || streams.includes(unit.stream.name)),
    );
  }

  /** What a full resync would cost at the present rate and daily quota; one request for each stream of each shop. */
  async estimate(selection: Selection, since: number | undefined): Promise<Estimate> {
    const sums = { requests: 0, seconds: 0, orders: 0 };
    for (const { stream, shop } of await this.select(selection)) {
      const api = this.#options.account.api(shop);
      const window = { from: since ?? this.#options.since, to: windowEnd(this.#serverNow()) };
      const orders = await stream.count(window, this.#aside(api));
      const requests = Math.ceil(orders / stream.pageSize) + 1;
      sums.orders += orders;
      sums.requests += requests;
      sums.seconds = Math.max(sums.seconds, historySeconds(requests, api.pace(stream.path)));
    }
    return { ...sums, seconds: Math.ceil(sums.seconds) };
  }

  /**
   * Asks a stream's shops for one record by its id, storing nothing; one request a shop.
   * @returns the shop that has it and its place on the axis, unix seconds; null when the record cannot be read.
   */
  async find(
    stream: string,
    id: string,
    shop: string | undefined,
  ): Promise<{ readonly shop: string; readonly time: number | null } | undefined> {
    for (const unit of await this.select({ streams: [stream], shop })) {
      const api = this.#options.account.api(unit.shop);
      for await (const page of unit.stream.readIds([id], this.#aside(api))) {
        const [record] = page.records;
        if (record !== undefined) return { shop: unit.shop.id, time: unit.stream.table.timeOf(record) };
        if (page.rejected.length > 0) return { shop: unit.shop.id, time: null };
      }
    }
    return undefined;
  }

  /** For a question beside any run. */
  #aside(api: ShopApi): ReadContext {
    return { api, priority: 'live', signal: this.#lifetime.signal, proof: {}, odd: () => undefined };
  }

  /** At the end of a pause: what fell due meanwhile starts, once. */
  catchUp(): void {
    for (const unit of this.units) unit.sync.catchUp();
    void this.#beginRest().catch(() => undefined);
  }

  /** Those that have not begun since the daemon started do so with the shops, as at its start. */
  async #beginRest(): Promise<void> {
    // One under way may have met the pause.
    await this.#discovering?.catch(() => undefined);
    if (this.units.some((unit) => !this.#begun.has(unit))) await this.#discover();
  }

  /** @throws AppError `unknown_run` when no such run is under way. */
  async cancel(runId: string | undefined): Promise<Run[]> {
    const ended = await Promise.all(this.units.map((unit) => unit.sync.stop(new Stopped('cancelled'), runId)));
    const runs = ended.flat();
    if (runId !== undefined && runs.length === 0)
      throw new AppError('usage', 'unknown_run', `no run ${runId} is under way`, {
        hint: '`shopsync status` shows the runs under way',
      });
    return runs;
  }

  /** Runs under way stop at the edge of a page and are closed as interrupted. */
  async close(): Promise<void> {
    this.#lifetime.abort(shuttingDown());
    this.#retries.close();
    this.#cancelDaily();
    for (const unit of this.units) unit.schedule.stop();
    await Promise.all(this.units.map((unit) => unit.sync.close()));
    await this.#discovering?.catch(() => undefined);
  }

  #serverNow(): number {
    return this.#options.account.serverClock.now();
  }

  /** One reading of the shops at a time; whoever needs them waits for the same one. */
  #discover(): Promise<void> {
    this.#discovering ??= this.#readShops().finally(() => {
      this.#discovering = undefined;
    });
    return this.#discovering;
  }

  async #readShops(): Promise<void> {
    const { account, store, log, now, setTimer, streams } = this.#options;
    const { signal } = this.#lifetime;
    const again = (): void => void this.#discover().catch(() => undefined);
    try {
      const shops = await account.shops(signal);
      await store.change(saveShops, shops, now());
      signal.throwIfAborted();
      // One that cannot begin keeps no other from it (rule 9); it is tried again with the shops.
      const opening = shops.flatMap((shop) => streams.map((stream) => this.#open(shop, stream)));
      const refused = (await Promise.allSettled(opening)).find((one) => one.status === 'rejected');
      if (refused !== undefined) throw refused.reason;
      signal.throwIfAborted();
      this.#problem = null;
      this.#retries.recovered('full');
      this.#cancelDaily();
      this.#cancelDaily = setTimer(again, dayMs);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#problem = describe(error, 'full', now(), this.#retries.plan('full', error, again), this.#problem);
      log.error({ err: error, failure: this.#problem }, `the shops cannot be followed: ${this.#problem.message}`);
      throw error;
    }
  }

  async #open(shop: Shop, stream: Stream<R>): Promise<void> {
    const key = `${shop.id}/${stream.name}`;
    const unit = this.#units.get(key) ?? this.#newUnit(shop, stream);
    this.#units.set(key, unit);
    if (this.#begun.has(unit) || this.#options.isPaused?.() === true) return;
    await unit.sync.resume();
    this.#begun.add(unit);
  }

  #newUnit(shop: Shop, stream: Stream<R>): Unit<R> {
    const { account, log, concurrency, pattern, timeZone } = this.#options;
    const api = account.api(shop);
    const sync = new StreamSync({
      ...this.#options,
      stream,
      api,
      log: log.child({ shop: shop.id, stream: stream.name }),
      serverNow: () => this.#serverNow(),
      apiNow: () => account.serverClock.signingNow(),
      walkers: () => {
        const pace = api.pace(stream.path);
        return walkersFor(pace.requestsPerSecond, pace.latencyMs ?? 0, concurrency);
      },
    });
    const schedule = new Schedule({
      pattern: pattern(stream.name),
      timeZone: timeZone ?? timeZoneOf(shop.region),
      tick: () => sync.tick(),
      onError: (error) =>
        log.error({ err: error, shop: shop.id, stream: stream.name }, 'a tick of the schedule failed'),
    });
    return { shop, stream, sync, schedule };
  }
}
