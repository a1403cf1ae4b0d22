import type { Failure, LadderStep, Progress, Run, RunKind, RunTrigger, Started } from '../../shared/views.ts';
import { UnreadSeconds } from './climb.ts';
import { Stopped, classOf, describe, shuttingDown } from './failures.ts';
import { Ladder, climbs } from './ladder.ts';
import { type Ask, type Draft, Planner } from './planner.ts';
import { Retries } from './retries.ts';
import { ActiveRun, type Outcome } from './run.ts';
import { type Running, assertServes, isBusy } from './serves.ts';
import { type Settled, settle } from './settled.ts';
import type { StreamSyncOptions } from './stream-sync-options.ts';
import type { Unfinished } from './unfinished.ts';

export type StartedRun = Started['runs'][number];

interface Entry extends Running {
  readonly kind: RunKind;
  readonly run: { readonly progress: Progress; readonly liveRead: boolean };
  readonly ended: Promise<Run>;
  readonly stop: (reason: Stopped) => void;
}

/** One shop's stream: keeps one run of a kind (rule 8), closes each with its numbers, and tries again after failures. */
export class StreamSync<R> {
  readonly #options: StreamSyncOptions<R>;
  readonly #active = new Map<RunKind, Entry>();
  readonly #deciding = new Map<string, ReturnType<StreamSync<R>['request']>>();
  #gate: Promise<unknown> = Promise.resolve();
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
    const entry = this.#active.get('full') ?? this.#active.get('partial') ?? this.#active.get('incremental');
    return entry?.run.progress ?? null;
  }

  get activeRuns(): readonly { readonly runId: string; readonly kind: RunKind }[] {
    return [...this.#active.values()].map(({ runId, kind }) => ({ runId, kind }));
  }

  /** What a full resync would go on from. */
  unfinished(): Promise<Unfinished | undefined> {
    return this.#planner.unfinished();
  }

  /** Whether a run under way stands in the way of what is asked for. @throws AppError `busy`. */
  assertFree(ask: Ask): void {
    const running = this.#active.get(ask.what === 'resync' ? 'full' : 'partial');
    if (running !== undefined) assertServes(running, ask, this.#options.since);
  }

  /**
   * Starts a run, or joins the one of its kind that is under way.
   * @throws AppError `shutting_down`, `store`, or `busy` while another span than the one asked for is re-read.
   */
  async request(ask: Ask, trigger: RunTrigger): Promise<{ started: StartedRun; ended: Promise<Run> }> {
    const key = JSON.stringify(ask);
    const same = this.#deciding.get(key);
    // Asked for the same while the first is still being decided: one run serves both, however fast it is.
    if (same !== undefined) {
      const { started, ended } = await same;
      return { started: { ...started, joined: true }, ended };
    }
    const turn = this.#gate.then(() => this.#request(ask, trigger)).finally(() => this.#deciding.delete(key));
    this.#deciding.set(key, turn);
    this.#gate = turn.catch(() => undefined);
    return turn;
  }

  /** A tick of the schedule. What a person or a quota has to mend first is not asked sooner because of it (rule 9). */
  tick(): void {
    if (this.#retries.holdsBack) return;
    this.#requestAlone({ what: 'sync' }, 'a scheduled run could not start');
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
    const ends = [...this.#active.values()].map(({ ended }) => ended);
    if (ends.length > 0) void Promise.allSettled(ends).then(() => this.#retries.authorized());
  }

  /** Stops runs at the edge of a page. @returns their ends. */
  async stop(reason: Stopped, runId?: string): Promise<Run[]> {
    const entries = [...this.#active.values()].filter((entry) => runId === undefined || entry.runId === runId);
    for (const entry of entries) entry.stop(reason);
    return Promise.all(entries.map((entry) => entry.ended));
  }

  /** No run starts from here on; those under way stop at the edge of a page. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#retries.close();
    await this.#gate;
    await this.stop(new Stopped('interrupted'));
  }

  async #request(ask: Ask, trigger: RunTrigger): Promise<{ started: StartedRun; ended: Promise<Run> }> {
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
    });
    const { runId } = begun;
    const controller = new AbortController();
    const active = new ActiveRun(
      { ...plan, runId, resync: resync === 'new' ? { ledger: runId, read: [] } : resync },
      { ...this.#options, ladder: this.#ladder, progressed: () => watch.progress(this.shop, this.stream) },
      controller.signal,
    );
    const entry: Entry = {
      runId,
      kind,
      span,
      goesOn: typeof resync === 'object',
      run: active,
      // What is tried again after a failure goes on from what was read.
      ended: this.#finish(active, active.execute(), ask.what === 'resync' ? { ...ask, anew: false } : ask, begun),
      stop: (reason) => controller.abort(reason),
    };
    this.#active.set(kind, entry);
    this.#tell(begun);
    return entry;
  }

  /** Plans the next attempt. A span that somebody asked for is theirs to ask again. @returns milliseconds, or null. */
  #retryIn(error: unknown, kind: RunKind, ask: Ask): number | null {
    if (ask.what === 'span') return null;
    if (error instanceof UnreadSeconds) {
      // The next run tries them: a run for them alone would read the strip once more as well.
      this.#retries.recovered(kind);
      return null;
    }
    return this.#retries.plan(kind, error, () =>
      this.#requestAlone(ask, 'the run that was to try again could not start'),
    );
  }

  /** Asks for a run that nobody waits for. */
  #requestAlone(ask: Ask, trouble: string, trigger: RunTrigger = 'schedule'): void {
    if (trigger !== 'manual' && this.#options.isPaused?.() === true) {
      // The greater ask stands for the smaller one.
      if (this.#held?.what !== 'resync') this.#held = ask;
      return;
    }
    this.request(ask, trigger).catch((refused: unknown) => {
      if (this.#closed) return;
      const kind = ask.what === 'resync' ? 'full' : 'incremental';
      const again = (): void => this.#requestAlone(ask, trouble, trigger);
      const other = this.#active.get(kind);
      if (isBusy(refused) && other !== undefined) return void other.ended.then(again);
      const wait = this.#retries.plan(kind, refused, again);
      this.#untold = describe(refused, kind, this.#options.now(), wait, this.#untold);
      this.#options.log.error({ err: refused, ask: ask.what, failure: this.#untold }, trouble);
    });
  }

  async #finish(active: ActiveRun<R>, work: Promise<Outcome>, ask: Ask, begun: Run): Promise<Run> {
    const { kind } = active.plan;
    const { log } = this.#options;
    let run: Run;
    try {
      run = await this.#end(active, await settle(work), ask);
      this.#untold = null;
    } catch (error) {
      // The database refused even the run's end. It is told all the same; the next run of its kind closes the record.
      const { at } = this.#retries;
      const now = this.#options.now();
      const failure = describe(error, kind, now, at === null ? this.#retryIn(error, kind, ask) : Math.max(0, at - now));
      log.error({ err: error, runId: begun.runId, failure }, 'the end of a run could not be stored');
      this.#untold = failure;
      run = { ...begun, state: 'failed', finishedAt: failure.at, error: failure };
    }
    this.#active.delete(kind);
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

  async #end(active: ActiveRun<R>, result: Settled<Outcome>, ask: Ask): Promise<Run> {
    const { runId, kind } = active.plan;
    const { store, now, log } = this.#options;
    const at = { shop: this.shop, stream: this.stream };
    const base = { ...at, runId, requests: active.takeRequests(), odd: active.takeOdd() };
    if ('value' in result) {
      const run = await store.endRun({ ...base, ...result.value, state: 'succeeded' });
      this.#ladder.succeeded();
      if (this.#retries.recovered(kind) > 0) log.info({ ...at, kind }, 'recovered');
      return run;
    }
    const { error } = result;
    if (error instanceof Stopped) return store.endRun({ ...base, state: error.state });
    const before = (await store.state(this.shop, this.stream))?.lastError;
    const failure = describe(error, kind, now(), this.#retryIn(error, kind, ask), before);
    if (climbs(error)) this.#ladder.reach('window', failure.message);
    log.error({ err: error, runId, kind, class: classOf(error), failure }, `run failed: ${failure.message}`);
    return store.endRun({ ...base, state: 'failed', error: failure });
  }
}
