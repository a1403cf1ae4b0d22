export interface AlarmsOptions {
  /** Local milliseconds. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly setTimer: (work: () => void, ms: number) => () => void;
  /** Whoever was woken threw; the others are woken all the same. */
  readonly onError: (error: unknown) => void;
}

/** Who is to be woken, and when. */
interface Sleeper {
  /** Local milliseconds; null: not at all. */
  at: number | null;
  readonly ring: () => void;
  readonly jumped: () => void;
}

export interface Alarm {
  /** Wakes at that moment of the local clock, milliseconds, instead of the one before; null: not at all. */
  set(at: number | null): void;
}

/** The clock is looked at this often: timers stand still while a machine sleeps, and know nothing of a clock that is set. */
const stepMs = 30_000;
/** A local clock that is off by less than this was slewed, not set, milliseconds. */
const noticeableMs = 1000;
/** One that is due again at once waits this long, milliseconds: nothing turns in a circle. */
const leastMs = 1000;

/**
 * Alarms by the local clock, over one timer for all of them. Whatever time was slept through, each rings once for it;
 * whoever waits is told when the clock was set, so that a moment is chosen anew.
 */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #sleepers = new Set<Sleeper>();
  #cancel: (() => void) | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  #local: number;
  #monotonic: number;
  #isClosed = false;

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#local = options.now();
    this.#monotonic = options.monotonic();
  }

  /** @param jumped called when the local clock was set back or forth, and nothing is due by it yet. */
  open(ring: () => void, jumped: () => void): Alarm {
    const sleeper: Sleeper = { at: null, ring, jumped };
    this.#sleepers.add(sleeper);
    return {
      set: (at) => {
        sleeper.at = at;
        if (at !== null && at < this.#wakesAt) this.#arm();
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#sleepers.clear();
  }

  #arm(): void {
    if (this.#isClosed) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const times = [...this.#sleepers].flatMap(({ at }) => (at === null ? [] : [at]));
    if (times.length === 0) return;
    const { now, setTimer } = this.#options;
    const local = now();
    const wait = Math.min(stepMs, Math.max(0, Math.min(...times) - local));
    this.#wakesAt = local + wait;
    this.#cancel = setTimer(() => this.#wake(), wait);
  }

  #wake(): void {
    this.#cancel = undefined;
    // Whoever sets an alarm while others are being woken leaves the timer to the end.
    this.#wakesAt = Number.NEGATIVE_INFINITY;
    const isSet = this.#look();
    const now = this.#options.now();
    for (const sleeper of this.#sleepers) {
      const isDue = sleeper.at !== null && sleeper.at <= now;
      if (!isDue && !isSet) continue;
      if (isDue) sleeper.at = null;
      try {
        if (isDue) sleeper.ring();
        else sleeper.jumped();
      } catch (error) {
        this.#options.onError(error);
      }
      if (sleeper.at !== null && sleeper.at <= now) sleeper.at = now + leastMs;
    }
    this.#arm();
  }

  /** @returns whether the local clock was set since it was looked at last. */
  #look(): boolean {
    const [local, monotonic] = [this.#options.now(), this.#options.monotonic()];
    const by = local - this.#local - (monotonic - this.#monotonic);
    this.#local = local;
    this.#monotonic = monotonic;
    return Math.abs(by) >= noticeableMs;
  }
}
