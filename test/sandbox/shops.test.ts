import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { ask, askShop, codeOf, type Answered } from './client.ts';
import { living } from './living.ts';
import type { Sandbox } from './sandbox.ts';

const START = 1_764_000_000;

const start = (): Promise<Sandbox> => living({ orders: 60, days: 30, shops: 2, frozen: true, now: () => START });

const dates = { start_date_ge: '2025-11-20', end_date_lt: '2025-11-22' };
const STREAMS: Readonly<Record<string, (sandbox: Sandbox, shop: number) => Promise<Answered>>> = {
  '/order/': (sandbox, shop) =>
    askShop(sandbox, '/order/202309/orders/search', START, { query: { page_size: '10' }, body: {}, shop }),
  '/product/': (sandbox, shop) =>
    askShop(sandbox, '/product/202502/products/search', START, { query: { page_size: '10' }, body: {}, shop }),
  '/analytics/': (sandbox, shop) =>
    askShop(sandbox, '/analytics/202509/shop/performance', START, { query: dates, shop }),
  '/return_refund/202602/returns': (sandbox, shop) =>
    askShop(sandbox, '/return_refund/202602/returns/search', START, { body: {}, shop }),
  '/return_refund/202602/cancellations': (sandbox, shop) =>
    askShop(sandbox, '/return_refund/202602/cancellations/search', START, { body: {}, shop }),
  '/finance/': (sandbox, shop) =>
    askShop(sandbox, '/finance/202309/statements', START, { query: { sort_field: 'statement_time' }, shop }),
};

/** The code of each stream's call, for one shop. */
async function codes(sandbox: Sandbox, shop: number): Promise<Record<string, number>> {
  const entries = Object.entries(STREAMS).map(
    async ([name, call]) => [name, codeOf(await call(sandbox, shop))] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

const all = (code: number) => Object.fromEntries(Object.keys(STREAMS).map((name) => [name, code]));

async function listed(sandbox: Sandbox): Promise<readonly string[]> {
  const { text } = await ask(sandbox, '/authorization/202309/shops', { timestamp: START });
  const shape = z.object({ data: z.object({ shops: z.array(z.object({ id: z.string() })) }) });
  return shape.parse(JSON.parse(text)).data.shops.map(({ id }) => id);
}

describe('two shops under one token', () => {
  test('each have a world of their own in every stream', async () => {
    const sandbox = await start();
    expect([await codes(sandbox, 0), await codes(sandbox, 1)]).toEqual([all(0), all(0)]);
    for (const call of Object.values(STREAMS)) {
      expect((await call(sandbox, 0)).text).not.toBe((await call(sandbox, 1)).text);
    }
    const [first, second] = sandbox.shops;
    expect(first?.world.products()).not.toEqual(second?.world.products());
    expect(first?.world.days()).not.toEqual(second?.world.days());
  });

  test.each([105001, 101000] as const)(
    'T52: consent withdrawn for one is %i there, and the other goes on',
    async (code) => {
      const sandbox = await start();
      const [first, second] = sandbox.shops.map(({ id }) => id);
      sandbox.faults.add({ kind: 'withdraw', shop: first ?? '', code });
      expect([await codes(sandbox, 0), await codes(sandbox, 1)]).toEqual([all(code), all(0)]);
      expect(await listed(sandbox)).toEqual([second]);
      sandbox.faults.clear();
      expect([await codes(sandbox, 0), await listed(sandbox)]).toEqual([all(0), [first, second]]);
    },
  );

  test('a seller who consents anew does so for every shop', async () => {
    const sandbox = await start();
    sandbox.faults.add({ kind: 'withdraw', shop: sandbox.shops[1]?.id ?? '' });
    const query = new URLSearchParams({
      app_key: sandbox.appKey,
      app_secret: sandbox.appSecret,
      auth_code: sandbox.tokens.authorize(),
      grant_type: 'authorized_code',
    });
    expect((await listed(sandbox)).length).toBe(1);
    await fetch(`${sandbox.url}/api/v2/token/get?${query.toString()}`);
    expect([await codes(sandbox, 1), (await listed(sandbox)).length]).toEqual([all(0), 2]);
  });

  test('consent withdrawn for a shop that is none is refused', async () => {
    const { faults } = await start();
    expect(() => faults.add({ kind: 'withdraw', shop: '9' })).toThrow('no shop 9; known are');
  });

  test.each(Object.keys(STREAMS))('T30: a scope missing for %s of one shop stops that alone', async (match) => {
    const sandbox = await start();
    sandbox.faults.add({ kind: 'code', code: 105005, match, shop: sandbox.shops[0]?.id });
    expect(await codes(sandbox, 0)).toEqual({ ...all(0), [match]: 105005 });
    expect(await codes(sandbox, 1)).toEqual(all(0));
    expect((await STREAMS[match]?.(sandbox, 0))?.http).toBe(401);
  });

  test('a storm over one is counted there alone', async () => {
    const sandbox = await start();
    const [first, second] = sandbox.shops.map(({ id }) => id);
    sandbox.faults.add({ kind: '429', shop: first });
    expect([await codes(sandbox, 0), await codes(sandbox, 1)]).toEqual([all(36009002), all(0)]);
    const path = '/finance/202309/statements';
    expect(sandbox.requests.of(path)).toMatchObject({ total: 2, throttled: 1, ok: 1 });
    expect(sandbox.requests.of(path, first)).toMatchObject({ total: 1, throttled: 1, ok: 0 });
    expect(sandbox.requests.of(path, second)).toMatchObject({ total: 1, throttled: 0, ok: 1 });
  });

  test('without a scope that was never granted the streams that need it are refused', async () => {
    const sandbox = await start();
    sandbox.tokens.setScopes(['seller.order.info']);
    expect(await codes(sandbox, 0)).toEqual({ ...all(105005), '/order/': 0 });
  });
});

test('the admin routes tell and change the world of every stream', async () => {
  const sandbox = await start();
  const admin = async (path: string, body?: object) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const text = await (await fetch(`${sandbox.url}/_admin/${path}`, init)).text();
    return text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  };
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const shop = sandbox.shops[1];
  for (const name of ['products', 'days', 'returns', 'cancellations', 'statements'] as const) {
    expect(await admin(`${name}?shop=${shop?.id}`)).toEqual(plain(shop?.world[name]()));
  }
  const [{ id }] = z.tuple([z.object({ id: z.string() })]).parse(await admin('products', { action: 'add' }));
  for (const change of [
    { action: 'edit' },
    { action: 'price', minor: 5 },
    { action: 'stock', quantity: 3 },
    { action: 'status', status: 'SELLER_DEACTIVATED' },
  ]) {
    expect(await admin('products', { ...change, id })).toEqual([{ id }]);
  }
  const { title = '', status, skus = [] } = sandbox.world.streams.listing.view(id) ?? {};
  expect([title.endsWith('(rev 1)'), status, skus[0]?.price, skus[0]?.quantity]).toEqual([
    true,
    'SELLER_DEACTIVATED',
    '0.05',
    3,
  ]);
  const before = sandbox.world.days().at(-9);
  await admin('days', { date: before?.date, by: 100 });
  const after = sandbox.world.days().at(-9);
  expect(Number(after?.gmv) - Number(before?.gmv)).toBeCloseTo(1, 6);
});

test('late holds changes of every stream back until their time is over, and a freeze shows them', async () => {
  const clock = { now: START };
  const sandbox = await living({ orders: 2000, days: 30, now: () => clock.now });
  const { world } = sandbox;
  const { listing } = world.streams;
  const told = () => JSON.stringify([world.products(), world.returns(), world.cancellations()]);
  sandbox.faults.add({ kind: 'late', seconds: 3 * 86_400 });
  const [edited] = world.products();
  const before = told();
  expect(world.returns().some(({ createTime }) => createTime > START - 2 * 86_400)).toBe(true);
  listing.edit(edited?.id ?? '');
  const added = listing.add();
  expect([listing.view(edited?.id ?? ''), listing.view(added)]).toEqual([edited, undefined]);
  clock.now += 86_400;
  expect(told() === before).toBe(true);
  sandbox.faults.clear();
  clock.now += 86_400 * 2;
  expect(listing.view(added)).toMatchObject({ id: added, updateTime: START });
  sandbox.faults.add({ kind: 'late', seconds: 86_400 });
  listing.edit(added);
  expect(listing.view(added)?.updateTime).toBe(START);
  sandbox.freeze(true);
  expect(listing.view(added)?.updateTime).toBe(clock.now);
});
