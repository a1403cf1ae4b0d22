import { describe, expect, test } from 'vitest';

import { NO_LAG } from './evolution.ts';
import type { WorldOptions } from './history.ts';
import { STREAM_DEFAULTS } from './stream-options.ts';
import { World } from './world.ts';

const START = 1_764_000_000;
const DAY = 86_400;

function make(given: Partial<WorldOptions> = {}): { readonly world: World; readonly clock: { now: number } } {
  const clock = { now: START };
  const options: WorldOptions = {
    seed: 3,
    region: 'GB',
    shopIndex: 0,
    orders: 1000,
    start: START,
    days: 60,
    pace: 1,
    bursts: 0,
    burstSize: 250,
    blankAfterDays: 365,
    cachedOrders: 50,
    ...STREAM_DEFAULTS,
    ...given,
  };
  return { world: new World(options, NO_LAG, () => clock.now), clock };
}

const STREAMS = ['products', 'days', 'returns', 'cancellations', 'statements'] as const;
const snapshot = (world: World) => Object.fromEntries(STREAMS.map((name) => [name, world[name]()]));

describe.each(STREAMS)('%s', (name) => {
  test('are the same for the same seed, and differ by seed and shop', () => {
    const [one, same] = [make().world, make().world];
    expect(one[name]()).toEqual(same[name]());
    expect(one[name]()).not.toEqual(make({ seed: 4 }).world[name]());
    expect(one[name]()).not.toEqual(make({ shopIndex: 1 }).world[name]());
  });

  test('live on: a week later some have changed', () => {
    const { world, clock } = make();
    const before = world[name]();
    clock.now += 7 * DAY;
    expect(world[name]()).not.toEqual(before);
  });

  test('are the same whether lived through in many steps or in one leap', () => {
    const [steps, leap] = [make(), make()];
    for (let step = 0; step < 200; step += 1) {
      steps.clock.now += 3001.5;
      steps.world[name]();
    }
    leap.clock.now = steps.clock.now;
    const told = ({ world }: { readonly world: World }) =>
      world[name]()
        .map((record) => JSON.stringify(record))
        .toSorted();
    expect(told(steps)).toEqual(told(leap));
  });

  test('stand still while the shop is frozen, and go on from there', () => {
    const { world, clock } = make();
    clock.now += 3 * DAY;
    world.freeze(true);
    const before = world[name]();
    clock.now += 5 * DAY;
    expect(world[name]()).toEqual(before);
    world.freeze(false);
    clock.now += 7 * DAY;
    expect(world[name]()).not.toEqual(before);
  });
});

test('what changes after an instant has a later update_time, so that none of it is missed', () => {
  const { world, clock } = make();
  clock.now += DAY;
  const before = snapshot(world);
  const since = clock.now;
  clock.now += 2 * DAY;
  for (const name of ['products', 'returns', 'cancellations'] as const) {
    const known = new Set(before[name]?.map((record) => JSON.stringify(record)));
    const changed = world[name]().filter((record) => !known.has(JSON.stringify(record)));
    expect(changed.length, name).toBeGreaterThan(0);
    for (const { updateTime } of changed) expect(updateTime, name).toBeGreaterThan(since);
  }
});

test('returns follow deliveries, at a share of some percent, and end', () => {
  const { world } = make({ orders: 5000, days: 200 });
  const orders = new Map([...world.orders()].map((order) => [order.id, order]));
  const returns = world.returns();
  expect(returns.length / orders.size).toBeGreaterThan(0.03);
  expect(returns.length / orders.size).toBeLessThan(0.08);
  expect(new Set(returns.map(({ id }) => id)).size).toBe(returns.length);
  expect(new Set(returns.map(({ status }) => status)).size).toBeGreaterThan(5);
  for (const { orderId, createTime, updateTime } of returns) {
    expect(['DELIVERED', 'COMPLETED']).toContain(orders.get(orderId)?.status);
    expect(updateTime).toBeGreaterThanOrEqual(createTime);
  }
});

test('each cancelled order has one cancellation that says when', () => {
  const { world } = make({ orders: 5000, days: 200 });
  const cancelled = [...world.orders()].filter(({ status }) => status === 'CANCELLED');
  const complete = world.cancellations().filter(({ status }) => status === 'CANCELLATION_REQUEST_COMPLETE');
  const told = new Map(complete.map(({ orderId, updateTime }) => [orderId, updateTime]));
  expect(told).toEqual(new Map(cancelled.map(({ id, updateTime }) => [id, updateTime])));
});

test('the figures of days count the orders of the shop, those never paid left out', () => {
  const { world, clock } = make({ restatedDays: 0 });
  const unpaid = (status: string) => status === 'UNPAID';
  const days = world.days();
  expect(days[0]?.date).toBe(new Date((START - 60 * DAY) * 1000).toISOString().slice(0, 10));
  expect(days.at(-1)?.date).toBe(new Date((clock.now - DAY) * 1000).toISOString().slice(0, 10));
  for (const { date, orders } of days) {
    const begin = Date.parse(`${date}T00:00:00Z`) / 1000;
    const placed = [...world.orders()].filter(({ createTime }) => createTime >= begin && createTime < begin + DAY);
    const never = placed.filter(({ status }) => unpaid(status) || status === 'CANCELLED').length;
    expect(orders).toBeLessThanOrEqual(placed.filter(({ status }) => !unpaid(status)).length);
    expect(orders).toBeGreaterThanOrEqual(placed.length - never);
  }
});

test('the one day holds the products it should, within the seconds it should', () => {
  const { world } = make({ products: 1000, productsOnOneDay: 400, oneDaySeconds: 2 });
  const day = Math.floor((START - 30 * DAY) / DAY) * DAY;
  const times = world.products().map(({ updateTime }) => updateTime);
  expect(times.filter((time) => time === day || time === day + 1).length).toBeGreaterThanOrEqual(400);
  expect(world.products().every(({ createTime, updateTime }) => createTime <= updateTime)).toBe(true);
  expect(new Set(world.products().flatMap(({ id, skus }) => [id, ...skus.map((sku) => sku.id)])).size).toBe(
    1000 + world.products().reduce((total, { skus }) => total + skus.length, 0),
  );
});

test('the products that orders name are the shop’s', () => {
  const { world } = make();
  const known = new Set(world.products().flatMap(({ id, skus }) => skus.map((sku) => `${id} ${sku.id}`)));
  for (const { id } of world.orders()) {
    const text = world.payload(world.positionOf(id) ?? -1).toString();
    for (const { product_id, sku_id } of JSON.parse(text).line_items) {
      expect(known).toContain(`${product_id} ${sku_id}`);
    }
  }
});
