import type { Clock } from './workshop.ts';

/** What a daemon believes of the time, beside the server's own. All times are unix seconds. */
export class Clocks {
  readonly #clock: () => Clock;
  readonly #random: () => number;
  readonly #most: number;
  /** By how much the estimate of the server's time lies behind it. */
  #behind = 0;

  /** @param most seconds that the estimate lies behind at most. */
  constructor(clock: () => Clock, random: () => number, most: number) {
    this.#clock = clock;
    this.#random = random;
    this.#most = most;
  }

  /** The server's time. */
  get now(): number {
    return this.#clock().now;
  }

  /** What the API's answers tell of it. */
  get told(): number {
    return this.now - this.#behind;
  }

  /** What the engine takes for it: never ahead of it, nor of the local clock (rule 6). */
  get believed(): number {
    return Math.min(this.told, this.#clock().local);
  }

  /** The estimate moves to and fro, as Dates of other servers come and are forgotten. @returns whether it went back. */
  wander(): boolean {
    if (this.#most === 0 || this.#random() >= 0.15) return false;
    const before = this.#behind;
    this.#behind = Math.floor(this.#random() * (this.#most + 1));
    return this.#behind > before;
  }

  /** Somebody sets the local clock. */
  jump(ahead: number): void {
    this.#clock().ahead = ahead;
  }

  /** Both are right from here on. */
  mend(): void {
    this.#behind = 0;
    this.jump(0);
  }
}
