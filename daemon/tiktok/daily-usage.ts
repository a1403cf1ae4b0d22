/** Requests counted so far on a day of UTC, `2026-11-22`. */
export interface Usage {
  readonly day: string;
  readonly requests: number;
}

/** How many requests were sent today, by days of UTC, where TikTok’s daily quotas begin anew. */
export class DailyUsage {
  /** Unix seconds. */
  readonly #now: () => number;
  #usage: Usage;

  constructor(now: () => number, saved?: Usage) {
    this.#now = now;
    this.#usage = saved ?? { day: this.#day(), requests: 0 };
  }

  /** The count of the day it is now. */
  get today(): Usage {
    const day = this.#day();
    return this.#usage.day === day ? this.#usage : { day, requests: 0 };
  }

  count(): void {
    const { day, requests } = this.today;
    this.#usage = { day, requests: requests + 1 };
  }

  #day(): string {
    return new Date(this.#now() * 1000).toISOString().slice(0, 10);
  }
}
