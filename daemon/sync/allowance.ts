/** How often something may be done within a minute, whoever asks. */
export class Allowance {
  readonly #most: number;
  /** Monotonic milliseconds. */
  readonly #now: () => number;
  #taken: number[] = [];

  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  /** @returns 0 when it may be done now, and is counted; else milliseconds until it may. */
  take(): number {
    const now = this.#now();
    this.#taken = this.#taken.filter((at) => at > now - minuteMs);
    const oldest = this.#taken.at(-this.#most);
    if (oldest !== undefined) return oldest + minuteMs - now;
    this.#taken.push(now);
    return 0;
  }
}

const minuteMs = 60_000;
