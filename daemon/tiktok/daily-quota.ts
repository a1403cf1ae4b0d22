import { AppError } from '../errors.ts';
import type { HistoryShare, Priority } from './api.ts';
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
    const share = priority === 'live' ? this.#limit : this.#perDay;
    return this.#usage.today.requests + underWay < share ? 0 : this.#nextDayMs;
  }

  /** What history may use, while `underWay` requests are not counted yet. What live work has used today is gone from it. */
  historyShare(underWay: number): HistoryShare {
    const leftToday = Math.max(0, this.#perDay - this.#usage.today.requests - underWay);
    return { perDay: this.#perDay, leftToday, nextDayMs: this.#nextDayMs };
  }

  /** For live work, that has nothing left to wait for before `retryAfterMs`, milliseconds. */
  usedUp(retryAfterMs: number): AppError {
    return new AppError('throttled', 'limit', `today’s ${this.#limit} requests are used up`, {
      retryAfterMs,
      hint: 'it goes on by itself after midnight UTC; api.requests_per_day may be raised',
    });
  }

  /** History that never goes would never be told of: one request a day at least. */
  get #perDay(): number {
    return Math.max(1, Math.floor(this.#limit * HISTORY_SHARE));
  }

  get #nextDayMs(): number {
    return (DAY - (this.#now() % DAY)) * 1000;
  }
}
