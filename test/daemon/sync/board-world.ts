import type { Span } from '../../../daemon/spans.ts';
import type { Board, Piece } from '../../../daemon/sync/board.ts';

const pageSize = 100;

interface Asked {
  readonly piece: Piece;
  readonly from: number;
  readonly to: number;
}

/** Index of the first time that is not before `at`. `times` ascend. */
export function lowerBound(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Walkers of one board over an API that shows one record a second at most, with every answer arriving when the test says
 * so. Does what the engine's walkers do, one step at a time, and keeps what was read.
 */
export class BoardWorld {
  readonly board: Board;
  readonly read: Span[] = [];
  requests = 0;
  #underWay: Asked[] = [];
  readonly #times: readonly number[];

  constructor(board: Board, times: readonly number[]) {
    this.board = board;
    this.#times = times;
  }

  get walking(): readonly Piece[] {
    return this.#underWay.map(({ piece }) => piece);
  }

  /** Open spans that no walker reads. */
  get waiting(): Span[] {
    const taken = new Set(this.walking.map((piece) => piece.from));
    return this.board.open.filter((span) => !taken.has(span.from));
  }

  /** An idle walker looks for work. */
  take(): Piece | undefined {
    const piece = this.board.take();
    if (piece !== undefined) this.#ask(piece);
    return piece;
  }

  /** The answer to one of the requests under way arrives; its walker goes on, or leaves the piece. */
  answer(which: number, leaves = false): void {
    const index = which % this.#underWay.length;
    const asked = this.#underWay[index];
    if (asked === undefined) return;
    this.#underWay.splice(index, 1);
    const { piece } = asked;
    const page = this.#page(asked);
    const before = piece.from;
    this.board.answered(piece, page);
    this.read.push({ from: before, to: piece.from });
    if (!piece.open) return;
    if (leaves || this.board.isTooDeep(piece)) this.board.release(piece);
    else this.#ask(piece);
  }

  /** Reads everything with so many walkers at once, the answers arriving in the order of asking. */
  finish(walkers: number): void {
    do {
      while (this.#underWay.length < this.#wanted(walkers) && this.take() !== undefined);
      this.answer(0);
    } while (this.#underWay.length > 0 || this.board.open.length > 0);
  }

  #wanted(walkers: number): number {
    return Math.max(1, Math.min(walkers, Math.ceil(this.board.left / 500)));
  }

  #ask(piece: Piece): void {
    this.board.asking(piece);
    this.requests += 1;
    this.#underWay.push({ piece, from: piece.from, to: piece.to });
  }

  /** `fresh` counts what lies in the piece as it is now, without the record at the cursor, which came before. */
  #page({ piece, from, to }: Asked): { coveredTo: number; fresh: number; remaining: number } {
    const first = lowerBound(this.#times, from);
    const end = lowerBound(this.#times, to);
    const last = Math.min(first + pageSize, end);
    const coveredTo = last < end ? (this.#times[last - 1] ?? to) : to;
    const known = Math.min(lowerBound(this.#times, Math.min(coveredTo, piece.to)), last);
    return { coveredTo, fresh: Math.max(0, known - first), remaining: end - last };
  }
}
