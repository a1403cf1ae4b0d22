import type { Page, ReadContext, Stream } from '../streams/stream.ts';
import type { Board, Piece } from './board.ts';

/** A walker of its own is worth it from this many pages left for each. */
const pagesPerWalker = 5;

export interface Walk<R> {
  readonly stream: Stream<R>;
  readonly board: Board;
  readonly context: ReadContext;
  /** How many walkers keep the budget busy at the latency measured; asked again after each page. */
  readonly walkers: () => number;
  /** Stores a page; when it resolves, the page is committed. */
  readonly store: (page: Page<R>) => Promise<void>;
  /** After the board has taken note of a stored page. */
  readonly advanced: () => void;
}

/**
 * Reads every window of the board with as many walkers as keep the budget busy.
 * @throws what the first walker that failed threw; the others have stopped at the edge of a page by then.
 */
export async function walk<R>(work: Walk<R>): Promise<void> {
  const { board } = work;
  const stop = new AbortController();
  const signal = AbortSignal.any([work.context.signal, stop.signal]);
  const context = { ...work.context, signal };
  const walking = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;

  const fill = (): void => {
    const wanted = Math.max(
      1,
      Math.min(work.walkers(), Math.ceil(board.left / (pagesPerWalker * work.stream.pageSize))),
    );
    while (!signal.aborted && walking.size < wanted) {
      const piece = board.take();
      if (piece === undefined) return;
      const walker: Promise<void> = readPiece(work, piece, context, fill)
        .catch((error: unknown) => {
          failure ??= { error };
          stop.abort(error);
        })
        .finally(() => {
          board.release(piece);
          walking.delete(walker);
          fill();
        });
      walking.add(walker);
    }
  };

  fill();
  while (walking.size > 0) await Promise.race(walking);
  if (failure !== undefined) throw failure.error;
  work.context.signal.throwIfAborted();
}

async function readPiece<R>(work: Walk<R>, piece: Piece, context: ReadContext, fill: () => void): Promise<void> {
  const { board, stream } = work;
  board.asking(piece);
  for await (const page of stream.read(piece, context)) {
    await work.store(page);
    const inside = page.records.filter((record) => stream.table.timeOf(record) < piece.to).length;
    board.answered(piece, {
      coveredTo: page.coveredTo,
      fresh: inside + page.rejected.length,
      remaining: page.remaining,
      pinned: page.pinned,
    });
    work.advanced();
    context.signal.throwIfAborted();
    if (board.isTooDeep(piece)) return;
    board.asking(piece);
    fill();
  }
  // The stream has read what it can: a second that cannot be read whole would be handed out again and again.
  if (piece.open) board.giveUp(piece);
}
