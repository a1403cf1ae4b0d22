import { AppError } from '../errors.ts';
import type { Pace, Priority } from './api.ts';
import { Bucket } from './bucket.ts';
import type { DailyQuota } from './daily-quota.ts';
import { PATIENCE_MS } from './retry.ts';
import type { Timers } from './timers.ts';

const MOST_WAITING = 1000;
/** After so many live requests in a row that passed waiting history, history gets one: it may be slow, not stuck. */
const LIVE_IN_A_ROW = 16;

export interface BudgetOptions {
  /** Requests per second and endpoint, never exceeded over any second. */
  readonly ceiling: number;
  /** Requests per second an endpoint begins with. */
  readonly start: (endpoint: string) => number;
  /** Requests under way at once, over all endpoints. */
  readonly concurrency: number;
  readonly timers: Timers;
  readonly quota?: DailyQuota | undefined;
}

/** Leave to send one request. It has to be released when its answer is read, or when it failed. */
export interface Lease {
  succeeded(): void;
  /** TikTok refused the request as one too many and asked to wait so many milliseconds, if it did. */
  throttled(retryAfterMs: number | undefined): void;
  release(): void;
}

interface Waiter {
  readonly endpoint: string;
  readonly bucket: Bucket;
  readonly grant: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * What one shop may ask of the API: a bucket for each endpoint, and slots for the requests under way. A request goes
 * when it has both, so no slot is held by one that waits for its endpoint's rate.
 *
 * Live work takes the next slot and the next token, always; no slot is kept empty for it, because with n under way the
 * next one frees after about a n-th of an answer's time, and a reserve would cost a backfill a n-th of its speed.
 */
export class ShopBudget {
  readonly #options: BudgetOptions;
  readonly #buckets = new Map<string, Bucket>();
  readonly #waiting: Readonly<Record<Priority, Set<Waiter>>> = { live: new Set(), history: new Set() };
  #underWay = 0;
  #liveInARow = 0;
  #cancelWake: () => void = () => {};

  /** `levels`: requests per second by endpoint, as `levels()` told before a restart. */
  constructor(options: BudgetOptions, levels: Readonly<Record<string, number>> = {}) {
    this.#options = options;
    for (const [endpoint, level] of Object.entries(levels)) this.#buckets.set(endpoint, this.#newBucket(level));
  }

  /**
   * Waits for leave to send one request. Rejects with the signal's reason when it aborts; with a throttled AppError
   * when the endpoint is closed for more than 10 minutes (a used-up quota), or when 1,000 wait already. History waits for
   * the next day when its share of the daily quota is used, live work is refused when all of it is.
   */
  acquire(endpoint: string, priority: Priority, signal: AbortSignal): Promise<Lease> {
    const { promise, resolve, reject } = Promise.withResolvers<Lease>();
    const bucket = this.#bucket(endpoint);
    const waiting = this.#waiting[priority];
    const closed = this.#closed(endpoint, bucket);
    if (signal.aborted || closed !== undefined) {
      reject(closed ?? signal.reason);
      return promise;
    }
    if (this.waiting >= MOST_WAITING) {
      reject(new AppError('throttled', 'limit', `${MOST_WAITING} requests wait for the API already`));
      return promise;
    }
    const leave = () => {
      waiting.delete(waiter);
      // A timer may be set for tomorrow: it must not keep a program alive that waits for nothing.
      if (this.waiting === 0) this.#cancelWake();
      signal.removeEventListener('abort', abort);
    };
    const abort = () => waiter.refuse(signal.reason);
    const waiter: Waiter = {
      endpoint,
      bucket,
      grant: () => {
        leave();
        resolve(this.#lease(endpoint, bucket));
      },
      refuse: (reason) => {
        leave();
        reject(reason);
      },
    };
    signal.addEventListener('abort', abort, { once: true });
    waiting.add(waiter);
    this.#pump();
    return promise;
  }

  /** How fast an endpoint may be asked at present, how fast it answers, and what the quota leaves to history. */
  pace(endpoint: string): Pace {
    const { requestsPerSecond, latencyMs } = this.#bucket(endpoint);
    return { requestsPerSecond, latencyMs, history: this.#options.quota?.historyShare(this.#underWay) };
  }

  /** The rate of the endpoint asked most, for a person to look at; undefined before the first request. */
  get requestsPerSecond(): number | undefined {
    let most: Bucket | undefined;
    for (const bucket of this.#buckets.values()) if (bucket.requests > (most?.requests ?? -1)) most = bucket;
    return most?.requestsPerSecond;
  }

  /** Monotonic milliseconds until which some endpoint is closed, or the quota holds work back; undefined when neither. */
  get pausedUntil(): number | undefined {
    const now = this.#options.timers.now();
    const waits = this.#waiting.history.size > 0 || this.#quotaMs('live') > 0;
    const nextDay = waits ? now + this.#quotaMs('history') : now;
    const until = Math.max(nextDay, ...[...this.#buckets.values()].map((bucket) => bucket.pausedUntil));
    return until > now ? until : undefined;
  }

  /** Requests that wait for leave. */
  get waiting(): number {
    return this.#waiting.live.size + this.#waiting.history.size;
  }

  /** Requests under way. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Requests per second by endpoint, to be given to the next start. */
  levels(): Record<string, number> {
    return Object.fromEntries([...this.#buckets].map(([endpoint, bucket]) => [endpoint, bucket.requestsPerSecond]));
  }

  #newBucket(start: number): Bucket {
    return new Bucket({ ceiling: this.#options.ceiling, start, now: this.#options.timers.now });
  }

  #bucket(endpoint: string): Bucket {
    const known = this.#buckets.get(endpoint);
    if (known !== undefined) return known;
    const bucket = this.#newBucket(this.#options.start(endpoint));
    this.#buckets.set(endpoint, bucket);
    return bucket;
  }

  #lease(endpoint: string, bucket: Bucket): Lease {
    const grantedAt = this.#options.timers.now();
    let held = true;
    bucket.take();
    this.#underWay += 1;
    return {
      succeeded: () => bucket.succeeded(grantedAt),
      throttled: (retryAfterMs) => {
        bucket.throttled(grantedAt, retryAfterMs);
        const closed = this.#closed(endpoint, bucket);
        if (closed === undefined) return;
        for (const waiter of this.#inOrder()) if (waiter.bucket === bucket) waiter.refuse(closed);
      },
      release: () => {
        if (!held) return;
        held = false;
        this.#underWay -= 1;
        this.#pump();
      },
    };
  }

  /** Grants what may go now, and wakes when the next may. */
  #pump(): void {
    this.#cancelWake();
    this.#cancelWake = () => {};
    const { now, after } = this.#options.timers;
    while (this.#underWay < this.#options.concurrency) {
      const tomorrow = { live: this.#quotaMs('live'), history: this.#quotaMs('history') };
      const usedUp = this.#options.quota?.usedUp(tomorrow.live);
      if (tomorrow.live > 0) for (const waiter of this.#waiting.live) waiter.refuse(usedUp);
      let soonest = Number.POSITIVE_INFINITY;
      const next = this.#inOrder().find((waiter) => {
        const wait = this.#waiting.history.has(waiter) ? tomorrow.history : 0;
        const readyAt = Math.max(waiter.bucket.readyAt(), now() + wait);
        soonest = Math.min(soonest, readyAt);
        return readyAt <= now();
      });
      if (next === undefined) {
        if (soonest < Number.POSITIVE_INFINITY)
          this.#cancelWake = after(Math.max(1, Math.ceil(soonest - now())), () => this.#pump());
        return;
      }
      const passesHistory = this.#waiting.live.has(next) && this.#waiting.history.size > 0;
      this.#liveInARow = passesHistory ? this.#liveInARow + 1 : 0;
      next.grant();
    }
  }

  #inOrder(): Waiter[] {
    const { live, history } = this.#waiting;
    return this.#liveInARow < LIVE_IN_A_ROW ? [...live, ...history] : [...history, ...live];
  }

  /** Milliseconds until the daily quota lets another request go. */
  #quotaMs(priority: Priority): number {
    return this.#options.quota?.waitMs(priority, this.#underWay) ?? 0;
  }

  #closed(endpoint: string, bucket: Bucket): AppError | undefined {
    const retryAfterMs = bucket.pausedUntil - this.#options.timers.now();
    if (retryAfterMs <= PATIENCE_MS) return undefined;
    return new AppError('throttled', 'limit', `TikTok takes no more requests at ${endpoint} for now`, {
      retryAfterMs,
      hint: 'it is tried again by itself when the quota opens',
    });
  }
}
