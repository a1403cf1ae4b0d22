import type { Failure, Run, RunKind, RunTrigger } from '../../shared/run-views.ts';
import type { LadderStep, Progress } from '../../shared/views.ts';
import { ActiveRuns, type Entry, type Requested } from './active-runs.ts';
import { type Ask, type HeavyAsk, again as tryAgain, isNightWork, kindOf } from './asks.ts';
import { UnreadSeconds } from './climb.ts';
import { Decisions } from './decisions.ts';
import { Stopped, describe, shuttingDown } from './failures.ts';
import { Ladder } from './ladder.ts';
import { type Draft, Planner } from './planner.ts';
import { refreshed } from './refresh.ts';
import { Retries } from './retries.ts';
import { endRun } from './run-end.ts';
import type { Outcome, Work } from './run.ts';
import { assertServes, isBusy } from './serves.ts';
import { settle } from './settled.ts';
import type { StreamSyncOptions } from './stream-sync-options.ts';
import type { Unfinished } from './unfinished.ts';
import { workOf } from './work.ts';

/** One shop's stream: keeps one run of a kind (rule 8), closes each with its numbers, and tries again after failures. */
export class StreamSync<R> {
  readonly #options: StreamSyncOptions<R>;
  readonly #active = new ActiveRuns();
  readonly #decisions = new Decisions<Requested>();
  readonly #retries: Retries;
  readonly #planner: Planner;
  readonly #ladder: Ladder;
  #untold: Failure | null = null;
  /** Who asked for what is newer than the window of the run they joined: one more run follows it. */
  #late: RunTrigger | undefined;
  /** What fell due during a pause. */
  #held: Ask | undefined;
  #closed = false;

  constructor(options: StreamSyncOptions<R>) {
    this.#options = options;
    this.#retries = new Retries(options);
    this.#ladder = new Ladder(options.stream.pageSize, options.now);
    this.#planner = new Planner(options.api.shop.id, options.stream.name, options);
  }

  get shop(): string {
    return this.#options.api.shop.id;
  }

  get stream(): string {
    return this.#options.stream.name;
  }

  /** Local milliseconds at which a failed run is tried again, or null. */
  get retryAt(): number | null {
    return this.#retries.at;
  }

  /** The same of a run for what is new. */
  get liveRetryAt(): number | null {
    return this.#retries.liveAt;
  }

  /** Whether the ticks of the schedule are left out until then. */
  get isHeldBack(): boolean {
    return this.#retries.holdsBack;
  }

  /** Whether only a person who authorizes can help. */
  get awaitsConsent(): boolean {
    return this.#retries.awaitsConsent;
  }

  /** A failure that the database could not take in: that a run could not begin, or how it ended. */
  get untold(): Failure | null {
    return this.#untold;
  }

  /** What is being done about pages that fail, or null. */
  get ladder(): LadderStep | null {
    return this.#ladder.step;
  }

  /** The run that a person wants to see: history over live. */
  get progress(): Progress | null {
    return this.#active.progress;
  }

  get activeRuns(): readonly { readonly runId: string; readonly kind: RunKind }[] {
    return this.#active.list;
  }

  /** What a full resync would go on from. */
  unfinished(): Promise<Unfinished | undefined> {
    return this.#planner.unfinished();
  }

  /** Whether a run under way stands in the way of what is asked for. @throws AppError `busy`. */
  assertFree(ask: Ask): void {
    const running = this.#active.get(kindOf(ask));
    if (running !== undefined) assertServes(running, ask, this.#options.since);
  }

  /**
   * Starts a run, or joins the one of its kind that is under way.
   * @throws AppError `shutting_down`, `store`, or `busy` while another span than the one asked for is re-read.
   */
  async request(ask: Ask, trigger: RunTrigger): Promise<Requested> {
    const { decided, isShared } = await this.#decisions.make(ask, () => this.#request(ask, trigger));
    return isShared ? { ...decided, started: { ...decided.started, joined: true } } : decided;
  }

  /** A tick of the schedule. What a person or a quota has to mend first is not asked sooner because of it (rule 9). */
  tick(): void {
    if (this.#retries.holdsBack) return;
    this.#requestAlone({ what: 'sync' }, 'a scheduled run could not start');
  }

  /** Heavy work whose time has come by the schedule. */
  begin(ask: HeavyAsk): void {
    this.#requestAlone(ask, 'scheduled work could not start');
  }

  /** At the start of a daemon: runs what is missing. A full resync that the last one could not end goes on. */
  async resume(): Promise<void> {
    const open = await this.#planner.openResync();
    const { started } = await this.request({ what: 'sync' }, 'start');
    if (open !== undefined && started.kind !== 'full') await this.request(open, 'start');
  }

  /** At the end of a pause: begins what fell due meanwhile, once. */
  catchUp(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#requestAlone(held, 'a run that a pause held back could not start');
  }

  /** After a new consent: what waited for one is tried now. */
  authorized(): void {
    this.#retries.authorized();
    // A run under way may still end by what was refused before.
    const { ends } = this.#active;
    if (ends.length > 0) void Promise.allSettled(ends).then(() => this.#retries.authorized());
  }

  /** Stops runs at the edge of a page. @returns their ends. */
  async stop(reason: Stopped, runId?: string): Promise<Run[]> {
    return this.#active.stop(reason, runId);
  }

  /** No run starts from here on; those under way stop at the edge of a page. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#retries.close();
    await this.#decisions.settled();
    await this.stop(new Stopped('interrupted'));
  }

  async #request(ask: Ask, trigger: RunTrigger): Promise<Requested> {
    if (this.#closed) throw shuttingDown();
    const { kind, fallback, draft } = await this.#planner.plan(ask, this.#active.get('full')?.run);
    const running = this.#active.get(kind);
    if (running !== undefined) assertServes(running, ask, this.#options.since);
    if (running?.kind === 'incremental' && this.#options.serverNow() >= running.span.to) this.#late = trigger;
    const entry =
      running ?? (await this.#begin(ask, await draft(), fallback === undefined ? trigger : 'fallback', fallback));
    const { runId } = entry;
    const joined = running !== undefined;
    return { started: { runId, stream: this.stream, shop: this.shop, kind, joined }, ended: entry.ended };
  }

  async #begin(ask: Ask, { resync, ...plan }: Draft, trigger: RunTrigger, fallback?: string): Promise<Entry> {
    const { store, watch } = this.#options;
    const { kind, span } = plan;
    const begun = await store.beginRun({
      shop: this.shop,
      stream: this.stream,
      kind,
      trigger,
      span,
      continues: typeof resync === 'object' ? resync.ledger : undefined,
      fallback,
      statuses: plan.statuses,
    });
    const { runId } = begun;
    const controller = new AbortController();
    const active = workOf(
      { ...plan, runId, resync: resync === 'new' ? { ledger: runId, read: [] } : resync },
      {
        ...this.#options,
        ladder: this.#ladder,
        progressed: () => watch.progress(this.shop, this.stream),
        refresh: () =>
          refreshed(
            { request: () => this.request({ what: 'sync' }, trigger), full: () => this.#active.get('full')?.run },
            controller.signal,
          ),
      },
      controller.signal,
    );
    const entry: Entry = {
      runId,
      kind,
      span,
      goesOn: typeof resync === 'object',
      statuses: plan.statuses,
      repairs: plan.repair,
      run: active,
      ended: this.#finish(active, active.execute(), tryAgain(ask), begun),
      stop: (reason) => controller.abort(reason),
    };
    this.#active.add(entry);
    this.#tell(begun);
    return entry;
  }

  /**
   * Plans the next attempt. What somebody asked for that moves nothing is theirs to ask again.
   * @returns milliseconds, or null.
   */
  #retryIn(error: unknown, kind: RunKind, ask: Ask, trigger: RunTrigger): number | null {
    if (ask.what === 'span' || (isNightWork(ask) && trigger === 'manual')) return null;
    if (error instanceof UnreadSeconds) {
      // The next run tries them: a run for them alone would read the strip once more as well.
      this.#retries.recovered(kind);
      return null;
    }
    return this.#retries.plan(kind, error, () => {
      // Else the schedule takes it up again. What it has to have fresh is not asked for while that is held back (rule 9).
      if (!isNightWork(ask) || (this.#options.isQuiet?.() !== false && !this.#retries.holdsBack))
        this.#requestAlone(ask, 'the run that was to try again could not start');
    });
  }

  /** Asks for a run that nobody waits for. */
  #requestAlone(ask: Ask, trouble: string, trigger: RunTrigger = 'schedule'): void {
    if (trigger !== 'manual' && this.#options.isPaused?.() === true) {
      // The greater ask stands for the smaller one; the schedule itself comes back to what is for the night.
      if (this.#held?.what !== 'resync' && !isNightWork(ask)) this.#held = ask;
      return;
    }
    this.request(ask, trigger).catch((refused: unknown) => {
      if (this.#closed) return;
      const kind = kindOf(ask);
      const again = (): void => this.#requestAlone(ask, trouble, trigger);
      const other = this.#active.get(kind);
      if (isBusy(refused) && other !== undefined) return void other.ended.then(again);
      const wait = this.#retries.plan(kind, refused, again);
      this.#untold = describe(refused, kind, this.#options.now(), wait, this.#untold);
      this.#options.log.error({ err: refused, ask: ask.what, failure: this.#untold }, trouble);
    });
  }

  async #finish(active: Work, work: Promise<Outcome>, ask: Ask, begun: Run): Promise<Run> {
    const { kind } = begun;
    const { log } = this.#options;
    const retryIn = (error: unknown): number | null => this.#retryIn(error, kind, ask, begun.trigger);
    let run: Run;
    try {
      run = await endRun(begun, active, await settle(work), {
        ...this.#options,
        ladder: this.#ladder,
        retryIn,
        recovered: () => this.#retries.recovered(kind),
      });
      this.#untold = null;
    } catch (error) {
      // The database refused even the run's end. It is told all the same; the next run of its kind closes the record.
      const { at } = this.#retries;
      const now = this.#options.now();
      const failure = describe(error, kind, now, at === null ? retryIn(error) : Math.max(0, at - now));
      log.error({ err: error, runId: begun.runId, failure }, 'the end of a run could not be stored');
      this.#untold = failure;
      run = { ...begun, state: 'failed', finishedAt: failure.at, error: failure };
    }
    this.#active.remove(kind);
    log.info({ run }, `${kind} run ${run.state}`);
    this.#tell(run);
    if (kind === 'incremental') this.#follow(run);
    return run;
  }

  /** Whoever watches cannot break what is watched. */
  #tell(run: Run): void {
    try {
      this.#options.watch.run(run);
    } catch (error) {
      this.#options.log.error({ err: error, runId: run.runId }, 'a run could not be told to those who watch');
    }
  }

  /** A run whose window ended before somebody joined it has not fetched what they asked for. */
  #follow(run: Run): void {
    const trigger = this.#late;
    this.#late = undefined;
    if (trigger !== undefined && run.state === 'succeeded')
      this.#requestAlone({ what: 'sync' }, 'the run that was to follow could not start', trigger);
  }
}
