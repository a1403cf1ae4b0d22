import type { Failure } from '../shared/run-views.ts';
import type { ScheduleSet, Schedules } from '../shared/schedule-views.ts';
import type { ApiStatus, Check, LadderStep, Status, StreamStatus } from '../shared/views.ts';
import { AppError } from './errors.ts';
import { nextRun, nextRuns } from './next-runs.ts';
import type { Pause } from './pause.ts';
import { quietWords } from './schedule/quiet-hours.ts';
import { loadShops } from './store/learned.ts';
import { streamCounts } from './store/pending.ts';
import { type ReachedRung, listRungs } from './store/rungs.ts';
import type { Store } from './store/store.ts';
import { secondsToIso } from './store/time.ts';
import { oddities } from './store/watch.ts';
import type { Policy } from './streams/stream.ts';
import type { Engine } from './sync/engine.ts';
import { missing } from './sync/plan.ts';
import type { Account } from './tiktok/account.ts';
import { clockWords, isClockRight } from './tiktok/clock-watch.ts';

export interface Identity {
  readonly instanceId: string;
  readonly version: string;
  readonly startedAt: string;
}

export interface StatusOptions<R> {
  readonly identity: Identity;
  readonly store: Store;
  readonly engine: Engine<R>;
  readonly account: Pick<Account, 'budget'> & {
    readonly serverClock: Pick<Account['serverClock'], 'signingNow' | 'aheadSeconds'>;
  };
  readonly policy: Policy;
  readonly dailyQuota: number | null;
  /** Left out: runs always start by themselves. */
  readonly pause?: Pick<Pause, 'since'> | undefined;
  /** Left out: nothing was set over the configuration. */
  readonly settings?: { readonly set: ScheduleSet } | undefined;
}

/** At most this many spans are told as missing: the newest. */
const mostSpans = 20;

/** Puts together what `status`, `health` and the events say. Reads a few small rows, never the orders. */
export class StatusView<R> {
  readonly #options: StatusOptions<R>;

  constructor(options: StatusOptions<R>) {
    this.#options = options;
  }

  async status(): Promise<Status> {
    const { identity, store, engine } = this.#options;
    const shops = await store.query(loadShops);
    const rows = await Promise.all(
      shops.flatMap((shop) => engine.streams.map(({ name }) => this.stream(shop.id, name))),
    );
    return {
      ...identity,
      pid: process.pid,
      shops,
      streams: rows,
      api: shops.map((shop) => this.api(shop.id)),
      problem: this.#options.engine.problem,
      clock: { aheadSeconds: this.#ahead, ok: isClockRight(this.#ahead) },
      paused: this.#pausedAt === null ? null : { since: this.#pausedAt },
      store: { path: store.path, bytes: store.bytes(), problem: this.#misplaced() },
    };
  }

  /** Why what is stored now may be lost, and what to do; null when the file is where it was. */
  #misplaced(): string | null {
    try {
      this.#options.store.assertInPlace();
      return null;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return [error.message, error.hint ?? []].flat().join('; ');
    }
  }

  async stream(shop: string, stream: string): Promise<StreamStatus> {
    const { store, engine } = this.#options;
    const unit = engine.units.find((u) => u.shop.id === shop && u.stream.name === stream);
    const [state, coverage, metadata, counts, odd, rungs] = await Promise.all([
      store.state(shop, stream),
      store.coverage(shop, stream),
      store.metadata(shop, stream),
      store.query(streamCounts, shop, stream),
      store.query(oddities, shop, stream),
      store.query(listRungs, shop, stream),
    ]);
    const watermark = state?.watermark ?? null;
    const policy = engine.streams.find(({ name }) => name === stream)?.policy ?? this.#options.policy;
    const overlap = Math.max(policy.overlap, state?.overlap ?? 0);
    const gaps = state === undefined ? [] : missing({ ...state, coverage }, watermark, { ...policy, overlap });
    // Windows end by the earliest of several clocks; how old the copy is goes by the best guess.
    const now = this.#options.account.serverClock.signingNow();
    const next = nextRun(unit, this.#pausedAt !== null);
    return {
      shop,
      stream,
      lastSyncTime: metadata?.lastSyncTime ?? null,
      lastRecordTime: metadata?.lastRecordTime ?? null,
      recordsSynced: metadata?.recordsSynced ?? null,
      isFullSync: metadata?.isFullSync ?? null,
      total: counts.total,
      byStatus: counts.byStatus,
      lagSeconds: watermark === null ? null : Math.max(0, Math.round(now - watermark)),
      completeSince: state === undefined || watermark === null ? null : secondsToIso(gaps.at(-1)?.to ?? state.since),
      freshTo: watermark === null ? null : secondsToIso(watermark),
      missing: gaps.slice(-mostSpans).map((span) => ({ from: secondsToIso(span.from), to: secondsToIso(span.to) })),
      rejected: counts.rejected,
      overlapSeconds: overlap,
      oddities: odd,
      audit: state?.lastAudit ?? null,
      nextRunAt: next.nextRunAt,
      nextRunReason: next.reason,
      ladder: onRung(rungs) ?? unit?.sync.ladder ?? null,
      run: unit?.sync.progress ?? null,
      lastError: this.#asPaused(unit?.sync.untold ?? state?.lastError ?? null) ?? engine.problemOf(shop, stream),
    };
  }

  /** When each stream of each shop runs next by itself, and by which rules. */
  schedule(): Schedules {
    const { engine, settings } = this.#options;
    const { adaptive, quietHours } = engine.rules;
    return {
      ...this.pause(),
      adaptive,
      quietHours: quietHours === null ? null : quietWords(quietHours),
      set: settings?.set ?? {},
      schedules: engine.units.flatMap((unit) => nextRuns(unit, this.#pausedAt !== null)),
    };
  }

  pause(): { paused: boolean; pausedAt: string | null } {
    return { paused: this.#pausedAt !== null, pausedAt: this.#pausedAt };
  }

  get #pausedAt(): string | null {
    return this.#options.pause?.since ?? null;
  }

  /** No run is tried again by itself during a pause. */
  #asPaused(failure: Failure | null): Failure | null {
    return failure === null || this.#pausedAt === null ? failure : { ...failure, nextAttemptAt: null };
  }

  get #ahead(): number | null {
    return this.#options.account.serverClock.aheadSeconds();
  }

  api(shop: string): ApiStatus {
    const view = this.#options.account.budget(shop);
    const iso = (seconds: number | null | undefined) => (seconds == null ? null : secondsToIso(Math.floor(seconds)));
    return {
      shop,
      requestsPerSecond: view?.requestsPerSecond ?? 0,
      ceiling: view?.ceiling ?? 1,
      usedToday: view?.usedToday ?? 0,
      dailyQuota: this.#options.dailyQuota,
      throttledUntil: iso(view?.throttledUntil),
      tokenExpiresAt: iso(view?.tokenExpiresAt),
    };
  }

  async health(): Promise<{ ok: boolean; checks: Check[] }> {
    const { engine } = this.#options;
    let status: Status;
    try {
      status = await this.status();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { ok: false, checks: [{ name: 'store', ok: false, detail: error.message }] };
    }
    const { streams, store } = status;
    const { problem } = engine;
    const checks: Check[] = [
      { name: 'store', ok: store.problem === null, detail: store.problem ?? `${store.path}, ${store.bytes} bytes` },
      {
        name: 'shops',
        ok: problem === null,
        detail: problem === null ? `${new Set(streams.map((s) => s.shop)).size} known` : problem.message,
      },
      { name: 'clock', ok: status.clock.ok, detail: clockWords(status.clock.aheadSeconds) },
      // Somebody wanted it, so nothing is wrong; but it is what is forgotten most easily.
      ...(status.paused === null
        ? []
        : [{ name: 'schedule', ok: true, detail: `paused since ${status.paused.since}; shopsync resume ends that` }]),
      ...streams.map((s) => ({
        name: `${s.stream} of ${s.shop}`,
        ok: s.lastError === null,
        detail: s.lastError === null ? `fresh to ${s.freshTo ?? 'nothing yet'}` : s.lastError.message,
      })),
      ...streams.flatMap(({ shop, stream, audit }) =>
        audit === null ? [] : [{ name: `audit of ${stream} of ${shop}`, ok: audit.ok, detail: audit.statement }],
      ),
    ];
    return { ok: checks.every((check) => check.ok), checks };
  }
}

/** The rung that a stream is on and that outlasts a daemon. */
function onRung(rungs: readonly ReachedRung[]): LadderStep | undefined {
  const step = rungs.find(({ left }) => !left);
  return step && { rung: step.rung, reason: step.reason, since: new Date(step.reachedAt).toISOString() };
}
