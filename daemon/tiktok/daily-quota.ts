import { AppError } from '../errors.ts';
import type { Priority } from './api.ts';
import type { DailyUsage } from './daily-usage.ts';

const DAY = 86_400;
/** The part of a day's requests that history may use; the rest is kept for live work. */
const HISTORY_SHARE = 0.8;

/** A number of requests a day of UTC, of which history leaves a fifth to live work: what is new stays new all day. */
export class DailyQuota {
  readonly #limit: number;
  readonly #usage: DailyUsage;
  /** Unix seconds of the server. */
  readonly #now: () => number;

  constructor(limit: number, usage: DailyUsage, now: () => number) {
    this.#limit = limit;
    this.#usage = usage;
    this.#now = now;
  }

  /** Milliseconds until another request of this priority may go, while `underWay` are not counted yet; 0: at once. */
  waitMs(priority: Priority, underWay: number): number {
    const share = priority === 'live' ? this.#limit : Math.floor(this.#limit * HISTORY_SHARE);
    return this.#usage.today.requests + underWay < share ? 0 : (DAY - (this.#now() % DAY)) * 1000;
  }

  /** For live work, that has nothing left to wait for before `retryAfterMs`, milliseconds. */
  usedUp(retryAfterMs: number): AppError {
    return new AppError('throttled', 'limit', `today’s ${this.#limit} requests are used up`, {
      retryAfterMs,
      hint: 'it goes on by itself after midnight UTC; api.requests_per_day may be raised',
    });
  }
}
