import type { Log } from '../log.ts';
import { arrivals, arrivedSince } from '../store/arrivals.ts';
import type { Store } from '../store/store.ts';
import { type Rhythm, learnRhythm } from './rhythm.ts';

export interface LearnedRhythmOptions {
  readonly store: Pick<Store, 'query'>;
  readonly log: Log;
  readonly shop: string;
  /** IANA name. */
  readonly timeZone: () => string;
  /** Local milliseconds. */
  readonly now: () => number;
  /** Server time, unix seconds: orders are created by it. */
  readonly serverNow: () => number;
}

const hourMs = 3_600_000;
/** The rhythm is learned from the orders of so many seconds. */
const memory = 28 * 86_400;

/** What the store tells of a shop's orders: their rhythm, learned at most once an hour, and what has come lately. */
export class LearnedRhythm {
  readonly #options: LearnedRhythmOptions;
  #rhythm: Rhythm | undefined;
  /** Orders created within the hour before the store was asked last. */
  #recentPerHour = 0;
  #learnedAt: number | undefined;
  #timeZone: string | undefined;

  constructor(options: LearnedRhythmOptions) {
    this.#options = options;
  }

  get rhythm(): Rhythm | undefined {
    return this.#rhythm;
  }

  get recentPerHour(): number {
    return this.#recentPerHour;
  }

  /** Asks the store. Never throws: without an answer the schedule keeps to its cron. */
  async refresh(): Promise<void> {
    const { store, log, shop, serverNow } = this.#options;
    try {
      await this.#learn();
      this.#recentPerHour = await store.query(arrivedSince, shop, Math.floor(serverNow()) - 3600);
    } catch (error) {
      this.#rhythm = undefined;
      this.#recentPerHour = 0;
      log.warn({ err: error, shop }, 'the rhythm of the shop cannot be read: the schedule keeps to its cron');
    }
  }

  async #learn(): Promise<void> {
    const { store, shop, now, serverNow } = this.#options;
    const timeZone = this.#options.timeZone();
    const age = this.#learnedAt === undefined ? Number.POSITIVE_INFINITY : Math.abs(now() - this.#learnedAt);
    if (this.#rhythm !== undefined && timeZone === this.#timeZone && age < hourMs) return;
    const known = await store.query(arrivals, shop, Math.floor(serverNow()) - memory);
    this.#rhythm = learnRhythm(known, timeZone, now());
    this.#learnedAt = now();
    this.#timeZone = timeZone;
  }
}
