import { expect, test } from 'vitest';

import { saveShops } from '../../../daemon/store/learned.ts';
import { seeded } from '../../system/moments.ts';
import { SEARCH, SHOPS, TOKENS } from '../tiktok/taxonomy-world.ts';
import { type ShopsOptions, shopsWorld } from './shops-world.ts';

type World = Awaited<ReturnType<typeof shopsWorld>>;

const hour = 3600;
/** So many changes of shop B are timed, at moments that have nothing to do with those of its schedule. */
const changes = 100;

/** Seconds from a change in shop B until it is stored, sorted: an hour and a half with a tick a minute, after `trouble` began. */
async function freshness(trouble: (world: World) => void, options: ShopsOptions = {}) {
  const world = await shopsWorld({ streams: ['orders', 'products'], ...options });
  const { a, b, timers, watch, pass, start, runs, count } = world;
  await start();
  const before = { refreshes: count(TOKENS), lists: count(SHOPS) };
  runs.length = 0;
  trouble(world);
  const random = seeded(7);
  const waiting = new Map<string, number>();
  const delays: number[] = [];
  watch.stored = (id) => {
    const since = waiting.get(id);
    if (since === undefined) return;
    waiting.delete(id);
    delays.push((timers.now() - since) / 1000);
  };
  for (let i = 0; i < changes; i += 1) {
    await pass(20 + random() * 80);
    waiting.set(b.world.place({ still: true }), timers.now());
  }
  await pass(120);
  expect(waiting.size).toBe(0);
  delays.sort((x, y) => x - y);
  return {
    ...world,
    p99: delays[Math.ceil(delays.length * 0.99) - 1] ?? Number.NaN,
    ofA: runs.filter(({ shop }) => shop === a.id),
    ofB: runs.filter(({ shop }) => shop === b.id),
    refreshes: count(TOKENS) - before.refreshes,
    lists: count(SHOPS) - before.lists,
  };
}

/** What shop B is like when nothing is wrong, measured once. */
let alone: Promise<{ readonly p99: number; readonly requests: number }> | undefined;

const measureAlone = async () => {
  const { p99, sandbox, b } = await freshness(() => undefined);
  return { p99, requests: sandbox.requests.of(SEARCH, b.id).total };
};

interface Trouble {
  readonly name: string;
  readonly begin: (world: World) => void;
  /** Requests for a new token, at most. Streams refused at one moment may both ask before one knows that it is no use. */
  readonly refreshes: number;
}

const troubles: readonly Trouble[] = [
  {
    name: 'a revoked consent',
    begin: ({ a, sandbox }) => sandbox.faults.add({ kind: 'withdraw', shop: a.id }),
    refreshes: 2,
  },
  {
    name: 'a token that is not for it',
    begin: ({ a, sandbox }) => sandbox.faults.add({ kind: 'withdraw', shop: a.id, code: 101000 }),
    refreshes: 0,
  },
  {
    name: 'inactivity',
    begin: ({ a, sandbox }) => sandbox.faults.add({ kind: 'code', code: 36009043, shop: a.id }),
    refreshes: 0,
  },
  {
    name: 'a 429 storm',
    begin: ({ a, sandbox }) => sandbox.faults.add({ kind: '429', retryAfter: 40, shop: a.id }),
    refreshes: 0,
  },
  { name: 'two seconds of latency', begin: ({ a, latency }) => void latency.set(a.id, 2000), refreshes: 0 },
  { name: 'overload', begin: ({ a, sandbox }) => sandbox.faults.add({ kind: '503', shop: a.id }), refreshes: 0 },
  {
    name: 'all of it at once',
    begin: ({ a, sandbox, latency }) => {
      latency.set(a.id, 2000);
      sandbox.faults.add({ kind: '429', retryAfter: 40, every: 2, shop: a.id });
      sandbox.faults.add({ kind: 'withdraw', shop: a.id });
    },
    refreshes: 2,
  },
];

test.each(troubles)(
  'T52: $name in shop A leaves the freshness of shop B as it is, and its requests',
  async ({ name, begin, refreshes }) => {
    const usual = await (alone ??= measureAlone());
    expect(usual.p99).toBeGreaterThan(50);
    expect(usual.p99).toBeLessThan(61);
    const seen = await freshness(begin);
    expect(Math.abs(seen.p99 / usual.p99 - 1)).toBeLessThan(0.1);
    expect(seen.ofB.every(({ state }) => state === 'succeeded')).toBe(true);
    expect(seen.sandbox.requests.of(SEARCH, seen.b.id).total).toBeCloseTo(usual.requests, -1);
    const hurt = seen.ofA.filter(({ state }) => state !== 'succeeded');
    expect(hurt.length > 0).toBe(name !== 'two seconds of latency');
    expect(seen.refreshes).toBeLessThanOrEqual(refreshes);
    expect(seen.lists).toBeLessThanOrEqual(3);
    const { checks } = await seen.view.health();
    const bad = checks.filter(({ ok }) => !ok).map((check) => check.name);
    expect(bad.filter((check) => !check.endsWith(seen.a.id))).toEqual([]);
  },
  60_000,
);

test('T52: while shop A waits for a token host that does not answer, shop B is served', async () => {
  const seen = await freshness(
    ({ a, sandbox }) => {
      sandbox.faults.add({ kind: 'withdraw', shop: a.id });
      sandbox.faults.add({ kind: 'hang', match: TOKENS });
    },
    { account: { timeoutMs: 1000 } },
  );
  expect(seen.refreshes).toBeGreaterThan(0);
  expect(seen.p99).toBeLessThan(61);
  expect(seen.ofB.every(({ state }) => state === 'succeeded')).toBe(true);
});

test('a shop that refuses every token costs one refresh a day, and not one call of the other shop', async () => {
  const streams = ['orders', 'products', 'returns'];
  const world = await shopsWorld({ streams, sandbox: { refreshEndsAccess: true } });
  const { a, b, sandbox, runs, pass, start, count, view } = world;
  await start(hour / 2);
  sandbox.faults.add({ kind: 'withdraw', shop: a.id });
  runs.length = 0;
  await pass(47 * hour);
  expect(count(TOKENS)).toBeGreaterThanOrEqual(1);
  expect(count(TOKENS)).toBeLessThanOrEqual(4);
  const failed = runs.filter(({ state }) => state === 'failed');
  expect(new Set(failed.map(({ shop, stream }) => `${shop} ${stream}`)).size).toBe(3);
  expect(failed.every(({ shop, error }) => shop === a.id && error?.code === 'not_authorized')).toBe(true);
  // Each stream looks once an hour whether the seller has consented.
  expect(failed.length).toBeLessThanOrEqual(3 * 48);
  const status = await view.status();
  expect(status.problem).toBeNull();
  for (const { shop, lastError } of status.streams) expect(lastError === null, shop).toBe(shop === b.id);
}, 60_000);

test.each([105001, 101000] as const)(
  'a shop that was refused with %i goes on at once when its seller consents again',
  async (code) => {
    const world = await shopsWorld({ streams: ['orders', 'products'] });
    const { a, sandbox, account, engine, timers, unit, settled, start, store } = world;
    await start(60);
    sandbox.faults.add({ kind: 'withdraw', shop: a.id, code });
    await world.pass(120);
    await settled();
    expect(unit(a.id, 'orders').sync.isHeldBack).toBe(true);
    const placed = a.world.place({ still: true });
    await timers.until(account.exchange(sandbox.tokens.authorize()));
    await timers.until(engine.authorized());
    await settled();
    expect(unit(a.id, 'orders').sync.isHeldBack).toBe(false);
    const rows = await store.query((db) =>
      db.selectFrom('orders').select('shop_id').where('id', '=', placed).execute(),
    );
    expect(rows).toEqual([{ shop_id: a.id }]);
  },
);

test('a shop that api.shops names and the token may not see is told, and the others begin all the same', async () => {
  const shops = ['7490000000000000000', '7490000000000000001'];
  const world = await shopsWorld({ streams: ['orders'], account: { shops }, isWanted: (id) => shops.includes(id) });
  const { a, b, sandbox, engine, view, timers, start, count, store, now } = world;
  await store.change(saveShops, [a, b], now() * 1000);
  sandbox.faults.add({ kind: 'withdraw', shop: a.id });
  const before = count(SHOPS);
  await start();
  expect(engine.units.map(({ shop }) => shop.id)).toEqual([b.id]);
  expect(engine.problem).toMatchObject({ code: 'unknown_shop', message: expect.stringContaining(a.id) });
  const status = await view.status();
  expect(status.streams.map(({ shop, lastError }) => [shop, lastError?.code])).toEqual([
    [a.id, 'unknown_shop'],
    [b.id, undefined],
  ]);
  await timers.until(engine.request({ what: 'sync' }, {}, 'manual').then(({ ended }) => ended));
  await world.pass(2 * hour);
  expect(count(SHOPS) - before).toBe(1);
  sandbox.faults.clear();
  await timers.until(engine.authorized());
  await world.settled();
  expect([engine.problem, engine.units.length]).toEqual([null, 2]);
});

test('a shop that was synced before and that the token may see no more is shown as that, unless nobody wants it', async () => {
  const wanted = { a: true };
  const world = await shopsWorld({ streams: ['orders'], isWanted: () => wanted.a });
  const { a, b, sandbox, view, start, store, now } = world;
  await store.change(saveShops, [a, b], now() * 1000);
  sandbox.faults.add({ kind: 'withdraw', shop: a.id });
  await start();
  const errors = async () => (await view.status()).streams.map(({ shop, lastError }) => [shop, lastError?.message]);
  expect(await errors()).toEqual([
    [a.id, `the token may see the shop ${a.id} no more`],
    [b.id, undefined],
  ]);
  expect((await view.health()).checks.find(({ name }) => name === `orders of ${a.id}`)).toMatchObject({ ok: false });
  wanted.a = false;
  expect(await errors()).toEqual([
    [a.id, undefined],
    [b.id, undefined],
  ]);
});
