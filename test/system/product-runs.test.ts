import { expect, test } from 'vitest';

import { products } from '../../daemon/streams/products.ts';
import { engineOver } from '../daemon/streams/engine-over.ts';

const searchPath = '/product/202502/products/search';
const byId = <T extends { readonly id: string }>(list: readonly T[]) => list.toSorted((a, b) => (a.id < b.id ? -1 : 1));

async function shopOf(options: Parameters<typeof engineOver>[1]) {
  const shop = await engineOver(products, { orders: 50, days: 700, ...options });
  const { world, requests: counters } = shop.sandbox;
  const stored = async () => {
    const skus = Map.groupBy(
      await shop.rows('select product_id, id, price, quantity from product_skus order by id'),
      (sku) => sku['product_id'],
    );
    const list = await shop.rows('select id, title, status, update_time as updateTime from products order by id');
    return list.map((product) => ({
      ...product,
      skus: (skus.get(product['id']) ?? []).map(({ id, price, quantity }) => ({ id, price, quantity })),
    }));
  };
  const shown = () =>
    byId(world.products()).map(({ id, title, status, updateTime, skus }) => ({
      id,
      title,
      status,
      updateTime,
      skus: byId(skus).map(({ id: sku, price, quantity }) => ({ id: sku, price, quantity })),
    }));
  return { ...shop, stored, shown, requests: () => counters.of(searchPath).total };
}

test.each(['count', 'depth'] as const)(
  'T49: 23,400 products of which 11,000 share one day, by as many walkers as there is work for: %s',
  async (productCap) => {
    const shop = await shopOf({ products: 23_400, productsOnOneDay: 11_000, productCap });
    const run = await shop.run();
    expect(run).toMatchObject({ kind: 'full', state: 'succeeded', inserted: 23_400, updated: 0, rejected: 0 });
    expect(await shop.stored()).toEqual(shop.shown());
    expect(run?.requests).toBe(shop.requests());
    expect(shop.requests()).toBeLessThan(360);
    // No page beyond the cap is asked for: where the count tells, what is too long is refused at its first one.
    const { failed } = shop.sandbox.requests.of(searchPath);
    if (productCap === 'depth') expect(failed).toBe(0);
    else expect(failed).toBeLessThan(15);
    // Each was read once, or nearly.
    expect(run?.seen).toBeLessThan(23_400 * 1.05);
    expect(await shop.rows('select what from oddities')).toEqual([]);
    const before = shop.requests();
    expect(await shop.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
    expect(shop.requests() - before).toBe(1);
    expect(await shop.rows(`select sync_type from sync_metadata`)).toEqual([{ sync_type: 'products' }]);
  },
  90_000,
);

test('a shop that lives is followed day by day, and nothing is done twice', async () => {
  const shop = await shopOf({ products: 600, productChanges: 400, frozen: false });
  expect(await shop.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
  for (let n = 0; n < 8; n += 1) {
    shop.timers.pass(((n % 3) + 1) * 6 * 3600 * 1000);
    expect(await shop.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
    expect(await shop.stored()).toEqual(shop.shown());
  }
  const { length } = shop.shown();
  const counts = await shop.rows('select sum(count) as total from record_counts');
  expect(counts).toEqual([{ total: length }]);
  expect(await shop.run({ what: 'resync' })).toMatchObject({
    kind: 'full',
    state: 'succeeded',
    updated: 0,
    localOnly: 0,
  });
});

test('more than a page changed within the hour is read by parts, in about as many requests', async () => {
  const shop = await shopOf({ products: 1200, productChanges: 0, frozen: false });
  await shop.run();
  const { listing } = shop.sandbox.world.streams;
  shop.timers.pass(3600_000);
  const ids = shop.shown().map(({ id }) => id);
  const end = Math.floor(shop.now());
  ids.slice(0, 900).forEach((id, n) => listing.price(id, 5000 + n, 0, end - 3000 + n * 3));
  shop.timers.pass(60_000);
  const before = shop.requests();
  expect(await shop.run()).toMatchObject({ kind: 'incremental', state: 'succeeded', updated: 900 });
  expect(await shop.stored()).toEqual(shop.shown());
  expect(shop.requests() - before).toBeLessThan(40);
  const again = shop.requests();
  await shop.run();
  expect(shop.requests() - again).toBeLessThan(6);
});

test('stopped in the middle and started again, it goes on from what is covered', async () => {
  const shop = await shopOf({ products: 6000, productHitCap: 2000 });
  let requests = 0;
  for (let n = 0; n < 5; n += 1) {
    const engine = shop.engineOf();
    const { ended } = await engine.request({ what: 'sync' }, {}, 'manual');
    const until = shop.requests() + 14;
    while (shop.requests() < until) await new Promise((resolve) => setImmediate(resolve));
    await engine.close();
    expect(await ended).toMatchObject([{ state: 'interrupted' }]);
    requests = shop.requests();
  }
  expect(await shop.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect(await shop.stored()).toEqual(shop.shown());
  expect(requests).toBeGreaterThanOrEqual(70);
  expect(shop.requests()).toBeLessThan(2.5 * 60 + 70);
});
