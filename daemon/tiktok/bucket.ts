/** TikTok counts over a second; the rest is for answers and requests that jostle on the way. Milliseconds. */
const WINDOW_MS = 1040;
/** A refusal of a request sent within this time after a cut speaks of the rate before it. */
const SETTLING_MS = 1000;
const SLOWEST = 0.1;

export interface BucketOptions {
  /** Requests per second, never exceeded over any second. */
  readonly ceiling: number;
  /** Requests per second to begin with. */
  readonly start: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * How fast one endpoint of one shop may be asked, learned from its answers: a token bucket whose rate grows by success
 * and halves on refusal. A burst is at most 100 ms worth, and a log of sending times keeps every second below the rate.
 *
 * The rate at which it was refused is remembered: up to nine tenths of it recovery takes about 5 s, near it the rate
 * feels its way (0.5 % a second), well beyond it the wall is forgotten and growth is even: from nothing to the ceiling
 * in a minute. So a limit below the ceiling costs few refusals and little throughput.
 */
export class Bucket {
  readonly #options: BucketOptions;
  readonly #log: Float64Array;
  #sent = 0;
  #rate: number;
  #wall = Number.POSITIVE_INFINITY;
  #tokens = 1;
  #filledAt: number;
  #cutAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #latencyMs: number | undefined;

  constructor(options: BucketOptions) {
    this.#options = options;
    this.#rate = Math.min(Math.max(options.start, SLOWEST), options.ceiling);
    this.#log = new Float64Array(Math.max(1, Math.ceil(options.ceiling))).fill(Number.NEGATIVE_INFINITY);
    this.#filledAt = options.now();
  }

  /** Requests per second at present. */
  get requestsPerSecond(): number {
    return this.#rate;
  }

  /** Requests granted since the start. */
  get requests(): number {
    return this.#sent;
  }

  /** Smoothed milliseconds from grant to a successful answer; undefined before the first. */
  get latencyMs(): number | undefined {
    return this.#latencyMs;
  }

  /** Monotonic milliseconds until which the server asked to wait; in the past when it does not. */
  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** When the next request may go, monotonic milliseconds; not later than now when it may go at once. */
  readyAt(): number {
    const now = this.#options.now();
    this.#fill(now);
    const perWindow = Math.min(Math.max(1, Math.ceil(this.#rate)), this.#log.length);
    const oldest = this.#log[(this.#sent - perWindow + this.#log.length) % this.#log.length];
    const byLog = (oldest ?? Number.NEGATIVE_INFINITY) + WINDOW_MS;
    // A hair less than 1: sums of parts of a token may miss it by rounding.
    const byTokens = this.#tokens >= 1 - 1e-9 ? now : now + ((1 - this.#tokens) * 1000) / this.#rate;
    return Math.max(byLog, byTokens, this.#pausedUntil);
  }

  /** Counts a request that goes now. */
  take(): void {
    const now = this.#options.now();
    this.#fill(now);
    this.#tokens -= 1;
    this.#log[this.#sent % this.#log.length] = now;
    this.#sent += 1;
  }

  /** An answer with success to a request granted at `grantedAt`, monotonic milliseconds. */
  succeeded(grantedAt: number): void {
    const now = this.#options.now();
    this.#fill(now);
    const took = now - grantedAt;
    this.#latencyMs = this.#latencyMs === undefined ? took : this.#latencyMs * 0.8 + took * 0.2;
    // Per success, so that an idle bucket does not grow by waiting; divided by the rate, so that it adds up per second.
    this.#rate = Math.min(this.#rate + this.#growth() / this.#rate, this.#options.ceiling);
  }

  /** A refusal of a request granted at `grantedAt`. Those sent together halve the rate once. */
  throttled(grantedAt: number, retryAfterMs: number | undefined): void {
    const now = this.#options.now();
    if (retryAfterMs !== undefined) this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfterMs);
    if (grantedAt <= this.#cutAt + SETTLING_MS) return;
    this.#wall = this.#rate;
    this.#rate = Math.max(this.#rate / 2, Math.min(SLOWEST, this.#options.ceiling));
    this.#tokens = 0;
    this.#filledAt = now;
    this.#cutAt = now;
  }

  /** Requests per second that one second of success adds. */
  #growth(): number {
    if (this.#rate < this.#wall * 0.9)
      return this.#wall === Number.POSITIVE_INFINITY ? this.#even() : this.#wall * 0.08;
    return this.#rate < this.#wall * 1.1 ? this.#wall * 0.005 : this.#even();
  }

  #even(): number {
    return this.#options.ceiling / 60;
  }

  #fill(now: number): void {
    const most = Math.max(1.25, this.#rate / 10);
    this.#tokens = Math.min(most, this.#tokens + ((now - this.#filledAt) * this.#rate) / 1000);
    this.#filledAt = now;
  }
}
