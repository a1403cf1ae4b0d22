import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { askShop, codeOf, dataOf, type ShopAsk } from './client.ts';
import { living } from './living.ts';
import type { SandboxOptions } from './options.ts';
import type { Sandbox } from './sandbox.ts';
import type { VisibleProduct } from './world/products/product.ts';

const START = 1_764_000_000;
const DAY = 86_400;
const SEARCH = '/product/202502/products/search';
const clock = { now: START };

afterEach(() => {
  clock.now = START;
});

const start = (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
  living({ orders: 50, days: 100, frozen: true, now: () => clock.now, ...options });

const sku = z.looseObject({
  id: z.string(),
  seller_sku: z.string(),
  price: z.looseObject({ currency: z.string(), tax_exclusive_price: z.string() }),
  inventory: z.array(z.looseObject({ quantity: z.int(), warehouse_id: z.string() })),
});
const product = z.looseObject({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  create_time: z.int(),
  update_time: z.int(),
  skus: z.array(sku),
});
const page = z.object({
  products: z.array(product).default([]),
  next_page_token: z.string().optional(),
  total_count: z.int(),
});

const search = (sandbox: Sandbox, body: object, query: Readonly<Record<string, string>> = {}) =>
  dataOf(sandbox, SEARCH, clock.now, { query: { page_size: '100', ...query }, body }, page);

async function walk(sandbox: Sandbox, body: object, between?: (page: number) => void, size = '100') {
  const found: z.output<typeof product>[] = [];
  let token = '';
  let pages = 0;
  do {
    const got = await search(sandbox, body, { page_token: token, page_size: size });
    found.push(...got.products);
    token = got.next_page_token ?? '';
    between?.((pages += 1));
  } while (token !== '');
  return found;
}

const view = (found: z.output<typeof product>): unknown => ({
  id: found.id,
  title: found.title,
  status: found.status,
  createTime: found.create_time,
  updateTime: found.update_time,
  skus: found.skus.map(({ id, seller_sku, price, inventory }) => ({
    id,
    sellerSku: seller_sku,
    price: price.tax_exclusive_price,
    currency: price.currency,
    quantity: inventory.reduce((total, { quantity }) => total + quantity, 0),
  })),
});

const byId = <T extends { readonly id: string }>(list: readonly T[]) => list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
const truth = (sandbox: Sandbox): readonly VisibleProduct[] => byId(sandbox.world.products());
const one = (sandbox: Sandbox): VisibleProduct => {
  const found = sandbox.world.products().find(({ status }) => status === 'ACTIVATE');
  if (!found) throw new Error('no active product');
  return found;
};

describe('a search for products', () => {
  test.each(['offset', 'keyset'] as const)('walks all of them by %s, deleted ones too', async (pageTokens) => {
    const sandbox = await start({ pageTokens });
    const found = await walk(sandbox, {});
    expect(byId(found).map(view)).toEqual(truth(sandbox));
    expect(new Set(found.map(({ status }) => status)).size).toBe(8);
    expect((await search(sandbox, {})).total_count).toBe(500);
  });

  test('has no order: neither by time nor by id, whatever sort is asked for', async () => {
    const sandbox = await start();
    const plain = await search(sandbox, {});
    expect((await search(sandbox, {}, { sort_field: 'update_time', sort_order: 'ASC' })).products).toEqual(
      plain.products,
    );
    const times = plain.products.map(({ update_time }) => update_time);
    expect(times).not.toEqual(times.toSorted((a, b) => a - b));
    expect(times).not.toEqual(times.toSorted((a, b) => b - a));
  });

  test('T7: both ends of a span are included, and the names that orders use are ignored', async () => {
    const sandbox = await start();
    const { id, updateTime, createTime } = one(sandbox);
    const ids = async (body: object) => (await walk(sandbox, body)).map((found) => found.id);
    expect(await ids({ update_time_ge: updateTime, update_time_le: updateTime })).toContain(id);
    expect(await ids({ create_time_ge: createTime, create_time_le: createTime })).toContain(id);
    expect(await ids({ update_time_ge: updateTime + 1 })).not.toContain(id);
    expect(await ids({ update_time_le: updateTime - 1 })).not.toContain(id);
    expect(await ids({ update_time_lt: updateTime })).toHaveLength(500);
  });

  test('by offset loses a product when another one leaves the pages read; by keyset it does not', async () => {
    const lost = async (pageTokens: 'offset' | 'keyset'): Promise<number> => {
      const sandbox = await start({ pageTokens });
      const first = await search(sandbox, { update_time_le: START - 1 });
      const leaves = first.products[0]?.id ?? '';
      const found = await walk(sandbox, { update_time_le: START - 1 }, (pages) => {
        if (pages === 1) sandbox.world.streams.listing.edit(leaves);
      });
      const ids = new Set(found.map(({ id }) => id));
      return truth(sandbox).filter(({ id }) => !ids.has(id)).length;
    };
    expect([await lost('offset'), await lost('keyset')]).toEqual([1, 0]);
  });

  test('a change moves the changed product in the result, and with the knob all of them', async () => {
    const moved = async (productOrder: 'drift' | 'shuffle'): Promise<number> => {
      const sandbox = await start({ productOrder });
      const before = (await walk(sandbox, {})).map(({ id }) => id);
      sandbox.world.streams.listing.edit(before[0] ?? '');
      const after = (await walk(sandbox, {})).map(({ id }) => id);
      const rest = after.filter((id) => id !== before[0]);
      return rest.filter((id, index) => id !== before[index + 1]).length;
    };
    expect(await moved('drift')).toBe(0);
    expect(await moved('shuffle')).toBeGreaterThan(400);
  });

  test('filters by status, SKU, seller SKU, tier and audit', async () => {
    const sandbox = await start();
    const { id, skus } = one(sandbox);
    const count = async (body: object) => (await search(sandbox, body)).total_count;
    const active = truth(sandbox).filter(({ status }) => status === 'ACTIVATE').length;
    expect(await count({ status: 'ACTIVATE' })).toBe(active);
    expect((await search(sandbox, { sku_ids: [skus[0]?.id] })).products.map((found) => found.id)).toEqual([id]);
    expect(await count({ seller_skus: ['P400-1'] })).toBeLessThan(2);
    expect(await count({ listing_quality_tiers: ['POOR'] })).toBe(100);
    expect(await count({ audit_status: ['AUDITING'] })).toBe(
      truth(sandbox).filter(({ status }) => status === 'PENDING').length,
    );
  });

  test('more hits than the cap are refused, at once or where the pages come to it', async () => {
    const refused = async (options: Partial<SandboxOptions>, token?: string): Promise<number> =>
      codeOf(await asked(await start({ productHitCap: 120, ...options }), { body: {} }, token));
    expect(await refused({})).toBe(12052180);
    expect(await refused({ products: 120 })).toBe(0);
    const deep = await start({ productHitCap: 120, productCap: 'depth' });
    const first = await search(deep, {});
    expect(first.total_count).toBe(500);
    expect(codeOf(await asked(deep, { body: {} }, first.next_page_token))).toBe(12052180);
  });

  test.each([
    ['no page_size', {}, {}, 36009004],
    ['a page of 101', { page_size: '101' }, {}, 12019109],
    ['a bad token', { page_size: '10', page_token: 'x' }, {}, 12019108],
    ['a reversed span', { page_size: '10' }, { update_time_ge: 2, update_time_le: 1 }, 12019119],
    ['a reversed span of creation', { page_size: '10' }, { create_time_ge: 2, create_time_le: 1 }, 12019118],
    ['eleven SKUs', { page_size: '10' }, { sku_ids: Array.from({ length: 11 }, String) }, 12019087],
    ['eleven seller SKUs', { page_size: '10' }, { seller_skus: Array.from({ length: 11 }, String) }, 12019027],
    ['an unknown status', { page_size: '10' }, { status: 'LIVE' }, 12052910],
  ])('%s is refused', async (_what, query, body, code) => {
    expect(codeOf(await askShop(await start(), SEARCH, clock.now, { query, body }))).toBe(code);
  });
});

const asked = (sandbox: Sandbox, { body = {} }: ShopAsk, token = '') =>
  askShop(sandbox, SEARCH, clock.now, { query: { page_size: '100', page_token: token }, body });

test('a detail shows the product of the search, but no deleted one', async () => {
  const sandbox = await start();
  const { id } = one(sandbox);
  const detail = await dataOf(sandbox, `/product/202509/products/${id}`, clock.now, {}, product);
  expect(view(detail)).toEqual(sandbox.world.streams.listing.view(id));
  sandbox.world.streams.listing.setStatus(id, 'DELETED');
  expect(codeOf(await askShop(sandbox, `/product/202509/products/${id}`, clock.now, {}))).toBe(12019150);
});

test('prices, texts and statuses move update_time; stock does unless told otherwise', async () => {
  for (const stockMovesUpdateTime of [true, false]) {
    const sandbox = await start({ stockMovesUpdateTime });
    const { listing } = sandbox.world.streams;
    const { id, updateTime } = one(sandbox);
    clock.now += 10;
    listing.stock(id, 7);
    expect(listing.view(id)).toMatchObject({ updateTime: stockMovesUpdateTime ? clock.now : updateTime });
    expect(listing.view(id)?.skus[0]?.quantity).toBe(7);
    clock.now += 10;
    listing.price(id, 1234);
    expect(listing.view(id)?.updateTime).toBe(clock.now);
    expect(listing.view(id)?.skus[0]?.price).toBe('12.34');
    const [found] = (await search(sandbox, { update_time_ge: clock.now })).products;
    expect(found && view(found)).toEqual(listing.view(id));
  }
});

test('T49: 23,400 products of which 11,000 share one day', async () => {
  const sandbox = await start({ products: 23_400, productsOnOneDay: 11_000 });
  const day = Math.floor((START - 30 * DAY) / DAY) * DAY;
  const found = async (from: number, until: number): Promise<number> => {
    const answered = await asked(sandbox, { body: { update_time_ge: from, update_time_le: until } });
    const { code, data } = z.object({ code: z.int(), data: page.nullable() }).parse(JSON.parse(answered.text));
    return code === 12052180 ? Infinity : (data?.total_count ?? 0);
  };
  expect(await found(0, START)).toBe(Infinity);
  expect(await found(day, day + DAY - 1)).toBe(Infinity);
  const halves = [await found(day, day + DAY / 2 - 1), await found(day + DAY / 2, day + DAY - 1)];
  expect((halves[0] ?? 0) + (halves[1] ?? 0)).toBeGreaterThanOrEqual(11_000);
});

test('the faults of pages strike here as they do for orders', async () => {
  const sandbox = await start();
  const ids = ({ products }: z.output<typeof page>) => products.map(({ id }) => id);
  const right = await search(sandbox, {});
  sandbox.faults.add({ kind: 'double', times: 1 });
  expect(ids(await search(sandbox, {}))).toEqual([...ids(right), ids(right).at(-1)]);
  sandbox.faults.add({ kind: 'missing', times: 1 });
  expect(await search(sandbox, {})).toMatchObject({ products: [], total_count: 500 });
  sandbox.faults.add({ kind: 'token', how: 'repeat', times: 1 });
  const token = right.next_page_token ?? '';
  expect((await search(sandbox, {}, { page_token: token })).next_page_token).toBe(token);
  sandbox.faults.add({ kind: 'partial', times: 1 });
  expect((await asked(sandbox, {})).text).toContain('"products":[{},{');
  expect(ids(await search(sandbox, {}))).toEqual(ids(right));
});
