import { expect, test } from 'vitest';

import { type Counted, estimateOf } from '../../../daemon/sync/estimate.ts';
import { shopsWorld } from './shops-world.ts';

const hour = 3600;
const dayMs = 24 * hour * 1000;

const counted = (shop: string, stream: string, requests: number, change: Partial<Counted['pace']> = {}): Counted => ({
  shop,
  stream,
  requests,
  records: requests * 100,
  pace: { requestsPerSecond: 1, latencyMs: 100, ...change },
});

test('streams and shops are read side by side, each at its own rate: the slowest tells the time', () => {
  const parts = [
    counted('1', 'orders', 600),
    counted('1', 'analytics', 50, { requestsPerSecond: 0.5 }),
    counted('2', 'orders', 900, { requestsPerSecond: 3 }),
  ];
  expect(estimateOf(parts)).toEqual({ requests: 1550, seconds: 600, orders: 150_000, records: 155_000 });
  expect(estimateOf(parts.slice(1))).toMatchObject({ seconds: 300 });
  expect(estimateOf([])).toEqual({ requests: 0, seconds: 0, orders: 0, records: 0 });
});

test('a daily quota is one for all streams of a shop, and each shop has its own', () => {
  const quota = { requestsPerSecond: 10, history: { perDay: 800, leftToday: 800, nextDayMs: dayMs / 2 } };
  const orders = counted('1', 'orders', 800, quota);
  const products = counted('1', 'products', 800, quota);
  // Each by itself is done today.
  expect(estimateOf([orders]).seconds).toBe(80);
  expect(estimateOf([orders, { ...products, shop: '2' }]).seconds).toBe(80);
  // Together they need the share of tomorrow too: half a day until it opens, and both rates to use it.
  expect(estimateOf([orders, products]).seconds).toBe(12 * hour + 40);
  const slow = { ...quota, requestsPerSecond: 0.01 };
  // What a slow stream needs by itself is the least.
  expect(estimateOf([orders, counted('1', 'analytics', 600, slow)]).seconds).toBe(60_000);
});

test('the engine sums what the quota lets all streams of a shop do, and each shop counts by itself', async () => {
  const { engine, a, timers, start } = await shopsWorld({
    account: { requestsPerDay: 200 },
    sandbox: { orders: 3000, products: 800 },
    streams: ['orders', 'products'],
  });
  await start();
  const estimate = (selection: { shop?: string; streams?: string[] }) =>
    timers.until(engine.estimate(selection, { anew: true }));
  const [all, ofA, ordersOfA] = [
    await estimate({}),
    await estimate({ shop: a.id }),
    await estimate({ shop: a.id, streams: ['orders'] }),
  ];
  expect(all.requests).toBeGreaterThan(1.9 * ofA.requests);
  expect(all.seconds / ofA.seconds).toBeCloseTo(1, 1);
  expect(ofA.requests).toBeGreaterThan(ordersOfA.requests);
  expect(ofA.seconds).toBeGreaterThanOrEqual(ordersOfA.seconds);
});
