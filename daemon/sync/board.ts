import type { Span } from '../spans.ts';
import type { Window } from '../streams/stream.ts';

/** In pages: what is smaller is not worth a walker of its own. */
const smallest = 2;
/** History is read newest first in about this many parts. */
const parts = 16;
/** In pages: a window is parted for the sake of order only when it holds at least this much. */
const smallestPart = 10;

/** A window and how much of it is left, as far as the API has told. */
export class Piece implements Window {
  /** The cursor: everything before it is read. */
  from: number;
  to: number;
  left: number | undefined;
  taken = false;
  /** Whether `left` is what the API counted. After a split both halves hold guesses, which only their sum bounds. */
  told = false;
  /** The other half of the last split, until one of the two is told; what it has too much, this one has too little. */
  twin: Piece | undefined;
  /** Splits since the request under way was sent: its total counts more than what is left here. */
  split = false;

  constructor(span: Span, left?: number) {
    this.from = span.from;
    this.to = span.to;
    this.left = left;
  }

  get open(): boolean {
    return this.from < this.to;
  }
}

/**
 * The windows of one run, shared by its walkers. An idle walker takes the newest window nobody reads, else it halves
 * the one with most records left; what is unknown or only guessed is never split, because records that crowd at one end
 * would have it halved down to single seconds. Pure: no time, no network.
 */
export class Board {
  #pieces: Piece[];
  readonly #pageSize: number;
  #done = 0;
  #expected: number | null = null;

  /** @param pageSize records that come with a page at most. */
  constructor(windows: readonly Span[], pageSize: number) {
    this.#pageSize = pageSize;
    this.#pieces = windows.map((window) => new Piece(window)).filter((piece) => piece.open);
  }

  /** Records read so far. */
  get done(): number {
    return this.#done;
  }

  /** Records in all, null until the API has told a number. Never falls. */
  get expected(): number | null {
    return this.#expected;
  }

  /** Whether it is known of each window what is left in it. */
  get isCounted(): boolean {
    return this.#pieces.every((piece) => piece.left !== undefined);
  }

  /** Records left in windows that have told. */
  get left(): number {
    return this.#pieces.reduce((sum, piece) => sum + (piece.left ?? 0), 0);
  }

  /** Spans that nobody has read yet. */
  get open(): Span[] {
    return this.#pieces.filter((piece) => piece.open).map(({ from, to }) => ({ from, to }));
  }

  take(): Piece | undefined {
    const waiting = this.#pieces.filter((piece) => piece.open && !piece.taken).toSorted((a, b) => b.to - a.to)[0];
    if (waiting !== undefined) {
      const newest = this.#isDeep(waiting) ? this.#split(waiting) : waiting;
      newest.taken = true;
      return newest;
    }
    const largest = this.#pieces
      .filter((piece) => divisible(piece) && (piece.left ?? 0) > smallest * this.#pageSize)
      .toSorted((a, b) => (b.left ?? 0) - (a.left ?? 0))[0];
    if (largest === undefined) return undefined;
    const newer = this.#split(largest);
    newer.taken = true;
    return newer;
  }

  /** Before a request for this piece is sent. */
  asking(piece: Piece): void {
    piece.split = false;
  }

  /**
   * An answer for a piece.
   * @param fresh records that no page before brought; `remaining` what the API counts behind the page.
   */
  answered(
    piece: Piece,
    answer: {
      readonly coveredTo: number | undefined;
      readonly fresh: number;
      readonly remaining: number | undefined;
      readonly pinned?: boolean | undefined;
    },
  ): void {
    this.#done += answer.fresh;
    const before = piece.left;
    if (answer.remaining !== undefined && !piece.split) {
      tellTwin(piece, answer.remaining + answer.fresh - (before ?? 0));
      piece.left = answer.remaining;
      piece.told = true;
    } else if (before !== undefined) piece.left = Math.max(0, before - answer.fresh);
    // Its reader goes on where it is, whatever becomes of the window.
    if (answer.pinned === true) piece.told = false;
    if (answer.coveredTo !== undefined) piece.from = Math.max(piece.from, Math.min(answer.coveredTo, piece.to));
    if (!piece.open) {
      tellTwin(piece, -(piece.left ?? 0));
      this.#close(piece);
    }
    if (before !== undefined || answer.remaining !== undefined)
      this.#expected = Math.max(this.#expected ?? 0, this.#done + this.left);
  }

  /** Whether its walker should leave this piece for a newer part of it. */
  isTooDeep(piece: Piece): boolean {
    return piece.open && this.#isDeep(piece);
  }

  release(piece: Piece): void {
    piece.taken = false;
  }

  /** Its reader has come to an end: what is still open there cannot be read now, and stays to the next run. */
  giveUp(piece: Piece): void {
    piece.from = Math.max(piece.from, piece.to);
    this.#close(piece);
  }

  #close(piece: Piece): void {
    piece.left = 0;
    this.#pieces = this.#pieces.filter((other) => other !== piece);
  }

  #isDeep(piece: Piece): boolean {
    const depth = Math.max(smallestPart * this.#pageSize, (this.#expected ?? 0) / parts);
    return divisible(piece) && (piece.left ?? 0) > depth;
  }

  #split(piece: Piece): Piece {
    const middle = piece.from + Math.ceil((piece.to - piece.from) / 2);
    const share = Math.floor((piece.left ?? 0) / 2);
    const newer = new Piece({ from: middle, to: piece.to }, share);
    newer.twin = piece;
    piece.twin = newer;
    piece.told = false;
    piece.to = middle;
    piece.left = (piece.left ?? 0) - share;
    piece.split = true;
    this.#pieces.push(newer);
    return newer;
  }
}

/** @param missed how many records more than guessed a half turned out to have; the other half has as many less. */
function tellTwin(piece: Piece, missed: number): void {
  const { twin } = piece;
  if (twin === undefined) return;
  twin.left = Math.max(0, (twin.left ?? 0) - missed);
  twin.told = true;
  twin.twin = undefined;
  piece.twin = undefined;
}

const divisible = (piece: Piece): boolean => piece.told && piece.to - piece.from > 1;
