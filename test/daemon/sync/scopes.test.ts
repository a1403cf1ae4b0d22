import { describe, expect, test } from 'vitest';

import { SCOPES } from '../../sandbox/options.ts';
import { type ShopsOptions, shopsWorld } from './shops-world.ts';

const analyticsPath = '/analytics/202509/shop/performance';
const scope = 'data.shop_analytics.public.read';
const hour = 3600;
const quarter = hour / 4;

/** Beside the stream that is refused one that goes on, for tests that take days. */
const few: ShopsOptions = { streams: ['orders', 'analytics'] };

/** Two shops of which A lacks the scope of analytics from the start, with a tick of the schedule each quarter of an hour. */
async function withoutScope(options: ShopsOptions = {}) {
  const world = await shopsWorld(options);
  const { a, b, sandbox, start, unit, timers } = world;
  sandbox.faults.add({ kind: 'code', code: 105005, match: '/analytics/', shop: a.id });
  await start(quarter);
  const asked = (shop: string): number => sandbox.requests.of(analyticsPath, shop).total;
  const status = async (shop: string, stream: string) => world.view.stream(shop, stream);
  const sync = (shop: string) =>
    timers.until(
      unit(shop, 'analytics')
        .sync.request({ what: 'sync' }, 'manual')
        .then(({ ended }) => ended),
    );
  return { ...world, a: a.id, b: b.id, asked, status, sync };
}

describe('T30: a scope that is missing for one stream', () => {
  test('stops that stream of that shop alone, and names the scope and what to do', async () => {
    const world = await withoutScope();
    const { a, b, view, status, pass, settled, now } = world;
    await pass(hour);
    await settled();
    const stopped = await status(a, 'analytics');
    expect(stopped).toMatchObject({
      lastSyncTime: null,
      total: 0,
      nextRunReason: 'stopped until somebody authorizes',
      lastError: {
        code: 'not_authorized',
        message: expect.stringContaining(scope),
        hint: `give the app ${scope} in Partner Center, then authorize again: shopsync auth url`,
        retryable: false,
      },
    });
    const nextCheck = Date.parse(stopped.nextRunAt ?? '') / 1000;
    expect(Math.abs(nextCheck - (now() - hour + 24 * hour))).toBeLessThan(quarter);
    const { streams } = await view.status();
    expect(streams).toHaveLength(12);
    for (const one of streams) {
      if (one.shop === a && one.stream === 'analytics') continue;
      expect(one, `${one.stream} of ${one.shop}`).toMatchObject({ lastError: null, missing: [] });
      expect(one.total, `${one.stream} of ${one.shop}`).toBeGreaterThan(0);
    }
    const { ok, checks } = await view.health();
    expect(ok).toBe(false);
    expect(checks.filter((check) => !check.ok)).toEqual([
      { name: `analytics of ${a}`, ok: false, detail: expect.stringContaining(scope) },
    ]);
    expect((await status(b, 'analytics')).nextRunReason).toBe('the schedule is off');
  });

  test('is looked at again once a day: two days of ticks cost two requests', async () => {
    const { a, b, asked, pass, status } = await withoutScope(few);
    const [first, before] = [asked(a), asked(b)];
    expect(first).toBeLessThanOrEqual(2);
    await pass(23 * hour);
    expect(asked(a)).toBe(first);
    await pass(26 * hour);
    expect(asked(a) - first).toBe(2);
    expect((await status(a, 'analytics')).lastError).toMatchObject({ code: 'not_authorized' });
    // The stream of the other shop runs at each tick.
    expect(asked(b) - before).toBeGreaterThanOrEqual((48 * hour) / quarter);
  });

  test('is asked at once when a person does, which puts the daily look off', async () => {
    const { a, asked, sync, pass } = await withoutScope(few);
    const first = asked(a);
    await pass(12 * hour);
    expect(await sync(a)).toMatchObject({ state: 'failed', error: { code: 'not_authorized' } });
    expect(asked(a)).toBe(first + 1);
    await pass(20 * hour);
    expect(asked(a)).toBe(first + 1);
    await pass(5 * hour);
    expect(asked(a)).toBe(first + 2);
  });

  test('goes on by itself within a day of the scope being there again, and then follows its schedule', async () => {
    const { a, sandbox, asked, pass, settled, status } = await withoutScope(few);
    sandbox.faults.clear();
    await pass(25 * hour);
    await settled();
    const stream = await status(a, 'analytics');
    expect(stream).toMatchObject({ lastError: null, missing: [], nextRunReason: 'the schedule is off' });
    expect(stream.total).toBeGreaterThan(0);
    const before = asked(a);
    await pass(hour);
    expect(asked(a)).toBeGreaterThan(before);
  });

  test('goes on at once when somebody authorizes', async () => {
    const { a, sandbox, account, engine, timers, settled, status } = await withoutScope();
    sandbox.faults.clear();
    await timers.until(account.exchange(sandbox.tokens.authorize()));
    await timers.until(engine.authorized());
    await settled();
    expect((await status(a, 'analytics')).total).toBeGreaterThan(0);
  });

  test('that is taken away later leaves what is stored as it is, and its run of history is not asked for either', async () => {
    const world = await shopsWorld(few);
    const { a, sandbox, start, unit, timers, pass, store, view } = world;
    await start(quarter);
    const rows = () =>
      store.query((db) => db.selectFrom('shop_performance').select('date').where('shop_id', '=', a.id).execute());
    const before = await rows();
    sandbox.faults.add({ kind: 'code', code: 105005, match: '/analytics/', shop: a.id });
    await pass(hour);
    const { sync } = unit(a.id, 'analytics');
    await timers.until(sync.request({ what: 'resync' }, 'manual').then(({ ended }) => ended));
    const asked = sandbox.requests.of(analyticsPath, a.id).total;
    await pass(23 * hour);
    expect(sandbox.requests.of(analyticsPath, a.id).total).toBe(asked);
    expect(await rows()).toEqual(before);
    expect((await view.stream(a.id, 'analytics')).lastError).toMatchObject({ code: 'not_authorized' });
  });

  test.each(SCOPES.slice(1))('is named for every stream: %s', async (missing) => {
    const world = await shopsWorld({ sandbox: { orders: 50, scopes: SCOPES.filter((one) => one !== missing) } });
    await world.start();
    const { streams } = await world.view.status();
    const stopped = streams.filter(({ lastError }) => lastError !== null);
    expect(stopped.length).toBeGreaterThanOrEqual(2);
    expect(stopped.length).toBeLessThanOrEqual(4);
    for (const { lastError } of stopped) {
      expect(lastError?.message).toContain(missing);
      expect(lastError?.hint).toContain(missing);
    }
  });
});

test('an estimate of everything leaves out the stream that cannot be counted, and names it', async () => {
  const { a, start, sandbox, engine, timers } = await shopsWorld();
  await start();
  sandbox.faults.add({ kind: 'code', code: 105005, match: '/analytics/', shop: a.id });
  const whole = await timers.until(engine.estimate({}));
  expect(whole.unknown).toEqual([
    { shop: a.id, stream: 'analytics', message: expect.stringContaining('data.shop_analytics.public.read') },
  ]);
  expect(whole.orders).toBeGreaterThan(0);
  await expect(timers.until(engine.estimate({ streams: ['analytics'], shop: a.id }))).rejects.toMatchObject({
    code: 'not_authorized',
  });
});
