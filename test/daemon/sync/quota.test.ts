import { expect, test } from 'vitest';

import { backfillByQuota } from './quota-world.ts';

const hour = 3600;

test('T23: a daily quota spreads a backfill over days as told in advance, and what is new is there within 2 intervals on each', async () => {
  const [perDay, interval] = [60, 3 * hour];
  const seen = await backfillByQuota({ orders: 10_000, perDay, interval });
  expect(seen.run).toMatchObject({ kind: 'full', state: 'succeeded', inserted: 10_000 });
  expect(seen.failed).toEqual([]);
  // A share of 48 a day: the rest of the first day, all of the second, and the beginning of the third.
  expect(seen.took / hour).toBeCloseTo(32, 1);
  expect(seen.estimateOff).toBeLessThan(0.1);
  expect(seen.etasTold).toBeGreaterThan(5);
  expect(seen.etaOff).toBeLessThan(0.1);
  expect(Object.keys(seen.delays)).toHaveLength(3);
  expect(Math.max(...Object.values(seen.delays))).toBeLessThanOrEqual(2 * interval);
  expect(seen.lost).toBe(0);
  expect(Math.max(...Object.values(seen.sentByDay))).toBeLessThanOrEqual(perDay);
});
