import { NO_LAG, type Lag } from './evolution.ts';
import type { Random } from './random.ts';

/** Holds changes of records back, so that the API shows what they were before: versions that become visible late. */
export class Veil<T extends object> {
  #lag: Lag = NO_LAG;
  #since = 0;
  readonly #random: Random;
  readonly #clock: () => number;
  readonly #held = new Map<T, { readonly before: T | undefined; readonly until: number }>();

  /** `clock` gives unix seconds. */
  constructor(random: Random, clock: () => number) {
    this.#random = random;
    this.#clock = clock;
  }

  /** From now on changes become visible late as `lag` says. */
  late(lag: Lag): void {
    this.#lag = lag;
    this.#since = Math.floor(this.#clock());
  }

  /**
   * Called just before a record changes at `time`, unix seconds, or for a new one; `before` tells what to show meanwhile,
   * if anything.
   */
  change(record: T, time: number, before: () => T | undefined): void {
    const { fraction, least, most } = this.#lag;
    if (fraction === 0 || time < this.#since || !this.#random.chance(fraction)) return;
    const until = time + this.#random.between(least, most);
    if (until <= this.#clock()) return;
    const held = this.#held.get(record);
    this.#held.set(record, held === undefined ? { before: before(), until } : { ...held, until });
  }

  /** The records as the API shows them now; those not visible yet are left out. */
  shown(records: readonly T[]): readonly T[] {
    const now = this.#clock();
    for (const [record, { until }] of this.#held) if (now >= until) this.#held.delete(record);
    if (this.#held.size === 0) return records;
    return records.flatMap((record) => {
      const held = this.#held.get(record);
      return held === undefined ? record : (held.before ?? []);
    });
  }

  /** Shows everything as it is. */
  lift(): void {
    this.#held.clear();
  }
}
