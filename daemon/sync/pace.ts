/** Walkers that keep a budget busy: requests a second times seconds a request, at least one, at most what may be under way. */
export const walkersFor = (requestsPerSecond: number, latencyMs: number, concurrency: number): number =>
  Math.max(1, Math.min(concurrency, Math.ceil((requestsPerSecond * latencyMs) / 1000)));

/** Records a second over a sliding window of a run, and the time that the rest needs at that rate. */
export class Pace {
  readonly #now: () => number;
  readonly #windowMs: number;
  #marks: { readonly at: number; readonly done: number }[] = [];

  /** `now` and `windowMs` in monotonic milliseconds; `done` is what was read before, which took no time of this run. */
  constructor(now: () => number, { done = 0, windowMs = 10_000 } = {}) {
    this.#now = now;
    this.#windowMs = windowMs;
    this.#marks.push({ at: now(), done });
  }

  mark(done: number): void {
    const at = this.#now();
    this.#marks.push({ at, done });
    // One mark older than the window stays: the rate is measured from it.
    while (this.#marks.length > 2 && (this.#marks[1]?.at ?? at) < at - this.#windowMs) this.#marks.shift();
    // A mark every quarter of a second is enough to measure a rate over seconds.
    const n = this.#marks.length;
    if (n > 2 && (this.#marks[n - 2]?.at ?? 0) - (this.#marks[n - 3]?.at ?? 0) < 250) this.#marks.splice(n - 2, 1);
  }

  /** Up to this moment, so that a run which waits is seen to wait. */
  get perSecond(): number {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    const ms = first === undefined ? 0 : this.#now() - first.at;
    if (first === undefined || last === undefined || ms <= 0) return 0;
    return ((last.done - first.done) * 1000) / ms;
  }

  /** Null while no rate is known. */
  etaSeconds(left: number | null): number | null {
    const rate = this.perSecond;
    return left === null || rate <= 0 ? null : left / rate;
  }
}
