import type { Failure, Run, RunTrigger } from '../../shared/run-views.ts';
import type { Estimate } from '../../shared/views.ts';
import { AppError } from '../errors.ts';
import type { Log } from '../log.ts';
import { assertStreams, shopNamed } from '../names.ts';
import { Alarms } from '../schedule/alarms.ts';
import { type ScheduleRules, type ScheduleSource, byHand } from '../schedule/rules.ts';
import type { Stream } from '../streams/stream.ts';
import type { Account } from '../tiktok/account.ts';
import type { Shop } from '../tiktok/api.ts';
import { ableTo } from './able.ts';
import type { StartedRun } from './active-runs.ts';
import type { Ask } from './asks.ts';
import { Discovery } from './discovery.ts';
import { Stopped, shuttingDown } from './failures.ts';
import { windowEnd } from './plan.ts';
import { Questions } from './questions.ts';
import type { ShopListOptions } from './shop-list.ts';
import type { StreamSyncOptions } from './stream-sync-options.ts';
import { type ShopTime, type Unit, openUnit, timeOf } from './unit.ts';

/** What the engine needs of an account. */
export type Remote = Pick<Account, 'shops' | 'api'> & {
  readonly serverClock: Pick<Account['serverClock'], 'now' | 'signingNow'>;
};

export interface EngineOptions<R>
  extends
    Pick<ShopListOptions, 'isWanted'>,
    Pick<
      StreamSyncOptions<R>,
      'store' | 'now' | 'monotonic' | 'random' | 'setTimer' | 'watch' | 'since' | 'policy' | 'recheck' | 'isPaused'
    > {
  readonly account: Remote;
  readonly streams: readonly Stream<R>[];
  readonly log: Log;
  readonly concurrency: number;
  /** When what starts by itself; left out: nothing does. */
  readonly schedule?: ScheduleSource | undefined;
  /** The daily quota, null or left out without one. */
  readonly requestsPerDay?: number | null | undefined;
}

export interface Selection {
  readonly streams?: readonly string[] | undefined;
  readonly shop?: string | undefined;
}

const keyOf = (shop: string, stream: string): string => `${shop}/${stream}`;

/** Every shop and stream of one account: learns which there are, runs what is missing, keeps to the schedule. */
export class Engine<R> {
  readonly #options: EngineOptions<R>;
  readonly #units = new Map<string, Unit<R>>();
  /** Units that have begun what was missing when they were opened. */
  readonly #begun = new Set<Unit<R>>();
  readonly #lifetime = new AbortController();
  readonly #questions: Questions;
  readonly #discovery: Discovery;
  readonly #alarms: Alarms;
  readonly #source: ScheduleSource;
  /** By shop. */
  readonly #times = new Map<string, ShopTime>();

  constructor(options: EngineOptions<R>) {
    this.#options = options;
    const { streams, log, account } = options;
    const { signal } = this.#lifetime;
    this.#questions = new Questions(options, signal);
    const open = (shop: Shop) => streams.map((stream) => this.#open(shop, stream));
    this.#discovery = new Discovery({ ...options, account, open, signal });
    const onError = (error: unknown): void => log.error({ err: error }, 'a part of the schedule failed');
    this.#alarms = new Alarms({ ...options, onError });
    this.#source = options.schedule ?? { rules: byHand };
  }

  get units(): readonly Unit<R>[] {
    return [...this.#units.values()];
  }

  /** Those that are synced, whether or not their shops are known yet. */
  get streams(): readonly Omit<Stream<R>, 'read' | 'readIds' | 'count'>[] {
    return this.#options.streams;
  }

  /** Where everything begins, unix seconds. */
  get since(): number {
    return this.#options.since;
  }

  get streamNames(): readonly string[] {
    return this.#options.streams.map((stream) => stream.name);
  }

  /** Why the shops are not known, or null. */
  get problem(): Failure | null {
    return this.#discovery.problem;
  }

  /** The schedule in force. */
  get rules(): ScheduleRules {
    return this.#source.rules;
  }

  /** Why a stream has not begun, or null: what stands in the way of one shop is no trouble of the others. */
  problemOf(shop: string, stream: string): Failure | null {
    const unit = this.#units.get(keyOf(shop, stream));
    if (unit !== undefined && this.#begun.has(unit)) return null;
    return this.#discovery.problem ?? this.#discovery.gone(shop);
  }

  /** Asks which shops there are and starts what is missing. Failures are retried by themselves and shown. */
  async start(): Promise<void> {
    const { store, log } = this.#options;
    // Each run closes what was left of its kind as well, so that nothing stays `running` when this is refused.
    await store.closeInterrupted().catch((error: unknown) => log.error({ err: error }, 'old runs could not be closed'));
    await this.#discovery.run().catch(() => undefined);
  }

  /**
   * Starts or joins runs, one for each stream of each shop selected, of those that can do what is asked for.
   * @throws AppError `unknown_shop`, `unknown_stream`, `invalid_params` as ableTo, `shutting_down`, or why the shops could
   * not be read.
   */
  async request(
    ask: Ask,
    selection: Selection,
    trigger: RunTrigger,
  ): Promise<{ readonly runs: StartedRun[]; readonly ended: Promise<Run[]> }> {
    const units = await this.select({ ...selection, streams: ableTo(ask, this.streams, selection.streams) });
    // Nothing starts where something else stands in the way of a part of it.
    for (const unit of units) unit.sync.assertFree(ask);
    const requests = await Promise.all(units.map((unit) => unit.sync.request(ask, trigger)));
    return {
      runs: requests.map((request) => request.started),
      ended: Promise.all(requests.map((request) => request.ended)),
    };
  }

  async select({ streams, shop }: Selection): Promise<readonly Unit<R>[]> {
    this.#lifetime.signal.throwIfAborted();
    if (streams !== undefined) assertStreams(streams, this.streamNames);
    if (this.#units.size === 0)
      await this.#discovery.run().catch((error: unknown) => {
        // That one shop is missing is no reason to leave the others out.
        if (this.#units.size === 0) throw error;
      });
    const shops = new Map(this.units.map((unit) => [unit.shop.id, unit.shop]));
    const id = shop === undefined ? undefined : shopNamed(shop, [...shops.values()]);
    return this.units.filter(
      (unit) =>
        (id === undefined || unit.shop.id === id) && (streams === undefined || streams.includes(unit.stream.name)),
    );
  }

  /**
   * What a full resync would cost at the present rates and daily quotas, and which it would go on from.
   * @param since unix seconds.
   */
  async estimate(
    selection: Selection,
    {
      since = this.#options.since,
      anew = false,
    }: { readonly since?: number | undefined; readonly anew?: boolean } = {},
  ): Promise<Estimate> {
    const units = await this.select(selection);
    return this.#questions.estimate(units, { from: since, to: windowEnd(this.#serverNow()) }, anew);
  }

  /** Asks a stream's shops for one record by its id, storing nothing; see Questions.find. */
  async find(stream: string, id: string, shop: string | undefined): ReturnType<Questions['find']> {
    return this.#questions.find(await this.select({ streams: [stream], shop }), id);
  }

  /** At the end of a pause: what fell due meanwhile starts, once. */
  catchUp(): void {
    for (const unit of this.units) unit.sync.catchUp();
    for (const { night } of this.#times.values()) night.check();
    void this.#beginRest().catch(() => undefined);
  }

  /** The rules of the schedule have changed: every next run is chosen anew. */
  rescheduled(): void {
    for (const unit of this.units) unit.schedule.rescheduled();
    for (const { night } of this.#times.values()) night.rescheduled();
  }

  /** After a new consent: the shops are read again, and whatever waited for one is tried now. What fails is shown. */
  async authorized(): Promise<void> {
    // One under way may still fail by what was refused before.
    await this.#discovery.settled();
    await this.#discovery.run().catch(() => undefined);
    for (const unit of this.units) unit.sync.authorized();
  }

  /** Those that have not begun since the daemon started do so with the shops, as at its start. */
  async #beginRest(): Promise<void> {
    // One under way may have met the pause.
    await this.#discovery.settled();
    if (this.units.some((unit) => !this.#begun.has(unit))) await this.#discovery.run();
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
    this.#discovery.close();
    this.#alarms.close();
    await Promise.all(this.units.map((unit) => unit.sync.close()));
    await this.#discovery.settled();
  }

  #serverNow(): number {
    return this.#options.account.serverClock.now();
  }

  async #open(shop: Shop, stream: Stream<R>): Promise<void> {
    const key = keyOf(shop.id, stream.name);
    const unit = this.#units.get(key) ?? openUnit(shop, stream, this.#timeOf(shop), this.#options);
    this.#units.set(key, unit);
    if (this.#begun.has(unit) || this.#options.isPaused?.() === true) return;
    await unit.sync.resume();
    this.#begun.add(unit);
    void unit.night.start(stream.name);
  }

  #timeOf(shop: Shop): ShopTime {
    const time = this.#times.get(shop.id) ?? timeOf(shop, this.#alarms, this.#source, this.#options);
    this.#times.set(shop.id, time);
    return time;
  }
}
