import fc from 'fast-check';
import { expect, test } from 'vitest';

import { orders } from '../../../daemon/streams/orders.ts';
import type { ReadContext } from '../../../daemon/streams/stream.ts';
import { orderStatuses } from '../../../shared/order-statuses.ts';
import { day } from '../store/wire.ts';
import { ModelApi } from '../sync/model-api.ts';
import { ModelShop } from '../sync/model-shop.ts';
import { answering } from './answering.ts';
import { OrderWorld } from './order-world.ts';
import { contextOf, pagesOf, shopOver } from './shop-over.ts';

const window = { from: day, to: day + 100_000 };
const status = 'AWAITING_SHIPMENT';
const next = 'AWAITING_COLLECTION';

/** Orders of several statuses; every third one waits for shipment. */
function mixed(count = 900): OrderWorld {
  const world = new OrderWorld();
  world.add(count, (n) => ({ status: n % 3 === 0 ? status : 'IN_TRANSIT', update_time: day + n * 10 }));
  return world;
}

const stillThere = (world: OrderWorld) => world.orders.filter((order) => order.status === status).map(({ id }) => id);

test('which statuses there are, and which are the last', () => {
  expect(orders.statuses).toBe(orderStatuses);
  expect(orders.closed).toEqual(['COMPLETED', 'CANCELLED']);
});

test('one status is asked for in the body, by name, with pages and with counts', async () => {
  const api = answering(() => ({ orders: [], total_count: 0 }));
  const { context } = contextOf(api, { status });
  await pagesOf(orders.read(window, context));
  await orders.count(window, context);
  await pagesOf(orders.read(window, contextOf(api).context));
  const times = { update_time_ge: window.from, update_time_lt: window.to };
  expect(api.asked.map(({ body }) => body)).toEqual([
    { ...times, order_status: status },
    { ...times, order_status: status },
    times,
  ]);
});

test('only orders of the status come, the proof of the sort and the count are of that status too', async () => {
  const world = mixed();
  const context = world.context({ status });
  const { ids, covered } = await world.read(window, context);
  expect(ids).toEqual(stillThere(world));
  expect(covered).toEqual([window]);
  expect(await orders.count(window, context)).toBe(300);
  expect(world.searches.every((search) => search.status === status)).toBe(true);
  expect(world.oddities).toEqual([]);
});

test('an API that does not sort is halved within the status', async () => {
  const world = mixed();
  world.compare = (a, b) => (a.id.slice(-2) < b.id.slice(-2) ? 1 : -1);
  const { ids } = await world.read(window, world.context({ status }));
  expect(new Set(ids)).toEqual(new Set(stillThere(world)));
  expect(world.searches.every((search) => search.status === status)).toBe(true);
});

test('T9: an API that ignores the filter on the status is a configuration error that names it', async () => {
  const world = mixed();
  world.matches = (order, search) => order.update_time >= search.updateFrom && order.update_time < search.updateTo;
  await expect(world.read(window, world.context({ status }))).rejects.toMatchObject({
    class: 'configuration',
    message: `the API ignores the filter on status: asked for orders in ${status}, got others`,
    hint: expect.stringContaining('without a status'),
  });
  expect(world.searches).toHaveLength(1);
});

test('single orders that changed while they were searched are stored as what they are', async () => {
  const world = mixed(60);
  world.bend = (data) => ({
    ...data,
    orders: (data.orders ?? []).map((order, n) =>
      n === 0 && typeof order === 'object' ? { ...order, status: next } : order,
    ),
  });
  const { pages } = await world.read(window, world.context({ status }));
  expect(pages.flatMap(({ records }) => records).filter((record) => record.status === next)).toHaveLength(1);
  expect(await orders.count(window, world.context({ status }))).toBe(20);
});

test.each(['offset', 'keyset'] as const)(
  'T6: 600 orders of a status, one leaves with each page, %s tokens: all that stay are brought',
  async (tokens) => {
    for (const which of [0, 150, -1]) {
      const shop = new ModelShop();
      const ids = Array.from({ length: 600 }, (_, n) => shop.place(day + n * 10, { status }));
      const left = new Set<string>();
      let now = day + 50_000;
      const api = new ModelApi({
        shop,
        now: () => now,
        tokens,
        before: (_, { query }) => {
          now += 1;
          if (query?.['page_size'] === '1') return;
          const leaves = ids.filter((id) => !left.has(id)).at(which);
          if (leaves === undefined || left.size >= 50) return;
          left.add(leaves);
          shop.change(leaves, now, { status: next });
        },
      });
      const { context, oddities } = contextOf(api, { status });
      const pages = await pagesOf(orders.read(window, context));
      const brought = new Set(pages.flatMap(({ records }) => records.map(({ id }) => id)));
      expect(left.size).toBeGreaterThan(5);
      expect(ids.filter((id) => !left.has(id) && !brought.has(id))).toEqual([]);
      expect(api.requests.every(({ query }) => !JSON.stringify(query).includes('page_token'))).toBe(true);
      expect(oddities).toEqual([]);
    }
  },
);

test('T6: whichever orders leave a status or enter it while it is read, those that stay are brought', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(60), { minLength: 200, maxLength: 400 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.nat(399)), { maxLength: 30 }),
      async (times, changes) => {
        const world = new OrderWorld();
        world.add(times.length, (n) => ({
          status: n % 5 === 0 ? 'UNPAID' : status,
          update_time: day + (times[n] ?? 0) * 10,
          create_time: day - n,
        }));
        let now = day + 1000;
        world.before = (search) => {
          for (const [at, n] of changes) {
            const order = world.orders[n];
            if (at !== search || order === undefined) continue;
            world.change(n, { status: order.status === 'UNPAID' ? status : next, update_time: now++ });
          }
        };
        const { ids } = await world.read(window, world.context({ status }));
        const brought = new Set(ids);
        expect(stillThere(world).filter((id) => !brought.has(id))).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
});

test('T6: orders that leave a second with more than a page of them keep none of the others back', async () => {
  const world = new OrderWorld();
  world.add(350, (n) => ({ status, update_time: day + 50, create_time: day - 1000 + n }));
  world.before = (n) => {
    if (n > 1) world.change(350 - n, { status: next, update_time: day + 60_000 + n });
  };
  const { ids, covered } = await world.read(window, world.context({ status }));
  const brought = new Set(ids);
  expect(stillThere(world).filter((id) => !brought.has(id))).toEqual([]);
  expect(covered).toEqual([window]);
  expect(world.oddities).toEqual([]);
  expect(world.searches.every(({ token }) => token === undefined)).toBe(true);
});

test('orders that leave between a page and its proof do not put the sort in doubt', async () => {
  const world = mixed();
  world.before = (n) => world.change(n * 3, { status: next, update_time: day + 90_000 + n });
  const { ids } = await world.read(window, world.context({ status }));
  const brought = new Set(ids);
  expect(stillThere(world).filter((id) => !brought.has(id))).toEqual([]);
  expect(world.oddities).toEqual([]);
});

test('an order of the status that the sort has left out is noticed though others leave', async () => {
  const world = new OrderWorld();
  // By creation the first page happens to ascend, and its last order was changed long after.
  world.add(400, (n) => ({ status, create_time: day - 1000 + n, update_time: n === 99 ? day + 9000 : day + n * 10 }));
  world.compare = (a, b) => a.create_time - b.create_time;
  world.before = (n) => world.change(n, { status: next, update_time: day + 90_000 + n });
  const { ids } = await world.read(window, world.context({ status }));
  const brought = new Set(ids);
  expect(stillThere(world).filter((id) => !brought.has(id))).toEqual([]);
  expect(world.oddities).toEqual(['unsorted page']);
});

test('a single order that the sort has left out is noticed', async () => {
  const world = new OrderWorld();
  world.add(150, (n) => ({ status, create_time: day - 1000 + n, update_time: day + n * 10 + (n > 98 ? 5000 : 0) }));
  world.change(120, { update_time: day + 995 });
  world.compare = (a, b) => a.create_time - b.create_time;
  const { ids } = await world.read(window, world.context({ status }));
  expect(new Set(ids).size).toBe(150);
  expect(world.oddities).toEqual(['unsorted page']);
});

test('over HTTP: the orders of each status, and no others', async () => {
  const { world, api } = await shopOver({ orders: 800, days: 30 });
  const all = [...world.orders()];
  const end = { from: 0, to: 4_000_000_000 };
  for (const one of ['AWAITING_SHIPMENT', 'IN_TRANSIT', 'COMPLETED']) {
    const wanted = all.filter((order) => order.status === one).map(({ id }) => id);
    expect(wanted.length).toBeGreaterThan(0);
    const context: ReadContext = contextOf(api, { status: one }).context;
    const pages = await pagesOf(orders.read(end, context));
    expect(pages.flatMap(({ records }) => records.map(({ id }) => id)).toSorted()).toEqual(wanted.toSorted());
    expect(await orders.count(end, context)).toBe(wanted.length);
  }
});
