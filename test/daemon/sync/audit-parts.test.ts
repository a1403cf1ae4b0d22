import { expect, test } from 'vitest';

import type { Span } from '../../../daemon/spans.ts';
import { edgesFor, ranksOf, spansBetween } from '../../../daemon/sync/audit-edges.ts';
import { inParallel } from '../../../daemon/sync/audit-parallel.ts';
import { search } from '../../../daemon/sync/audit-search.ts';
import { AuditSpan } from '../../../daemon/sync/audit-span.ts';
import { type Result, statementOf } from '../../../daemon/sync/audit-statement.ts';
import { createRandom } from './history-world.ts';

test('a small store has few edges, and no store has more than 24 in all', () => {
  const of = (rows: number) => [edgesFor('created', rows), edgesFor('updated', rows)];
  expect([0, 100, 1000, 10_000, 100_000, 10_000_000].map(of)).toEqual([
    [0, 0],
    [1, 1],
    [1, 2],
    [3, 6],
    [7, 16],
    [7, 16],
  ]);
});

test('edges lie at equal distances, and every shift moves all of them', () => {
  expect(ranksOf(100, 4, 0)).toEqual([0, 25, 50, 75]);
  expect(ranksOf(100, 4, 0.5)).toEqual([12, 37, 62, 87]);
  expect(ranksOf(100, 4, 0.999)).toEqual([24, 49, 74, 99]);
  expect(ranksOf(0, 4, 0.5)).toEqual([0, 0, 0, 0]);
});

test('spans share their ends and make up the whole, whatever the edges are', () => {
  expect(spansBetween({ from: 10, to: 50 }, [30, 20, 20, 5, 10, 50, 70])).toEqual([
    { from: 10, to: 20 },
    { from: 20, to: 30 },
    { from: 30, to: 50 },
  ]);
  expect(spansBetween({ from: 10, to: 50 }, [])).toEqual([{ from: 10, to: 50 }]);
});

test('a difference is what every count agrees on: between a count before and one behind, nothing differs', () => {
  const differenceOf = (local: number, ...reads: readonly number[]): number => {
    const span = new AuditSpan('updated', { from: 0, to: 9 });
    for (const read of reads) span.counted(read);
    span.local = local;
    return span.difference;
  };
  expect(differenceOf(5)).toBe(0);
  expect(differenceOf(5, 7)).toBe(2);
  expect(differenceOf(5, 7, 5)).toBe(0);
  expect(differenceOf(5, 7, 4)).toBe(0);
  expect(differenceOf(5, 7, 6)).toBe(1);
  expect(differenceOf(8, 7, 6)).toBe(-1);
});

test('a span is undecided when records found explain less than its difference', () => {
  const span = new AuditSpan('created', { from: 0, to: 9 });
  span.counted(8);
  span.local = 5;
  span.drifted = 2;
  expect(span.isUndecided).toBe(true);
  span.others = 1;
  expect(span.isUndecided).toBe(false);
});

/** Searches a made-up store for records that only the remote has. */
async function searched(remote: readonly number[], missing: ReadonlySet<number>, mayAsk = (_asked: number) => true) {
  const here = remote.filter((_, i) => !missing.has(i));
  const within = (times: readonly number[], { from, to }: Span): number[] =>
    times.filter((time) => time >= from && time < to);
  const read: Span[] = [];
  let requests = 0;
  const span = { from: 0, to: 1_000_000 };
  await search({ span, remote: remote.length, local: here.length }, (difference) => difference !== 0, {
    pageSize: 100,
    remote: async (part) => {
      requests += 1;
      return within(remote, part).length;
    },
    local: async (part) => within(here, part).length,
    middle: async (part) => within(here, part)[Math.floor(within(here, part).length / 2)],
    read: async (part) => {
      read.push(part);
      requests += Math.max(1, Math.ceil(within(remote, part).length / 100));
    },
    mayAsk: () => mayAsk(requests),
  });
  const found = remote.filter((time, i) => missing.has(i) && read.some(({ from, to }) => time >= from && time < to));
  return { found: found.length, requests };
}

test('a search reads every record that is missing, for a few requests each', async () => {
  const random = createRandom(5);
  const remote = Array.from({ length: 10_000 }, () => Math.floor(random() * 1_000_000)).toSorted((a, b) => a - b);
  for (const many of [1, 2, 7, 40]) {
    const missing = new Set(Array.from({ length: many }, () => Math.floor(random() * remote.length)));
    const { found, requests } = await searched(remote, missing);
    expect(found).toBe(missing.size);
    expect(requests).toBeLessThanOrEqual(9 * many);
  }
  const neighbours = new Set(Array.from({ length: 300 }, (_, i) => 5000 + i));
  expect(await searched(remote, neighbours)).toMatchObject({ found: 300 });
  expect((await searched(remote, neighbours)).requests).toBeLessThan(20);
});

test('a search ends in a second that holds more than fits on many pages, and in a store without rows', async () => {
  const tied = Array.from({ length: 3000 }, () => 777_777);
  expect(await searched(tied, new Set([5]))).toMatchObject({ found: 1 });
  const all = Array.from({ length: 900 }, (_, i) => i * 1000);
  expect(await searched(all, new Set(all.keys()))).toEqual({ found: 900, requests: 9 });
});

test('a search ends where no more may be asked', async () => {
  const remote = Array.from({ length: 10_000 }, (_, i) => i * 100);
  const { requests } = await searched(remote, new Set([5, 3000, 9000]), (asked) => asked < 7);
  expect(requests).toBeLessThanOrEqual(8);
});

test('so many at a time, and the first to fail is told', async () => {
  let [under, most, done] = [0, 0, 0];
  await inParallel([1, 2, 3, 4, 5, 6], 3, async () => {
    under += 1;
    most = Math.max(most, under);
    await Promise.resolve();
    under -= 1;
    done += 1;
  });
  expect({ most, done }).toEqual({ most: 3, done: 6 });
  await expect(inParallel([1, 2], 2, (n) => Promise.reject(new Error(`no ${n}`)))).rejects.toThrow('no 1');
});

const result: Result = {
  span: { from: 1_700_000_000, to: 1_795_317_310 },
  isWhole: true,
  repair: true,
  isCut: false,
  left: 0,
  remote: 102_068,
  stored: 102_068,
  compared: 26,
  drifted: 0,
  repaired: 0,
  missing: 0,
  stale: 0,
  onlyLocal: 0,
  future: 0,
  undecided: 0,
};

test.each<[string, Partial<Result>]>([
  ['102,068 of 102,068 orders, 0 stale', {}],
  ['102,068 of 102,068 orders, 0 stale; 1 missing was found and mended', { missing: 1 }],
  ['102,068 of 102,068 orders, 0 stale; 1,200 missing and 1 stale were found and mended', { missing: 1200, stale: 1 }],
  ['102,068 of 102,068 orders, 1 stale; 2 stale were found and mended', { stale: 3, left: 1 }],
  [
    '102,058 of 102,068 orders, 2 stale; 10 missing, nothing was repaired',
    { stored: 102_058, repair: false, missing: 10, stale: 2, left: 2 },
  ],
  ['102,068 of 102,068 orders, 0 stale; 4 only here, kept', { onlyLocal: 4 }],
  ['102,068 of 102,068 orders, 0 stale; 2 with an update time in the future', { future: 2 }],
  ['102,068 of 102,068 orders, 0 stale; 1 span differed without a record to tell why', { undecided: 1 }],
  ['102,068 of 102,068 orders, 0 stale; not everything that differs was gone after: audit again', { isCut: true }],
  [
    '102,068 of 102,068 orders, 0 stale; compared since 2023-11-14 22:13:20Z, what is older is not read yet',
    { isWhole: false },
  ],
])('the statement says: %s', (words, change) => {
  expect(statementOf({ ...result, ...change }, 'orders')).toBe(`as of 2026-11-22 03:15:10Z: ${words}`);
});
