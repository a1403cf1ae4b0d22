import type { Span } from '../spans.ts';
import type { Axis } from '../streams/stream.ts';

/** A span of one axis, and what counting it has told so far. */
export class AuditSpan {
  readonly axis: Axis;
  readonly span: Span;
  readonly #reads: number[] = [];
  /** Records that are here, as last counted. */
  local = 0;
  drifted = 0;
  /** Of them, records that are only here. */
  alone = 0;
  /** Records that explain a difference and are no drift. */
  others = 0;
  /** A search that found nothing is not made again. */
  isTried = false;

  constructor(axis: Axis, span: Span) {
    this.axis = axis;
    this.span = span;
  }

  counted(remote: number): void {
    this.#reads.push(remote);
  }

  /** As last counted at the API. */
  get remote(): number {
    return this.#reads.at(-1) ?? 0;
  }

  /**
   * Records by which the API has more, or fewer, than are here, whichever of its counts is looked at. While orders
   * change they leave the spans of update_time, so that what is here lies between a count before it was made fresh and
   * one behind.
   */
  get difference(): number {
    const [least, most] = [Math.min(...this.#reads), Math.max(...this.#reads)];
    if (this.#reads.length === 0) return 0;
    return this.local < least ? least - this.local : Math.min(0, most - this.local);
  }

  get differs(): boolean {
    return this.difference !== 0;
  }

  /** Differs by more than the records that were found explain. */
  get isUndecided(): boolean {
    return Math.abs(this.difference) > this.drifted + this.others;
  }
}
