import { Random, hash } from './random.ts';

const HOUR = 3600;
/** How busy each local hour of the day is, and each day of the week from Sunday on. */
const BY_HOUR = [5, 3, 2, 1, 1, 2, 4, 7, 10, 12, 13, 14, 15, 14, 13, 12, 13, 14, 16, 19, 22, 21, 16, 10];
const BY_DAY = [1.15, 0.9, 0.9, 0.95, 1, 1.1, 1.2];

export interface RhythmOptions {
  readonly seed: number;
  /** The history, unix seconds: `count` orders fall into [from, to); after that the pattern goes on. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly utcOffset: number;
  /** How many times faster orders come in after `to`. */
  readonly pace: number;
}

/** When orders are placed: busy evenings, quiet nights, weekends, now and then a campaign, slow growth. */
export class Rhythm {
  readonly #options: RhythmOptions;
  readonly #random: Random;
  readonly #unit: number;
  #hour = 0;
  #before = 0;
  #weight: number;
  #target = 0;
  #last: number;

  constructor(options: RhythmOptions) {
    this.#options = options;
    this.#random = new Random(hash(options.seed, 0x726879));
    this.#weight = this.#weightOf(0);
    this.#last = options.from;
    let total = 0;
    const span = (options.to - options.from) / HOUR;
    for (let hour = 0; hour < span; hour += 1) total += this.#weightOf(hour) * Math.min(1, span - hour);
    this.#unit = total / options.count;
  }

  /** When the next order is placed, unix seconds, never before the one returned last. Infinity in a dead shop. */
  next(): number {
    if (this.#unit === Infinity) return Infinity;
    const live = this.#last >= this.#options.to;
    const unit = live ? this.#unit / this.#options.pace : this.#unit;
    const position = this.#target + this.#random.next() * unit;
    this.#target += unit;
    while (this.#before + this.#weight < position) {
      this.#before += this.#weight;
      this.#hour += 1;
      this.#weight = this.#weightOf(this.#hour);
    }
    const within = Math.max(0, (position - this.#before) / this.#weight);
    const time = this.#options.from + Math.floor((this.#hour + within) * HOUR);
    this.#last = Math.max(this.#last, time);
    return this.#last;
  }

  #weightOf(hour: number): number {
    const { from, to, utcOffset, seed } = this.#options;
    const local = Math.floor((from + hour * HOUR + utcOffset) / HOUR);
    const day = Math.floor(local / 24);
    // 1970-01-01 was a Thursday.
    const weekday = BY_DAY[(day + 4) % 7] ?? 1;
    const campaign = hash(seed, day) % 45 === 0 ? 2.5 : 1;
    const growth = 0.7 + 0.6 * Math.min(1, (hour * HOUR) / (to - from));
    return (BY_HOUR[local % 24] ?? 1) * weekday * campaign * growth;
  }
}
