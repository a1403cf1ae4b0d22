import { renameSync } from 'node:fs';

import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { AppError } from '../../daemon/errors.ts';
import { StatusView } from '../../daemon/status.ts';
import { updateState } from '../../daemon/store/state.ts';
import { status } from '../../shared/views.ts';
import { EngineWorld } from './sync/engine-world.ts';
import { policy, start } from './sync/workshop.ts';

const shop = '7491';

// The schedule has no clock but the machine's.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: start * 1000 }));
afterEach(() => void vi.useRealTimers());
const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '');
const instant = (text: string | null | undefined) => (text == null ? null : Date.parse(text) / 1000);

async function world(orders = 25): Promise<EngineWorld> {
  const w = await EngineWorld.open([shop]);
  for (let i = 0; i < orders; i++)
    w.model(shop).place(start - 50_000 + i * 100, { status: i % 2 ? 'UNPAID' : 'COMPLETED' });
  return w;
}

const view = (w: EngineWorld, given = policy) =>
  new StatusView({
    identity: { instanceId: 'i', version: '0.1.0', startedAt: iso(start) },
    store: w.store,
    engine: w.engine,
    account: w.remote,
    policy: given,
    dailyQuota: null,
  });

test('before the shops are known there are none, and health says why', async () => {
  await using w = await world();
  w.gate = () => {
    throw new AppError('token', 'not_authorized', 'authorize first');
  };
  await w.engine.start();
  expect(status.parse(await view(w).status())).toMatchObject({ shops: [], streams: [], api: [] });
  expect(await view(w).health()).toMatchObject({
    ok: false,
    checks: [
      { name: 'store', ok: true },
      { name: 'shops', ok: false, detail: 'authorize first' },
      { name: 'clock', ok: true },
    ],
  });
});

test('shops known from before tell why they are not followed now', async () => {
  await using w = await world();
  await w.engine.start();
  await w.settled(shop);
  await w.engine.close();
  await w.restart();
  w.gate = () => {
    throw new AppError('transient', 'api', 'down');
  };
  await w.engine.start();
  const [stream] = (await view(w).status()).streams;
  expect(stream).toMatchObject({ shop, total: 25, lastError: { message: 'down' }, nextRunAt: null, run: null });
});

test('after a first sync everything from since on is complete but the strip, and the lag is told', async () => {
  await using w = await world();
  w.pattern = '*/15 * * * *';
  await w.engine.start();
  await w.settled(shop);
  w.clock.advance(30);
  const told = status.parse(await view(w).status());
  const [stream] = told.streams;
  expect(stream).toMatchObject({
    total: 25,
    byStatus: { COMPLETED: 13, UNPAID: 12 },
    isFullSync: true,
    recordsSynced: 25,
    missing: [],
    lagSeconds: 90,
    rejected: 0,
    lastError: null,
    run: null,
  });
  expect(instant(stream?.completeSince)).toBe(start - 400 * 86_400);
  expect(instant(stream?.freshTo)).toBe(start - policy.settle);
  expect(instant(stream?.lastSyncTime)).toBe(start - policy.settle);
  expect(instant(stream?.lastRecordTime)).toBe(start - 50_000 + 24 * 100);
  expect(instant(stream?.nextRunAt)).toBe(Math.ceil(start / 900) * 900);
  expect(stream?.nextRunReason).toContain('*/15');
  expect(told.api).toEqual([
    {
      shop,
      requestsPerSecond: 5,
      ceiling: 10,
      usedToday: 7,
      dailyQuota: null,
      throttledUntil: null,
      tokenExpiresAt: null,
    },
  ]);
  expect(await view(w).health()).toMatchObject({ ok: true });
});

test('while the first sync goes on: fresh to now, complete from where history has come, no last sync yet', async () => {
  await using w = await world(200);
  const hold = Promise.withResolvers<void>();
  w.api(shop).set({ after: (n) => (n === 10 ? hold.promise : undefined) });
  await w.engine.start();
  await expect.poll(() => w.api(shop).requests.length).toBe(10);
  const [stream] = (await view(w).status()).streams;
  expect(stream).toMatchObject({ lastSyncTime: null, run: { kind: 'full', requests: 10 } });
  expect(instant(stream?.freshTo)).toBe(start - policy.settle);
  const [gap] = stream?.missing ?? [];
  expect(stream?.missing).toHaveLength(1);
  expect(instant(gap?.to)).toBe(instant(stream?.completeSince));
  expect(stream?.run?.done).toBeGreaterThan(0);
  expect(stream?.run?.expected).toBeGreaterThanOrEqual(200);
  hold.resolve();
  await w.settled(shop);
});

test('an overlap that was widened leaves no gap that is none', async () => {
  await using w = await world();
  await w.engine.start();
  await w.settled(shop);
  await w.store.change(updateState, shop, 'orders', { overlap: 3600 });
  w.clock.advance(4000);
  await (
    await w.engine.request({ what: 'sync' }, {}, 'manual')
  ).ended;
  const [stream] = (await view(w).status()).streams;
  expect(stream?.missing).toEqual([]);
  expect(instant(stream?.completeSince)).toBe(start - 400 * 86_400);
});

test('a failure is told with its next attempt, which counts as the next run when it comes first', async () => {
  await using w = await world();
  w.api(shop).set({
    before: () => {
      throw new AppError('transient', 'api', 'down', { hint: 'wait' });
    },
  });
  await w.engine.start();
  await w.settled(shop);
  const [stream] = (await view(w).status()).streams;
  expect(stream).toMatchObject({
    lastError: { message: 'down', hint: 'wait', kind: 'full' },
    nextRunReason: 'tries again after a failure',
  });
  expect(instant(stream?.nextRunAt)).toBe(start + 10);
  expect(await view(w).health()).toMatchObject({ ok: false });
});

test('what only a person can mend is next tried after its wait, not at the next tick', async () => {
  await using w = await world();
  w.pattern = '*/15 * * * *';
  w.api(shop).set({
    before: () => {
      throw new AppError('configuration', 'api', 'the key is wrong');
    },
  });
  await w.engine.start();
  await w.settled(shop);
  const [stream] = (await view(w).status()).streams;
  expect(instant(stream?.nextRunAt)).toBe(start + 86_400);
  expect(stream?.nextRunReason).toBe('tries again after a failure');
});

test('a database that cannot be read makes health say so instead of failing', async () => {
  await using w = await world();
  await w.engine.start();
  await w.settled(shop);
  await w.store.change((db) => sql`alter table coverage rename to gone`.execute(db));
  expect(await view(w).health()).toMatchObject({ ok: false, checks: [{ name: 'store', ok: false }] });
});

test('a database file that is moved away under the daemon fails the check of the store, and says what to do', async () => {
  await using w = await world();
  await w.engine.start();
  await w.settled(shop);
  const { path } = w.store;
  renameSync(path, `${path}.aside`);
  const problem = expect.stringMatching(/was moved or deleted while it is open; .*put the file back/);
  expect((await view(w).status()).store).toMatchObject({ path, problem });
  expect(await view(w).health()).toMatchObject({
    ok: false,
    checks: [{ name: 'store', ok: false, detail: problem }, {}, {}, {}],
  });
  renameSync(`${path}.aside`, path);
  expect(status.parse(await view(w).status()).store).toMatchObject({ path, problem: null });
  expect(await view(w).health()).toMatchObject({ ok: true });
});

test.each([
  { ahead: -600, ok: false, detail: /600 s behind TikTok’s: orders of the last 600 s are not read.*timedatectl/ },
  { ahead: -60, ok: true, detail: /60 s behind/ },
  { ahead: 0, ok: true, detail: /agrees/ },
  { ahead: 300, ok: true, detail: /300 s ahead/ },
  { ahead: 3600, ok: false, detail: /3600 s ahead of TikTok’s: nothing is lost.*timedatectl/ },
])('T17: a machine whose clock is $ahead s ahead: ok $ok in status and health', async ({ ahead, ok, detail }) => {
  await using w = await world();
  await w.engine.start();
  await w.settled(shop);
  w.clock.ahead = ahead;
  expect(status.parse(await view(w).status()).clock).toEqual({ aheadSeconds: ahead, ok });
  const { ok: healthy, checks } = await view(w).health();
  expect(healthy).toBe(ok);
  expect(checks.find(({ name }) => name === 'clock')).toEqual({
    name: 'clock',
    ok,
    detail: expect.stringMatching(detail),
  });
});

test('T17: how old the copy is counts by the server, whatever a clock that is behind holds back', async () => {
  await using w = await world();
  await w.engine.start();
  await w.settled(shop);
  w.clock.advance(700);
  w.clock.ahead = -600;
  const [stream] = (await view(w).status()).streams;
  expect(stream?.lagSeconds).toBe(700 + policy.settle);
});

test('what an audit has found and nobody has mended makes health fail, until one proves that it is there', async () => {
  await using w = await world();
  await w.engine.start();
  await w.settled(shop);
  w.clock.advance(7200);
  await w.store.change((db) => sql`delete from orders where rowid = 3`.execute(db));
  const audit = (repair: boolean) =>
    w.engine.request({ what: 'audit', repair }, {}, 'manual').then(({ ended }) => ended);
  await audit(false);
  const name = `audit of orders of ${shop}`;
  const told = await view(w).health();
  expect(told.ok).toBe(false);
  expect(told.checks).toContainEqual({ name, ok: false, detail: expect.stringContaining('1 missing') });
  await audit(true);
  expect(await view(w).health()).toMatchObject({ ok: true });
});
