import { isClockRight } from './clock-watch.ts';

const KEPT = 8;
const MINUTES_5 = 5 * 60_000;
/** A Date so far behind the others was not merely long on its way, milliseconds. */
const STALE_MS = 60_000;
/** The part of the Dates that may be disbelieved for being behind: nearly all others have to agree. */
const DISBELIEVED = 1 / 4;

export interface Clocks {
  /** The machine's clock, unix milliseconds. It may be wrong, and it may jump. */
  readonly localNow: () => number;
  /** Milliseconds that only move forward, and count the time that the machine sleeps too. */
  readonly monotonic: () => number;
}

/**
 * What time it is at TikTok, learned from the Date header of its answers. Two questions, two answers:
 * `now()` must never be ahead of the server (windows end there, and a second read too early is lost); `signingNow()`
 * must be close to it (TikTok: accepted window of `timestamp` is now − 5 min … now + 30 s).
 *
 * A Date header is whole seconds and made before it arrives, so Date + monotonic time since is never ahead of a right
 * server. Wrong Dates that are ahead are outvoted by the smallest of 8. One that is behind would hold back every window,
 * until no run had anything to ask and no answer came to outvote it: it is disbelieved where nearly all others and the
 * machine's own clock agree that it is wrong.
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

  /** Server time, unix seconds, never ahead: the earlier of the local clock and the smallest believed of the last 8 Dates. */
  now(): number {
    const local = this.#clocks.localNow();
    const ms =
      this.#offsets.length === 0
        ? local - MINUTES_5
        : Math.min(local, Math.min(...this.#believed()) + this.#clocks.monotonic());
    return Math.floor(ms / 1000);
  }

  /** Best estimate of server time, unix seconds: the median of the Dates trusted for signing, else the local clock. */
  signingNow(): number {
    const offset = median(this.#signingOffsets);
    const ms = offset === undefined ? this.#clocks.localNow() : offset + this.#clocks.monotonic();
    return Math.floor(ms / 1000);
  }

  /**
   * How far the machine's clock is ahead of the server's at this moment, whole seconds, negative when it is behind; null
   * before any Date. By the median of the last 8, so that a few wrong ones do not accuse a right clock. Dates are cut to
   * seconds and made before they arrive, so a right clock seems up to a second ahead.
   */
  aheadSeconds(): number | null {
    const offset = median(this.#offsets);
    if (offset === undefined) return null;
    // The sum turns −0 into 0.
    return Math.trunc((this.#clocks.localNow() - offset - this.#clocks.monotonic()) / 1000) + 0;
  }

  #believed(): readonly number[] {
    const middle = median(this.#offsets);
    if (middle === undefined || !isClockRight(this.aheadSeconds())) return this.#offsets;
    const recent = this.#offsets.filter((offset) => offset >= middle - STALE_MS);
    return this.#offsets.length - recent.length <= this.#offsets.length * DISBELIEVED ? recent : this.#offsets;
  }

  #offsetOf(date: string | undefined): number | undefined {
    // Date.parse alone takes almost any text ("1" is the year 2001).
    if (date === undefined || !/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(date)) return undefined;
    const ms = Date.parse(date);
    return Number.isNaN(ms) ? undefined : ms - this.#clocks.monotonic();
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
