import type { LadderStep, Rung } from '../../shared/views.ts';
import { AppError } from '../errors.ts';
import { Unreachable } from '../tiktok/transport.ts';

/** Fewer records a page would only cost requests. */
const leastPageSize = 10;
/** So many pages in a row come at a small size before a larger one is tried again. */
const goodPages = 20;
/** How long nothing higher is tried after too much could not be read, milliseconds. */
const restMs = 3600_000;
/** Attempts of one call while less at a time is tried: it has failed often enough before. */
const attemptsBelow = 2;

/**
 * Rule 10: whether asking for less at a time may help. An API that answers with an error of its own, contradicts itself,
 * takes too long or answers too much may do better with less; a broken connection, throttling, quota, signature,
 * authorization and our own database will not.
 */
export const climbs = (error: unknown): error is AppError =>
  error instanceof AppError && error.class === 'transient' && (!(error instanceof Unreachable) || error.isTooMuch);

/**
 * The lower rungs of one stream's ladder: page again, window again, smaller page, bisect. Kept in memory, because a
 * daemon that starts anew may well begin at the bottom; what it is about is visible in `status`.
 */
export class Ladder {
  readonly #fullSize: number;
  /** Local milliseconds. */
  readonly #now: () => number;
  #pageSize: number;
  #good = 0;
  #restUntil = 0;
  readonly #steps = new Map<Rung, LadderStep>();

  /** @param fullSize records of a page when nothing is wrong. */
  constructor(fullSize: number, now: () => number) {
    this.#fullSize = fullSize;
    this.#pageSize = fullSize;
    this.#now = now;
  }

  /** The highest rung in use, null when nothing is wrong. */
  get step(): LadderStep | null {
    return this.#steps.get('bisect') ?? this.#steps.get('smaller_page') ?? this.#steps.get('window') ?? this.#page;
  }

  /** Records to ask for with a page. */
  get pageSize(): number {
    return this.#pageSize;
  }

  /** Attempts of one call at most, undefined for as many as usual. */
  get attempts(): number | undefined {
    return this.#pageSize < this.#fullSize ? attemptsBelow : undefined;
  }

  /** Whether less at a time is to be tried: the window was read again already, by a run after the one that failed. */
  get mayClimb(): boolean {
    return this.#steps.has('window') && this.#now() >= this.#restUntil;
  }

  get #page(): LadderStep | null {
    return this.#steps.get('page') ?? null;
  }

  /** @param reason in words for a person. */
  reach(rung: Rung, reason: string): void {
    const since = this.#steps.get(rung)?.since ?? new Date(this.#now()).toISOString();
    this.#steps.set(rung, { rung, reason, since });
  }

  /**
   * Halves the page after one of `size` records could not be had; nothing is halved twice for walkers that failed
   * side by side. @returns false when it cannot be smaller.
   */
  shrink(size: number, reason: string): boolean {
    this.#good = 0;
    if (size > this.#pageSize) return true;
    if (this.#pageSize <= leastPageSize) return false;
    this.#pageSize = Math.max(leastPageSize, Math.floor(this.#pageSize / 2));
    this.reach('smaller_page', reason);
    return true;
  }

  /** Reading around what fails has come to no end: the API has another trouble, and is asked less. */
  rest(): void {
    this.#restUntil = this.#now() + restMs;
    this.#steps.delete('bisect');
  }

  /** A page came. */
  good(): void {
    this.#steps.delete('page');
    if (this.#pageSize === this.#fullSize) return;
    this.#good += 1;
    if (this.#good < goodPages) return;
    this.#good = 0;
    this.#pageSize = Math.min(this.#fullSize, this.#pageSize * 2);
    if (this.#pageSize === this.#fullSize) this.#steps.delete('smaller_page');
  }

  /** A run read all that it had to: only a page size that has still to prove itself remains. */
  succeeded(): void {
    for (const rung of ['page', 'window', 'bisect'] as const) this.#steps.delete(rung);
  }
}
