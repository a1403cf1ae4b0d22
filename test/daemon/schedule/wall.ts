import { Alarms } from '../../../daemon/schedule/alarms.ts';
import { Clockwork, type ClockworkOptions } from '../../../daemon/schedule/clockwork.ts';

interface Timer {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly work: () => void;
}

/** A machine with two clocks, of which one can be set, and timers that go by the other. Milliseconds. */
export class Wall {
  monotonic = 0;
  local: number;
  readonly errors: unknown[] = [];
  alarms: Alarms;
  #timers: readonly Timer[] = [];

  constructor(at: string | number) {
    this.local = typeof at === 'number' ? at : Date.parse(at);
    this.alarms = this.#alarms();
  }

  /** A process of its own: the one before is gone with its timers. */
  restart(): void {
    this.#timers = [];
    this.alarms = this.#alarms();
  }

  #alarms(): Alarms {
    const setTimer = (work: () => void, ms: number): (() => void) => {
      const timer = { at: this.monotonic + ms, work };
      this.#timers = [...this.#timers, timer];
      return () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      };
    };
    return new Alarms({ ...this.clocks, setTimer, onError: (error) => this.errors.push(error) });
  }

  get clocks() {
    return { now: () => this.local, monotonic: () => this.monotonic };
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Time in which the process runs: each timer fires when it is due. */
  run(ms: number): void {
    const end = this.monotonic + ms;
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#pass(Math.max(0, next.at - this.monotonic));
      this.#timers = this.#timers.filter((one) => one !== next);
      next.work();
    }
    this.#pass(end - this.monotonic);
  }

  /** The local clock is set, or the machine sleeps: timers stand still meanwhile. */
  jump(ms: number): void {
    this.local += ms;
  }

  /** The process is stopped, and goes on: all clocks have, and its timers are overdue. */
  stop(ms: number): void {
    this.#pass(ms);
  }

  /** The schedule of a stream, by its cron exactly unless told otherwise. */
  clockwork(given: Partial<ClockworkOptions> & { readonly tick: () => void }): Clockwork {
    return new Clockwork({
      ...this.clocks,
      alarms: this.alarms,
      pattern: () => '*/15 * * * *',
      timeZone: () => 'UTC',
      isAdaptive: () => false,
      leastMs: 60_000,
      phase: 0,
      ...given,
    });
  }

  #pass(ms: number): void {
    this.monotonic += ms;
    this.local += ms;
  }
}
