import type { Timers } from '../../../daemon/tiktok/timers.ts';

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/** Time that stands still until a test moves it. */
export class ManualTimers implements Timers {
  #now = 1_000_000;
  #alarms = new Set<Alarm>();
  readonly now = () => this.#now;
  readonly after = (ms: number, run: () => void) => {
    const alarm = { at: this.#now + ms, run };
    this.#alarms.add(alarm);
    return () => void this.#alarms.delete(alarm);
  };

  /** Timers that are set and not yet due. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** Moves the time by `ms`, running what falls due, in order, with promises settled in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = [...this.#alarms].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      this.#alarms.delete(next);
      next.run();
      await settle();
    }
    this.#now = end;
  }
}

/** Waits take no time but are recorded, and the clock moves by them. */
export class InstantTimers implements Timers {
  #now = 1_000_000;
  readonly waits: number[] = [];
  readonly now = () => this.#now;
  readonly after = (ms: number, run: () => void) => {
    this.waits.push(ms);
    const timer = setImmediate(() => {
      this.#now += ms;
      run();
    });
    return () => clearImmediate(timer);
  };

  /** Lets time pass without anybody waiting for it. */
  pass(ms: number): void {
    this.#now += ms;
  }
}

/** All promises that can settle without time or the outside have settled. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}
