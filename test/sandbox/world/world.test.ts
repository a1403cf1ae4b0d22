import { describe, expect, test } from 'vitest';

import { NO_LAG, type Lag } from './evolution.ts';
import type { WorldOptions } from './history.ts';
import { searchOrders, type OrderQuery } from './search.ts';
import { isTerminal } from './status.ts';
import { STREAM_DEFAULTS } from './stream-options.ts';
import { World } from './world.ts';

const START = 1_764_000_000;
const DAY = 86_400;

/** A world and the clock it lives by. */
function make(
  given: Partial<WorldOptions> = {},
  lag: Lag = NO_LAG,
): { readonly world: World; readonly clock: { now: number } } {
  const clock = { now: START };
  const options: WorldOptions = {
    seed: 3,
    region: 'GB',
    shopIndex: 0,
    orders: 2000,
    start: START,
    days: 100,
    pace: 1,
    bursts: 0,
    burstSize: 250,
    blankAfterDays: 365,
    cachedOrders: 50,
    ...STREAM_DEFAULTS,
    ...given,
  };
  return { world: new World(options, lag, () => clock.now), clock };
}

const ANY: OrderQuery = {
  sortField: 'update_time',
  descending: false,
  created: { ge: undefined, lt: undefined },
  updated: { ge: undefined, lt: undefined },
  status: undefined,
  shippingType: undefined,
  buyerId: undefined,
  asksToCancel: undefined,
  warehouseIds: undefined,
  limit: 100,
  from: { offset: 0 },
};

const snapshot = (world: World): string =>
  JSON.stringify([...world.orders()].map((order) => [order, textOf(world, order.id)]));
const textOf = (world: World, id: string): string => world.payload(world.positionOf(id) ?? -1).toString();

test('the same seed and start give the same world, another seed gives another', () => {
  expect(snapshot(make({ orders: 300 }).world)).toBe(snapshot(make({ orders: 300 }).world));
  expect(snapshot(make({ orders: 300, seed: 4 }).world)).not.toBe(snapshot(make({ orders: 300 }).world));
});

test('history ends at the start, has unique ids of 18 digits, and its old orders have reached their end', () => {
  const { world } = make();
  const orders = [...world.orders()];
  expect(orders).toHaveLength(2000);
  expect(new Set(orders.map(({ id }) => id)).size).toBe(2000);
  for (const { id, createTime, updateTime, status } of orders) {
    expect(id).toMatch(/^5764\d{14}$/);
    expect(createTime).toBeGreaterThanOrEqual(START - 100 * DAY);
    expect(updateTime).toBeLessThanOrEqual(START);
    if (createTime < START - 60 * DAY) expect(isTerminal(status), status).toBe(true);
  }
  expect(orders.some(({ status }) => !isTerminal(status))).toBe(true);
});

test('evenings are busier than nights', () => {
  const hours = Array.from({ length: 24 }, () => 0);
  for (const { createTime } of make({ orders: 5000 }).world.orders()) {
    const hour = Math.floor(createTime / 3600) % 24;
    hours[hour] = (hours[hour] ?? 0) + 1;
  }
  expect(hours[20] ?? 0).toBeGreaterThan(5 * (hours[3] ?? 0));
});

test('history holds seconds in which 250 orders changed', () => {
  const counts = new Map<number, number>();
  for (const { updateTime } of make({ orders: 5000, bursts: 2 }).world.orders()) {
    counts.set(updateTime, (counts.get(updateTime) ?? 0) + 1);
  }
  expect([...counts.values()].filter((count) => count >= 250)).toHaveLength(2);
});

test('the shop lives: orders move on and come in, each at its own second, at the old rate', () => {
  const { world, clock } = make();
  const before = new Map([...world.orders()].map((order) => [order.id, order]));
  clock.now += 10 * DAY;
  const after = [...world.orders()];
  expect(after.length - 2000).toBeGreaterThan(120);
  expect(after.length - 2000).toBeLessThan(500);
  const moved = after.filter(({ id, status }) => before.has(id) && before.get(id)?.status !== status);
  expect(moved.length).toBeGreaterThan(50);
  for (const { id, updateTime } of after) {
    if (before.get(id)?.updateTime !== updateTime) expect(updateTime).toBeGreaterThan(START);
  }
});

test('living through many small steps gives the same world as one leap', () => {
  const steps = make({ orders: 500 }, { fraction: 0.3, least: 1, most: 30 });
  const leap = make({ orders: 500 }, { fraction: 0.3, least: 1, most: 30 });
  for (let step = 0; step < 500; step += 1) {
    steps.clock.now += 601.5;
    steps.world.freeze(false);
  }
  leap.clock.now = steps.clock.now;
  expect(snapshot(steps.world)).toBe(snapshot(leap.world));
});

describe('late visibility', () => {
  test('until its delay is over a version is hidden and the one before it is shown', () => {
    const { world, clock } = make({ orders: 0 });
    const id = world.place({ still: true });
    clock.now += 60;
    world.move(id, 'AWAITING_SHIPMENT', { lateBy: 20 });
    expect(world.find(id)?.status).toBe('UNPAID');
    clock.now += 19.9;
    expect(world.find(id)?.status).toBe('UNPAID');
    clock.now += 0.1;
    expect(world.find(id)).toMatchObject({ status: 'AWAITING_SHIPMENT', updateTime: START + 60 });
  });

  test('a new order is not there at all', () => {
    const { world, clock } = make({ orders: 0 });
    const id = world.place({ lateBy: 5, still: true });
    expect([world.find(id), world.size]).toEqual([undefined, 0]);
    clock.now += 5;
    expect(world.find(id)?.createTime).toBe(START);
  });

  test('the usual lag touches the share of versions it is set to', () => {
    const { world, clock } = make({ orders: 4000, days: 20 }, { fraction: 0.2, least: 30, most: 30 });
    const seen = new Map<string, number>();
    const late: number[] = [];
    let changes = 0;
    for (let second = 0; second < 7200; second += 1) {
      clock.now = START + second;
      for (const position of searchOrders(world, { ...ANY, descending: true, limit: 20 }).positions) {
        const { id, updateTime } = world.viewOf(position);
        if (updateTime <= START || seen.get(id) === updateTime) continue;
        seen.set(id, updateTime);
        changes += 1;
        if (updateTime < clock.now) late.push(clock.now - updateTime);
      }
    }
    expect(changes).toBeGreaterThan(100);
    expect(late.every((seconds) => seconds === 30)).toBe(true);
    expect(late.length / changes).toBeGreaterThan(0.1);
    expect(late.length / changes).toBeLessThan(0.3);
  });
});

describe('steering', () => {
  test('move goes to the next planned status or the named one, carries the time given, and ends at the end', () => {
    const { world, clock } = make({ orders: 0 });
    const id = world.place({ status: 'AWAITING_COLLECTION' });
    expect(textOf(world, id)).toContain('"status":"AWAITING_COLLECTION"');
    clock.now += 10;
    expect(world.move(id, 'DELIVERED')).toMatchObject({ status: 'DELIVERED', updateTime: START + 10 });
    expect(world.move(id)).toMatchObject({ status: 'COMPLETED', updateTime: START + 10 });
    expect(() => world.move(id)).toThrow(/reached its end/);
    expect(world.move(id, 'CANCELLED', { at: START - 50 })).toMatchObject({ updateTime: START - 50 });
    expect([...world.orders()]).toHaveLength(1);
    expect(() => world.move('576400000000000000')).toThrow(/no order/);
  });

  test('an order survives more moves than it keeps versions', () => {
    const { world, clock } = make({ orders: 0 });
    const id = world.place();
    for (let move = 1; move <= 40; move += 1) {
      clock.now += 1;
      world.move(id, move % 2 === 0 ? 'AWAITING_SHIPMENT' : 'AWAITING_COLLECTION');
      expect(world.find(id)?.updateTime).toBe(START + move);
    }
    expect(world.size).toBe(1);
  });

  test('touch changes the text each time, and nothing that a search could see', () => {
    const { world } = make({ orders: 50 });
    const [order] = world.orders();
    const id = order?.id ?? '';
    const texts = [textOf(world, id)];
    for (let touch = 0; touch < 3; touch += 1) {
      world.touch(id);
      texts.push(textOf(world, id));
    }
    expect(new Set(texts).size).toBe(4);
    expect(world.find(id)).toEqual(order);
  });

  test('a burst gives its orders one update_time', () => {
    const { world, clock } = make({ orders: 500 });
    clock.now += 100;
    const ids = world.burst(250, START + 90);
    expect(new Set(ids).size).toBe(250);
    expect(ids.map((id) => world.find(id)?.updateTime)).toEqual(ids.map(() => START + 90));
  });

  test('a frozen world stands still, shows what was held back, and goes on later from where it stopped', () => {
    const { world, clock } = make({ orders: 2000 });
    const id = world.place({ lateBy: 30, still: true });
    world.freeze(true);
    expect(world.find(id)).toBeDefined();
    const before = JSON.stringify([...world.orders()]);
    clock.now += 5 * DAY;
    expect(JSON.stringify([...world.orders()])).toBe(before);
    const thawed = clock.now;
    world.freeze(false);
    clock.now += 2 * DAY;
    const changed = [...world.orders()].filter(({ updateTime }) => updateTime > START);
    expect(changed.length).toBeGreaterThan(20);
    for (const { updateTime } of changed) expect(updateTime).toBeGreaterThanOrEqual(thawed);
  });
});

test('whatever happens, a search finds exactly what the world shows', () => {
  const { world, clock } = make({ orders: 800, region: 'VN' }, { fraction: 0.2, least: 1, most: 30 });
  for (let round = 0; round < 30; round += 1) {
    clock.now += 977;
    world.burst(3);
    world.place({ createTime: START - 5000 * round, at: START - 4000 * round, still: true });
    const all = [...world.orders()];
    const ge = START - 20 * DAY;
    const expected = all.filter(({ updateTime, status }) => updateTime >= ge && status === 'COMPLETED');
    for (const sortField of ['update_time', 'create_time'] as const) {
      const query = { ...ANY, sortField, updated: { ge, lt: undefined }, status: 'COMPLETED', limit: 5000 };
      const page = searchOrders(world, query);
      const ids = page.positions.map((position) => world.viewOf(position).id);
      expect(ids.toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
      expect(page.total).toBe(expected.length);
      const back = searchOrders(world, { ...query, descending: true });
      expect(back.positions).toEqual(page.positions.toReversed());
    }
  }
});
