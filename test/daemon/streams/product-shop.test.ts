import { expect, test } from 'vitest';

import { gaps } from '../../../daemon/spans.ts';
import { products } from '../../../daemon/streams/products.ts';
import type { RequestFaultInput } from '../../sandbox/faults-kinds.ts';
import { contextOf, copy, roomFor, shopOver } from './shop-over.ts';

const start = 1_764_000_000;
const window = { from: 1_577_836_800, to: start + 2 };
const byId = <T extends { readonly id: string }>(list: readonly T[]) => list.toSorted((a, b) => (a.id < b.id ? -1 : 1));

type Room = Awaited<ReturnType<typeof copy>>['room'];

const coverageOf = async (room: Room) =>
  (await room.rows(`select from_time as 'from', to_time as 'to' from coverage order by 1`)).map((row) => ({
    from: Number(row['from']),
    to: Number(row['to']),
  }));
const holds = (time: number) => (span: { readonly from: number; readonly to: number }) =>
  span.from <= time && time < span.to;

/** What a copy says of every product, as the shop would say it. */
async function stored(room: Room) {
  const found = await room.rows(
    'select id, title, status, create_time as createTime, update_time as updateTime from products order by id',
  );
  const skus = await room.rows(
    'select product_id, id, seller_sku as sellerSku, price, currency, quantity from product_skus order by rowid',
  );
  const byProduct = Map.groupBy(skus, (sku) => sku['product_id']);
  return found.map((product) => ({
    ...product,
    skus: byId(
      (byProduct.get(product['id']) ?? []).map((sku) => {
        const { product_id: _, id, ...rest } = sku;
        return { id: String(id), ...rest };
      }),
    ),
  }));
}

const truth = (shop: Awaited<ReturnType<typeof shopOver>>) =>
  byId(shop.world.products()).map((product) => ({ ...product, skus: byId(product.skus) }));

test('T49: 11,000 of one second are parted by create_time', async () => {
  const shop = await shopOver({ now: () => start, products: 11_500, productsOnOneDay: 11_000, oneDaySeconds: 1 });
  const { room, covered, requests } = await copy(products, shop.api, window);
  expect(await stored(room)).toEqual(truth(shop));
  expect(covered).toEqual([window]);
  expect(requests).toBeLessThan(250);
}, 60_000);

test.each(['drift', 'shuffle'] as const)(
  'a shop that lives while it is read is stored whole: %s',
  async (productOrder) => {
    const clock = { now: start };
    const shop = await shopOver({
      now: () => clock.now,
      products: 900,
      frozen: true,
      productOrder,
      stockMovesUpdateTime: false,
    });
    const { context } = contextOf(shop.api);
    const { room, put } = await roomFor(products);
    const { listing } = shop.world.streams;
    const ids = shop.world.products().map(({ id }) => id);
    let n = 0;
    let busy = true;
    const living = {
      ...context,
      onAttempt: () => {
        clock.now += 1;
        n += 1;
        const id = ids[(n * 37) % ids.length] ?? '';
        if (!busy || n % 3 > 0) return;
        if (n % 2 === 0) listing.stock(id, n);
        else listing.edit(id, clock.now);
      },
    };
    const read = async (to: number) => {
      const covered = await coverageOf(room);
      for (const gap of gaps({ from: window.from, to }, covered))
        for await (const page of products.read(gap, living))
          await put(
            page.coveredTo === undefined ? page : { ...page, coveredTo: Math.min(page.coveredTo, page.sentAt - 360) },
          );
    };
    await read(clock.now + 2);
    busy = false;
    clock.now += 400;
    await read(clock.now + 2);
    const seen = new Map((await stored(room)).map((product) => [Object(product).id, Object(product).updateTime]));
    expect(shop.world.products().filter(({ id, updateTime }) => seen.get(id) !== updateTime)).toEqual([]);
  },
);

const search = { match: '/product/202502/products/search', times: 4, after: 2 };
const faults: readonly RequestFaultInput[] = [
  { kind: 'token', how: 'repeat', ...search },
  { kind: 'token', how: 'cycle', ...search },
  { kind: 'token', how: 'empty', ...search },
  { kind: 'double', ...search },
  { kind: 'double', across: true, ...search },
  { kind: 'missing', ...search },
  { kind: 'partial', orders: 'all', ...search },
  { kind: 'code', code: 12019108, ...search },
  { kind: 'code', code: 12052180, ...search },
];

test.each(faults)('nothing is covered that did not come, and all is read in the end: %j', async (fault) => {
  const shop = await shopOver({ now: () => start, products: 700 });
  const all = new Map(shop.world.products().map(({ id, updateTime }) => [id, updateTime]));
  const { room, put } = await roomFor(products);
  shop.sandbox.faults.add(fault);
  let failures = 0;
  for (;;) {
    const covered = await coverageOf(room);
    const have = new Set((await room.rows('select id from products')).map(({ id }) => id));
    const missing = [...all].filter(([id, time]) => !have.has(id) && covered.some(holds(time)));
    // What has lost its id can only be set aside.
    if (fault.kind !== 'partial') expect(missing).toEqual([]);
    else if (missing.length > 0) expect((await room.rows('select * from rejected_records')).length).toBeGreaterThan(0);
    const [gap] = gaps(window, covered);
    if (gap === undefined) break;
    try {
      for await (const page of products.read(gap, contextOf(shop.api).context)) await put(page);
    } catch (error) {
      expect(error).toMatchObject({ class: expect.stringMatching(/transient|configuration/) });
      failures += 1;
      expect(failures).toBeLessThan(5);
    }
  }
  expect(shop.sandbox.requests.of(search.match).total).toBeLessThan(60);
});

test('killed after any page, a walk goes on from what is covered, and nothing is covered that was not whole', async () => {
  const shop = await shopOver({ now: () => start, products: 2600 });
  const all = new Map(shop.world.products().map(({ id, updateTime }) => [id, updateTime]));
  const { room, put } = await roomFor(products);
  let kills = 0;
  let requests = 0;
  for (;;) {
    const covered = await coverageOf(room);
    const have = new Set((await room.rows('select id from products')).map(({ id }) => id));
    const inside = [...all].filter(([, time]) => covered.some(holds(time)));
    expect(inside.filter(([id]) => !have.has(id))).toEqual([]);
    const [gap] = gaps(window, covered);
    if (gap === undefined) break;
    let pages = 0;
    const { context } = contextOf(shop.api, { onAttempt: () => (requests += 1) });
    for await (const page of products.read(gap, context)) {
      await put(page);
      pages += 1;
      // In the middle of a list, later and later.
      if (pages > 6 + kills) break;
    }
    kills += 1;
  }
  expect(await stored(room)).toEqual(truth(shop));
  expect(kills).toBeGreaterThan(3);
  expect(requests).toBeLessThan(26 * 4);
});

test('a frozen or deleted product comes with the search, and is absent by its id', async () => {
  const shop = await shopOver({ now: () => start, products: 30 });
  const { listing } = shop.world.streams;
  const [deleted = '', frozen = '', sold = ''] = shop.world.products().map(({ id }) => id);
  listing.setStatus(deleted, 'DELETED', start - 5000);
  listing.setStatus(frozen, 'FREEZE', start - 4000);
  const { room, put, context } = await copy(products, shop.api, window);
  expect(await stored(room)).toEqual(truth(shop));
  expect(await room.rows(`select status from products where id = '${deleted}'`)).toEqual([{ status: 'DELETED' }]);
  listing.price(sold, 123_400, 0, start - 10);
  const absent: string[] = [];
  for await (const page of products.readIds([deleted, frozen, sold, '1729'], context)) {
    await put(page);
    absent.push(...(page.absent ?? []));
  }
  expect(absent).toEqual([deleted, frozen, '1729']);
  expect(await stored(room)).toEqual(truth(shop));
});
