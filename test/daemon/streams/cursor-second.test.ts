import { expect, test } from 'vitest';

import { day } from '../store/wire.ts';
import { OrderWorld } from './order-world.ts';

const window = { from: day - 100, to: day + 100 };
const uncovered = [
  { from: day - 100, to: day },
  { from: day + 1, to: day + 100 },
];

/** A second that holds more than two pages, with others before and behind it. */
function crowded(createTime: (n: number) => number, count = 250): OrderWorld {
  const world = new OrderWorld();
  world.add(1, () => ({ update_time: day - 50 }));
  world.add(count, (n) => ({ update_time: day, create_time: createTime(n) }));
  world.add(1, () => ({ update_time: day + 50 }));
  return world;
}

test('F9: 250 orders of one second are read by create_time, without a token', async () => {
  const world = crowded((n) => day - 1000 + n);
  const { ids, covered, pages } = await world.read(window);
  expect(new Set(ids).size).toBe(252);
  expect(ids).toHaveLength(252);
  expect(covered).toEqual([window]);
  expect(world.searches.some((search) => search.token !== undefined)).toBe(false);
  const whole = pages.find((page) => page.coveredTo === day + 1);
  const shown = new Set([...(whole?.before ?? []), ...(whole?.records ?? []).map((record) => record.id)]);
  expect(shown.size).toBeGreaterThanOrEqual(250);
  expect(pages.filter((page) => page.coveredTo === undefined).every((page) => page.from === day)).toBe(true);
});

test('250 orders that tie in both times are read by tokens', async () => {
  const world = crowded(() => day - 1000);
  const { ids, covered } = await world.read(window);
  expect(new Set(ids).size).toBe(252);
  expect(covered).toEqual([window]);
  expect(world.searches.filter((search) => search.token !== undefined)).toHaveLength(2);
  expect(world.oddities).toEqual([]);
});

test('several ties in both times within one second, each larger than a page', async () => {
  const world = crowded((n) => day - 1000 + Math.floor(n / 220) * 7, 660);
  const { ids, covered } = await world.read(window);
  expect(new Set(ids).size).toBe(662);
  expect(covered).toEqual([window]);
  expect(world.oddities).toEqual([]);
});

test('orders of a second that cannot be stored count as read', async () => {
  const world = new OrderWorld();
  world.add(250, (n) => ({ update_time: day, create_time: n < 120 ? 'never' : day - n, n }));
  world.compare = (a, b) => Number(a['n']) - Number(b['n']);
  world.matches = () => true;
  const { pages, ids, covered } = await world.read({ from: day, to: day + 1 });
  expect(new Set(ids).size).toBe(130);
  expect(new Set(pages.flatMap((page) => page.rejected.map((r) => r.payload))).size).toBe(120);
  expect(covered).toEqual([{ from: day, to: day + 1 }]);
});

test('tokens that repeat are an error by name', async () => {
  const world = crowded(() => day - 1000);
  world.bend = (data, search) => (search.sort === 'create_time' ? { ...data, next_page_token: 'again' } : data);
  await expect(world.read(window)).rejects.toMatchObject({
    class: 'transient',
    message: `the API repeats its page tokens within second ${day}`,
  });
  expect(world.searches.filter((search) => search.token !== undefined)).toHaveLength(1);
});

test('tokens that never end are an error by name, soon', async () => {
  const world = crowded(() => day - 1000);
  world.bend = (data, search, n) =>
    search.sort === 'create_time' ? { ...data, orders: world.orders.slice(1, 101), next_page_token: `more${n}` } : data;
  await expect(world.read(window)).rejects.toMatchObject({ class: 'transient' });
  expect(world.searches.length).toBeLessThan(20);
});

test.each([
  [
    'the sort',
    (world: OrderWorld) =>
      (world.compare = (a, b, { sort }) =>
        sort === 'create_time' ? (a.id < b.id ? 1 : -1) : a.update_time - b.update_time),
  ],
  [
    'the filter',
    (world: OrderWorld) => (world.matches = (o, s) => o.update_time >= s.updateFrom && o.update_time < s.updateTo),
  ],
])('an API that ignores %s by create_time: the second is read by tokens, and that is told', async (_, bend) => {
  const world = crowded((n) => day - 1000 + ((n * 7) % 250));
  bend(world);
  const { ids, covered } = await world.read(window);
  expect(new Set(ids).size).toBe(252);
  expect(covered).toEqual([window]);
  expect(world.oddities).toEqual(['second not whole']);
  expect(world.searches.length).toBeLessThan(15);
});

test('an order by create_time that looks right by luck shows in the count, and loses nothing', async () => {
  const world = crowded((n) => (n === 99 ? day : day - 1000 + Math.floor(n / 2)));
  world.compare = (a, b, { sort }) => (sort === 'create_time' ? (a.id < b.id ? -1 : 1) : a.update_time - b.update_time);
  const { ids, covered } = await world.read(window);
  expect(new Set(ids).size).toBe(252);
  expect(covered).toEqual([window]);
  expect(world.oddities).toEqual(['second not whole']);
});

test('rule 2, F9: an order that leaves the second while it is paged through leaves it uncovered, not an order skipped', async () => {
  const world = crowded(() => day - 1000);
  world.before = () => {
    if (world.searches.at(-1)?.token !== undefined) world.change(3, { update_time: day + 60 });
  };
  const { ids, covered } = await world.read(window);
  const missed = world.orders.filter((order) => !ids.includes(order.id));
  expect(missed).toHaveLength(1);
  expect(covered).toEqual(uncovered);
  expect(world.oddities).toEqual(['second not whole']);
  const again = await world.read(window);
  expect(again.ids).toEqual(expect.arrayContaining(missed.map((order) => order.id)));
  expect(again.covered).toEqual([window]);
});
