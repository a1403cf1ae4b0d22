import { expect, test } from 'vitest';

import {
  coverable,
  firstLiveStart,
  historyGaps,
  liveWindows,
  missing,
  stripOf,
  windowEnd,
} from '../../../daemon/sync/plan.ts';

const policy = { settle: 60, overlap: 300 };
const known = { liveStart: 10_000, since: 1000, coverage: [] };

test('the strip is settle and overlap together', () => expect(stripOf(policy)).toBe(360));

test('the second that the server is in, and one that its Date may lag behind, belong to the window', () => {
  expect(windowEnd(10_000.9)).toBe(10_002);
});

test('what is younger than the strip is live at first sight, and all before it is history', () => {
  expect(firstLiveStart(10_000.9, policy)).toBe(9640);
  expect(firstLiveStart(100, policy)).toBe(0);
});

test('nothing covered: the strip is live, the rest history, and they meet without gap or overlap', () => {
  expect(liveWindows(known, 10_400)).toEqual([{ from: 10_000, to: 10_400 }]);
  expect(historyGaps(known)).toEqual([{ from: 1000, to: 10_000 }]);
});

test('covered to the strip: what is new begins where coverage ends', () => {
  const covered = { ...known, coverage: [{ from: 1000, to: 12_000 }] };
  expect(liveWindows(covered, 12_400)).toEqual([{ from: 12_000, to: 12_400 }]);
  expect(historyGaps(covered)).toEqual([]);
});

test('killed in the middle: every gap is work, each on its side of the live start', () => {
  const torn = {
    ...known,
    coverage: [
      { from: 5000, to: 7000 },
      { from: 9000, to: 11_000 },
      { from: 11_500, to: 12_000 },
    ],
  };
  expect(historyGaps(torn)).toEqual([
    { from: 1000, to: 5000 },
    { from: 7000, to: 9000 },
  ]);
  expect(liveWindows(torn, 12_400)).toEqual([
    { from: 11_000, to: 11_500 },
    { from: 12_000, to: 12_400 },
  ]);
});

test('rule 6: a window that would end before it begins is no work', () => {
  expect(liveWindows(known, 9000)).toEqual([]);
  expect(historyGaps({ ...known, since: 20_000 })).toEqual([]);
});

test('rule 2: only what was asked settle + overlap later counts as covered', () => {
  const read = { from: 1000, to: 2000 };
  expect(coverable(read, 5000, policy)).toEqual(read);
  expect(coverable(read, 2000.7, policy)).toEqual({ from: 1000, to: 1640 });
  expect(coverable(read, 1360, policy)).toBeNull();
});

test('missing: all gaps below the strip of the watermark, or below the live start while there is none', () => {
  expect(missing(known, null, policy)).toEqual([{ from: 1000, to: 10_000 }]);
  const torn = { ...known, coverage: [{ from: 4000, to: 19_640 }] };
  expect(missing(torn, 19_940, policy)).toEqual([{ from: 1000, to: 4000 }]);
  expect(missing(torn, 20_000, policy)).toEqual([
    { from: 1000, to: 4000 },
    { from: 19_640, to: 19_700 },
  ]);
});
