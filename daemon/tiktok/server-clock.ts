const KEPT = 8;
const MINUTES_5 = 5 * 60_000;

export interface Clocks {
  /** The machine's clock, unix milliseconds. It may be wrong, and it may jump. */
  readonly localNow: () => number;
  /** Milliseconds that only move forward. */
  readonly monotonic: () => number;
}

/**
 * What time it is at TikTok, learned from the Date header of its answers. Two questions, two answers:
 * `now()` must never be ahead of the server (windows end there, and a second read too early is lost); `signingNow()`
 * must be close to it (TikTok: accepted window of `timestamp` is now − 5 min … now + 30 s).
 *
 * A Date header is whole seconds and made before it arrives, so Date + monotonic time since is never ahead of a right
 * server. One wrong Date that is ahead is outvoted by the smallest of 8; one that is behind only costs freshness.
 */
export class ServerClock {
  readonly #clocks: Clocks;
  /** Date − monotonic, milliseconds, newest last. */
  #offsets: number[] = [];
  /** The part of the offsets that signing trusts: forgotten at each resync. */
  #signingOffsets: number[] = [];

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  /** Takes the Date header of an answer that has just arrived. Anything that is not a date is ignored. */
  observe(date: string | undefined): void {
    const offset = this.#offsetOf(date);
    if (offset === undefined) return;
    this.#offsets = [...this.#offsets, offset].slice(-KEPT);
    this.#signingOffsets = [...this.#signingOffsets, offset].slice(-KEPT);
  }

  /**
   * After a `timestamp` was refused: signing forgets all samples but this answer's own; without one it goes by the local
   * clock until the next answer. `now()` forgets none, because old samples can only hold it back.
   */
  resync(date: string | undefined): void {
    const offset = this.#offsetOf(date);
    this.#signingOffsets = offset === undefined ? [] : [offset];
  }

  /** Server time, unix seconds, never ahead: the earlier of the local clock and the smallest of the last 8 Dates. */
  now(): number {
    const local = this.#clocks.localNow();
    const ms =
      this.#offsets.length === 0
        ? local - MINUTES_5
        : Math.min(local, Math.min(...this.#offsets) + this.#clocks.monotonic());
    return Math.floor(ms / 1000);
  }

  /** Best estimate of server time, unix seconds: the median of the Dates trusted for signing, else the local clock. */
  signingNow(): number {
    const sorted = this.#signingOffsets.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    const ms = median === undefined ? this.#clocks.localNow() : median + this.#clocks.monotonic();
    return Math.floor(ms / 1000);
  }

  #offsetOf(date: string | undefined): number | undefined {
    // Date.parse alone takes almost any text ("1" is the year 2001).
    if (date === undefined || !/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(date)) return undefined;
    const ms = Date.parse(date);
    return Number.isNaN(ms) ? undefined : ms - this.#clocks.monotonic();
  }
}
