import fc from 'fast-check';
import { expect, test } from 'vitest';

import { orders } from '../../../daemon/streams/orders.ts';
import { day } from '../store/wire.ts';
import { OrderWorld, summary } from './order-world.ts';

const window = { from: day, to: day + 100_000 };

test('always the first page from a cursor of time: each order once, sorted, and the window covered', async () => {
  const world = new OrderWorld();
  world.add(350, (n) => ({ update_time: day + 349 - n }));
  const { ids, covered, pages } = await world.read(window);
  expect(ids).toEqual(world.orders.map((order) => order.id).toReversed());
  expect(covered).toEqual([window]);
  expect(pages.map((page) => page.remaining)).toEqual([250, 151, 52, 0]);
  expect(world.oddities).toEqual([]);
  expect(world.searches.every((search) => search.token === undefined)).toBe(true);
  expect(world.searches.map((search) => [search.updateFrom - day, search.size])).toEqual([
    [0, 100],
    [0, 1],
    [99, 100],
    [198, 100],
    [297, 100],
  ]);
});

test('an empty window costs one request and is covered', async () => {
  const world = new OrderWorld();
  world.bend = () => ({ total_count: 0, next_page_token: '' });
  const { pages, covered } = await world.read(window);
  expect(pages).toMatchObject([{ records: [], remaining: 0 }]);
  expect(covered).toEqual([window]);
  expect(world.searches).toHaveLength(1);
});

test('ties at the end of a page are read again, and come again only if they have changed', async () => {
  const world = new OrderWorld();
  world.add(120, (n) => ({ update_time: day + (n < 90 ? n : 90) }));
  world.before = (n) => {
    if (n === 3) world.change(95, { status: 'EDITED' });
  };
  const { ids, covered, pages } = await world.read(window);
  expect(ids.filter((id) => id === 'id00095')).toHaveLength(2);
  expect(new Set(ids).size).toBe(120);
  expect(ids).toHaveLength(121);
  expect(pages.at(-1)?.before?.has('id00091')).toBe(true);
  expect(covered).toEqual([window]);
});

test('T4: an order that changes while we page is stored in its last version, and nothing is skipped', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(60), { minLength: 200, maxLength: 260 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(199)), { maxLength: 20 }),
      async (times, changes) => {
        const world = new OrderWorld();
        world.add(times.length, (n) => ({ update_time: day + (times[n] ?? 0) * 10, create_time: day - n }));
        let now = day + 1000;
        world.before = (search) => {
          for (const [at, n] of changes) {
            if (at === search && n < times.length) world.change(n, { update_time: now++ });
          }
        };
        const { pages, covered } = await world.read(window);
        const latest = new Map(pages.flatMap(({ records }) => records).map((r) => [r.id, r.updateTime]));
        expect(latest).toEqual(new Map(world.orders.map((order) => [order.id, order.update_time])));
        expect(covered).toEqual([window]);
      },
    ),
    { numRuns: 40 },
  );
});

test('a window that shrinks while it is read is read up to where it now ends', async () => {
  const world = new OrderWorld();
  world.add(500, (n) => ({ update_time: day + n * 10 }));
  const piece = { from: day, to: day + 10_000 };
  const pages = [];
  for await (const page of orders.read(piece, world.context())) {
    pages.push(page);
    if (pages.length === 1) piece.to = day + 1500;
  }
  const { ids, covered } = summary(pages);
  expect(ids).toHaveLength(150);
  expect(covered).toEqual([{ from: day, to: day + 1500 }]);
  piece.to = piece.from;
  expect((await world.read(piece)).pages).toEqual([]);
});

test('a page whose orders cannot be told apart in time is set aside, the rest is read', async () => {
  const world = new OrderWorld();
  world.add(300, (n) => ({ update_time: day + n, ...(n < 120 && { status: null }) }));
  const { pages, ids, covered } = await world.read({ from: day, to: day + 1000 });
  expect(new Set(ids).size).toBe(180);
  expect(new Set(pages.flatMap((page) => page.rejected.map((r) => r.recordId))).size).toBe(120);
  expect(covered).toEqual([{ from: day, to: day + 1000 }]);
});

test('orders that cannot be stored, scattered over the pages, are set aside once and hide no other', async () => {
  const world = new OrderWorld();
  world.add(400, (n) => ({ update_time: day + Math.floor(n / 3), ...(n % 4 === 1 && { status: '' }) }));
  const { ids, covered } = await world.read(window);
  expect(new Set(ids).size).toBe(300);
  expect(covered).toEqual([window]);
});

test.each([
  ['both ends', () => true],
  ['the lower end', (time: number, { updateTo }: { updateTo: number }) => time < updateTo],
])('T9: a filter that is ignored at %s is a configuration error at once', async (_, matches) => {
  const world = new OrderWorld();
  world.add(250, (n) => ({ update_time: day + n }));
  world.matches = (order, search) => matches(order.update_time, search);
  const failed = world.read({ from: day + 200, to: day + 300 });
  await expect(failed).rejects.toMatchObject({
    class: 'configuration',
    message: expect.stringContaining(`ignores the filter on update_time: asked for [${day + 200}, ${day + 300})`),
  });
  expect(world.searches).toHaveLength(1);
});

test('T9: a filter that is ignored shows even where the first page looks right', async () => {
  const world = new OrderWorld();
  world.add(250, (n) => ({ update_time: day + n }));
  world.matches = () => true;
  await expect(world.read(window)).rejects.toMatchObject({ class: 'configuration' });
  expect(world.searches).toHaveLength(2);
});

test('one order from outside its window is asked for again, and then is a passing failure', async () => {
  const world = new OrderWorld();
  world.add(3, (n) => ({ update_time: day + n }));
  const outside = { ...world.orders[0], update_time: day + 999_999 };
  let wrong = 1;
  world.bend = (data) => (wrong-- > 0 ? { ...data, orders: [...(data.orders ?? []).slice(1), outside] } : data);
  expect((await world.read(window)).ids).toHaveLength(3);
  wrong = 99;
  await expect(world.read(window)).rejects.toMatchObject({ class: 'transient' });
});

test('the proof of the sort is asked once for all walkers of a run, and not at all without a full page', async () => {
  const world = new OrderWorld();
  world.add(600, (n) => ({ update_time: day + n }));
  const context = world.context();
  await Promise.all([
    world.read({ from: day, to: day + 300 }, context),
    world.read({ from: day + 300, to: day + 600 }, context),
  ]);
  expect(world.searches.filter((search) => search.size === 1)).toHaveLength(1);
  const small = new OrderWorld();
  small.add(100, (n) => ({ update_time: day + n }));
  await small.read(window);
  expect(small.searches).toHaveLength(1);
});

test('an order that changes between a page and its proof does not put the sort in doubt', async () => {
  const world = new OrderWorld();
  world.add(250, (n) => ({ update_time: day + n }));
  world.before = (n) => {
    if (n === 2) world.change(5, { update_time: day + 5000 });
  };
  const { ids, covered } = await world.read(window);
  expect(world.oddities).toEqual([]);
  expect(ids.filter((id) => id === 'id00005')).toHaveLength(2);
  expect(new Set(ids).size).toBe(250);
  expect(covered).toEqual([window]);
});

test('a stop between two pages asks for nothing more', async () => {
  const world = new OrderWorld();
  world.add(350, (n) => ({ update_time: day + n }));
  const stop = new AbortController();
  const reading = orders.read(window, world.context({ signal: stop.signal }));
  await reading.next();
  const asked = world.searches.length;
  stop.abort(new Error('stopped'));
  await expect(reading.next()).rejects.toThrow('stopped');
  expect(world.searches).toHaveLength(asked);
});
