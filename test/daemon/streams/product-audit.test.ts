import { expect, test } from 'vitest';

import { products } from '../../../daemon/streams/products.ts';
import type { Auditable, Axis, Window } from '../../../daemon/streams/stream.ts';
import { ProductWorld } from './product-world.ts';
import { contextOf, pagesOf, shopOver } from './shop-over.ts';

const old = 1_790_000_000;
const window = { from: old, to: old + 100_000 };
const axes = ['created', 'updated'] as const;

function audit(): Auditable<{ readonly id: string }> {
  if (products.audit === undefined) throw new Error('products cannot be audited');
  return products.audit;
}

async function readAll(world: ProductWorld, axis: Axis, of: Window) {
  const pages = await pagesOf(audit().read(axis, of, world.context()));
  return { pages, ids: new Set(pages.flatMap(({ records }) => records.map(({ id }) => id))) };
}

test('products are counted by one of their times, whatever the other one is, for one request of one product', async () => {
  const world = new ProductWorld();
  world.add(120, (n) => ({ create_time: old + n, update_time: window.to + n }));
  world.add(70, (n) => ({ create_time: old - 5, update_time: old + n }));
  expect(await audit().count('created', window, world.context())).toEqual({ total: 120, sentAt: world.now });
  expect(await audit().count('updated', window, world.context())).toEqual({ total: 70, sentAt: world.now });
  expect(world.searches).toMatchObject([
    { create_time_ge: old, create_time_le: window.to - 1, update_time_ge: 0, update_time_le: Infinity, size: 1 },
    { update_time_ge: old, update_time_le: window.to - 1, create_time_ge: 0, create_time_le: Infinity, size: 1 },
  ]);
});

test('more than the API lists are counted in parts, as old as the first of them', async () => {
  const world = new ProductWorld();
  world.cap = 1000;
  world.add(2500, (n) => ({ create_time: old + n * 40, update_time: window.to }));
  const { now } = world;
  world.before = () => void (world.now += 1);
  const counted = await audit().count('created', window, world.context());
  expect(counted.total).toBe(2500);
  expect(counted.sentAt).toBeGreaterThan(now);
  expect(counted.sentAt).toBeLessThan(world.now - 3);
});

test.each(axes)('every product %s in a window is read, and its pages cover nothing', async (axis) => {
  const world = new ProductWorld();
  const name = axis === 'created' ? 'create_time' : 'update_time';
  const other = axis === 'created' ? 'update_time' : 'create_time';
  world.add(1500, (n) => ({ [name]: old + ((n * 7919) % 100_000), [other]: old + 200_000 + n }));
  world.add(50, (n) => ({ [name]: old - 1 - n, [other]: old + n }));
  const { pages, ids } = await readAll(world, axis, window);
  expect(ids).toEqual(new Set(world.products.slice(0, 1500).map(({ id }) => id)));
  expect(pages.every((page) => !('coveredTo' in page))).toBe(true);
  expect(world.oddities).toEqual([]);
});

test('products that change while those created in a window are read hide no other', async () => {
  const world = new ProductWorld();
  world.add(2000, (n) => ({ create_time: old + n * 40, update_time: old + n * 40 }));
  world.compare = (a, b) => a.update_time - b.update_time || (a.id < b.id ? -1 : 1);
  let changed = 0;
  world.before = () => world.change((changed += 17) % 2000, { update_time: world.now, title: 'Edited' });
  const { ids } = await readAll(world, 'created', window);
  expect(ids.size).toBe(2000);
});

test('a second of creation with more than the API lists is parted by update_time', async () => {
  const world = new ProductWorld();
  world.cap = 1000;
  world.add(1500, (n) => ({ create_time: old + 7, update_time: old + 1000 + n * 100 }));
  const { ids } = await readAll(world, 'created', window);
  expect(ids.size).toBe(1500);
});

test('T9: an API that ignores the filter on create_time is a configuration error that names it', async () => {
  const world = new ProductWorld();
  world.add(300, (n) => ({ create_time: old - 5000 + n, update_time: old + n }));
  world.matches = (product, search) => product.update_time >= search.update_time_ge;
  await expect(readAll(world, 'created', window)).rejects.toMatchObject({
    class: 'configuration',
    message: expect.stringContaining('ignores the filter on create_time'),
  });
});

test('over HTTP: counts and reads by either time tell the same as the shop', async () => {
  const { world, api } = await shopOver({ orders: 500, products: 600 });
  const { context } = contextOf(api);
  const all = world.streams.listing.products;
  const times = all.map(({ created }) => created).toSorted((a, b) => a - b);
  const [from = 0, to = 0] = [times[100], times.at(-50)];
  for (const axis of axes) {
    const wanted = all.filter((product) => product[axis] >= from && product[axis] < to).map(({ id }) => id);
    expect(wanted.length).toBeGreaterThan(20);
    expect(await audit().count(axis, { from, to }, context)).toMatchObject({ total: wanted.length });
    const pages = await pagesOf(audit().read(axis, { from, to }, context));
    expect(new Set(pages.flatMap(({ records }) => records.map(({ id }) => id)))).toEqual(new Set(wanted));
  }
});
