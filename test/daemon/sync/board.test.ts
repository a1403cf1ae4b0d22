import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Span, gaps } from '../../../daemon/spans.ts';
import { Board, type Piece } from '../../../daemon/sync/board.ts';
import { BoardWorld } from './board-world.ts';

const span: Span = { from: 1_000_000, to: 1_100_000 };
const length = (spans: readonly Span[]): number => spans.reduce((sum, { from, to }) => sum + to - from, 0);

/** Ascending seconds, spread as a shop's might be: all over the span, or most of them close together. */
const shop = fc
  .record({ count: fc.integer({ min: 0, max: 6000 }), seed: fc.integer({ min: 1, max: 1e6 }), dense: fc.boolean() })
  .map(({ count, seed, dense }) => {
    const width = dense ? 8000 : span.to - span.from;
    const times = new Set<number>();
    for (let i = 0; i < count; i++) times.add(span.from + ((i * 7919 + seed * 104_729) % width));
    return [...times].toSorted((a, b) => a - b);
  });

const windows = fc
  .uniqueArray(fc.integer({ min: span.from, max: span.to }), { minLength: 2, maxLength: 8 })
  .map((edges) => edges.toSorted((a, b) => a - b))
  .map((edges) => edges.slice(1).flatMap((to, i) => (i % 2 === 0 ? [{ from: edges[i] ?? 0, to }] : [])));

/** What an adversary does next: an idle walker takes, or an answer arrives and its walker stays or leaves. */
const step = fc.record({ take: fc.boolean(), which: fc.nat(7), leaves: fc.boolean() });

/** The piece that a take must bring: the newest that waits, else half of the one with most left; what is not told is never split. */
function checkedTake(world: BoardWorld): void {
  const newest = Math.max(...world.waiting.map(({ to }) => to));
  const hasWaiting = world.waiting.length > 0;
  const before = world.walking.map((piece) => ({ piece, to: piece.to, left: piece.left, told: piece.told }));
  const divisible = before.filter(({ piece, left, told }) => told && (left ?? 0) > 200 && piece.to - piece.from > 1);
  const most = Math.max(...divisible.map(({ left }) => left ?? 0));
  const taken = world.take();
  for (const { piece, to, left, told } of before) if (!told || left === undefined) expect(piece.to).toBe(to);
  if (hasWaiting) expect(taken?.to).toBe(newest);
  else if (divisible.length === 0) expect(taken).toBeUndefined();
  else expect(divisible.find(({ to }) => to === taken?.to)?.left).toBe(most);
}

function check(world: BoardWorld, all: readonly Span[], before: number | null): void {
  const { board, read } = world;
  const parts = [...board.open, ...read];
  expect(length(parts)).toBe(length(all));
  expect(all.flatMap((window) => gaps(window, parts))).toEqual([]);
  if (board.expected === null) expect(before).toBeNull();
  else {
    expect(board.expected).toBeGreaterThanOrEqual(before ?? 0);
    expect(board.done).toBeLessThanOrEqual(board.expected);
  }
}

test('under any interleaving, what is read and what is open make up the windows, and each second is read once', () => {
  fc.assert(
    fc.property(shop, windows, fc.array(step, { maxLength: 120 }), (times, all, steps) => {
      const world = new BoardWorld(new Board(all, 100), times);
      let expected: number | null = null;
      for (const { take, which, leaves } of steps) {
        if (world.walking.length === 0 || (take && world.walking.length < 8)) checkedTake(world);
        else world.answer(which, leaves);
        check(world, all, expected);
        expected = world.board.expected;
      }
      world.finish(8);
      check(world, all, expected);
      expect(world.board.open).toEqual([]);
      expect(world.board.left).toBe(0);
      const inside = times.filter((time) => all.some(({ from, to }) => time >= from && time < to));
      expect(world.board.done).toBe(inside.length);
    }),
    { numRuns: 300 },
  );
});

describe('requests', () => {
  const year = { from: 1_760_000_000, to: 1_790_000_000 };
  const width = year.to - year.from;
  const even = (count: number) => Array.from({ length: count }, (_, i) => year.from + Math.floor((i * width) / count));
  const uneven = (count: number) =>
    [
      ...even(count / 2),
      ...Array.from(
        { length: count / 2 },
        (_, i) => year.from + Math.floor(width * 0.7) + Math.floor((i * 14_400 * 4) / count),
      ),
    ].toSorted((a, b) => a - b);
  const unique = (times: readonly number[]) => [...new Set(times)];

  test.each([
    ['evenly', 1],
    ['evenly', 4],
    ['evenly', 8],
    ['unevenly', 1],
    ['unevenly', 4],
    ['unevenly', 8],
  ])('F8: %s spread records cost %i walkers at most 5 %% more than pages full to the brim', (spread, walkers) => {
    const records = unique(spread === 'evenly' ? even(50_000) : uneven(50_000));
    const world = new BoardWorld(new Board([year], 100), records);
    world.finish(walkers);
    expect(world.board.done).toBe(records.length);
    expect(world.requests).toBeLessThanOrEqual((records.length / 100) * 1.05);
    // What is shown as expected is the truth from the first answer on.
    expect(world.board.expected).toBeLessThanOrEqual(records.length * 1.05);
  });

  test.each([
    [0, 1],
    [20, 1],
    [100, 1],
    [5000, 60],
  ])('F8: %i records cost at most %i requests for 8 walkers', (count, most) => {
    const world = new BoardWorld(new Board([year], 100), even(count));
    world.finish(8);
    expect(world.requests).toBeLessThanOrEqual(most);
  });
});

const taken = (board: Board): Piece => {
  const piece = board.take();
  if (piece === undefined) throw new Error('nothing to take');
  board.asking(piece);
  return piece;
};

test('without a count from the API, nothing is expected and nothing is split', () => {
  const board = new Board([span], 100);
  const piece = taken(board);
  board.answered(piece, { coveredTo: span.from + 10, fresh: 100, remaining: undefined });
  expect([board.done, board.expected]).toEqual([100, null]);
  expect(board.take()).toBeUndefined();
});

test('an answer asked before a split takes off only its own records', () => {
  const board = new Board([span], 100);
  const piece = taken(board);
  board.answered(piece, { coveredTo: span.from + 10, fresh: 100, remaining: 900 });
  board.asking(piece);
  const newer = taken(board);
  expect([piece.left, newer.left]).toEqual([450, 450]);
  board.answered(piece, { coveredTo: span.from + 20, fresh: 100, remaining: 800 });
  expect(piece.left).toBe(350);
});

test('whichever half of a split is counted first corrects what was guessed of the other, and only that once', () => {
  const board = new Board([span], 100);
  const piece = taken(board);
  board.answered(piece, { coveredTo: span.from + 10, fresh: 100, remaining: 900 });
  const newer = taken(board);
  expect(board.take()).toBeUndefined();
  board.answered(newer, { coveredTo: newer.from + 10, fresh: 100, remaining: 700 });
  expect(piece.left).toBe(100);

  const other = new Board([span], 100);
  const older = taken(other);
  other.answered(older, { coveredTo: span.from + 10, fresh: 100, remaining: 900 });
  const half = taken(other);
  other.asking(older);
  other.answered(older, { coveredTo: span.from + 20, fresh: 100, remaining: 300 });
  expect(half.left).toBe(500);
  other.answered(half, { coveredTo: half.from + 10, fresh: 100, remaining: 700 });
  expect(older.left).toBe(300);
});

test('a piece that its reader gives up is not handed out again', () => {
  const board = new Board([span], 100);
  const piece = taken(board);
  board.giveUp(piece);
  board.release(piece);
  expect(board.take()).toBeUndefined();
  expect(board.open).toEqual([]);
  expect(board.left).toBe(0);
});

test('a window that ends before it begins is no work', () => {
  const board = new Board(
    [
      { from: 10, to: 10 },
      { from: 20, to: 5 },
    ],
    100,
  );
  expect(board.take()).toBeUndefined();
});
