import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createBus } from '../../../daemon/bus.ts';
import { createPublisher } from '../../../daemon/publish.ts';
import { StatusView } from '../../../daemon/status.ts';
import { EngineWorld } from './engine-world.ts';
import { policy, start } from './workshop.ts';

const shop = '7491';
const quarter = 900;
const broken = (): never => {
  throw new Error('a callback failed');
};

// The schedule has no clock but the machine's.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: start * 1000 }));
afterEach(() => void vi.useRealTimers());

/** A synced shop on a schedule of quarters of an hour, what its status says, and the next tick. */
async function world() {
  const w = await EngineWorld.open([shop]);
  w.pattern = '*/15 * * * *';
  for (let i = 0; i < 30; i++) w.model(shop).place(start - 50_000 + i * 100);
  await w.engine.start();
  await w.settled(shop);
  const [unit] = w.engine.units;
  if (unit === undefined) throw new Error('no unit');
  const view = new StatusView({
    identity: { instanceId: 'i', version: '0.1.0', startedAt: '2026-01-01T00:00:00Z' },
    store: w.store,
    engine: w.engine,
    account: w.remote,
    policy,
    dailyQuota: null,
  });
  const refused = (): number => w.logged.filter((line) => line.includes('a scheduled run could not start')).length;
  /** A quarter of an hour passes, an order is placed, and the schedule ticks. @returns how its run ended. */
  const tick = async (): Promise<string | undefined> => {
    w.clock.advance(quarter);
    vi.setSystemTime(w.clock.now * 1000);
    w.model(shop).place(w.clock.now - 5);
    const [told, logged] = [w.runs.length, refused()];
    unit.sync.tick();
    await expect.poll(() => w.runs.length > told + 1 || refused() > logged).toBe(true);
    return w.runs.slice(told).at(-1)?.state;
  };
  /** Whether the schedule goes on as if nothing had happened. */
  const isOnTime = (): boolean =>
    !unit.sync.isHeldBack && unit.schedule.nextAt === (Math.floor(w.clock.now / quarter) + 1) * quarter * 1000;
  const fresh = async () => (await w.watermark(shop)) === w.clock.now - policy.settle;
  const stored = async () => (await view.stream(shop, 'orders')).total;
  return { w, view, tick, isOnTime, fresh, stored };
}

const wall = (w: EngineWorld, before: string) =>
  w.store.change((db) =>
    sql.raw(`create trigger wall before ${before} begin select raise(abort, 'wall'); end`).execute(db),
  );
const noWall = (w: EngineWorld) => w.store.change((db) => sql`drop trigger wall`.execute(db));

test('T35: a watcher that throws at every event concerns no run, no status and no tick', async () => {
  const { w, view, tick, isOnTime, fresh, stored } = await world();
  await using _ = w;
  const errors: unknown[] = [];
  const bus = createBus({ now: () => 0, onWatcherError: (error) => errors.push(error) });
  bus.watch(broken);
  const publisher = createPublisher({ bus, view, log: pino({ level: 'silent' }), setTimer: w.clock.setTimer });
  w.watching = publisher;
  expect(await tick()).toBe('succeeded');
  expect(await tick()).toBe('succeeded');
  await publisher.stop();
  expect(errors.length).toBeGreaterThanOrEqual(4);
  expect(w.logged.filter((line) => line.includes('"level":50'))).toEqual([]);
  expect([isOnTime(), await fresh(), await stored()]).toEqual([true, true, 32]);
  expect(await view.health()).toMatchObject({ ok: true });
});

test('T35: a watcher of runs that throws itself breaks no run, and nothing is left unhandled', async () => {
  const { w, tick, isOnTime, fresh, stored } = await world();
  await using _ = w;
  w.watching = { ...w.watching, run: broken };
  w.clock.advance(quarter);
  vi.setSystemTime(w.clock.now * 1000);
  w.model(shop).place(w.clock.now - 5);
  w.engine.units[0]?.sync.tick();
  await expect.poll(() => w.logged.filter((line) => line.includes('could not be told')).length).toBe(2);
  expect([await fresh(), await stored()]).toEqual([true, 31]);
  w.watching = { run: (run) => w.runs.push(run), progress: () => undefined };
  expect(await tick()).toBe('succeeded');
  expect([isOnTime(), await fresh(), await stored()]).toEqual([true, true, 32]);
});

test('T35, rule 7: what throws within a run fails it: status and health say so, nothing counts as read whole', async () => {
  const { w, view, tick, isOnTime, fresh, stored } = await world();
  await using _ = w;
  const before = await w.watermark(shop);
  const still = w.watching;
  w.watching = { ...still, progress: broken };
  expect(await tick()).toBe('failed');
  const told = await view.stream(shop, 'orders');
  expect(told.lastError).toMatchObject({ code: 'internal', kind: 'incremental', retryable: true });
  expect(told).toMatchObject({ run: null, lagSeconds: quarter + policy.settle });
  expect(await view.health()).toMatchObject({ ok: false });
  expect([isOnTime(), await w.watermark(shop)]).toEqual([true, before]);
  expect(w.logged.filter((line) => line.includes('a callback failed'))).toHaveLength(1);
  w.watching = still;
  expect(await tick()).toBe('succeeded');
  expect([isOnTime(), await fresh(), await stored()]).toEqual([true, true, 32]);
  expect((await view.stream(shop, 'orders')).lastError).toBeNull();
});

test('T35, rule 7: a run whose end cannot be stored is told as failed, and is tried again', async () => {
  const { w, view, tick, isOnTime, fresh, stored } = await world();
  await using _ = w;
  const before = await w.watermark(shop);
  await wall(w, `update on sync_runs when new.state <> 'running'`);
  expect(await tick()).toBe('failed');
  expect(w.runs.at(-1)).toMatchObject({ error: { code: 'store', kind: 'incremental' } });
  expect(await view.stream(shop, 'orders')).toMatchObject({
    run: null,
    lagSeconds: quarter + policy.settle,
    nextRunReason: 'tries again after a failure',
    lastError: { code: 'store', nextAttemptAt: expect.any(String) },
  });
  expect(await view.health()).toMatchObject({ ok: false });
  expect([isOnTime(), await w.watermark(shop)]).toEqual([true, before]);
  await noWall(w);
  expect(await tick()).toBe('succeeded');
  expect([isOnTime(), await fresh(), await stored()]).toEqual([true, true, 32]);
  expect(await view.health()).toMatchObject({ ok: true });
  const ends = (await w.store.history({ shop, limit: 3 })).map(({ state }) => state);
  expect(ends).toEqual(['succeeded', 'interrupted', 'succeeded']);
});

test('T35, rule 8: a run that cannot begin leaves no run behind that others would join, and the next tick runs', async () => {
  const { w, view, tick, isOnTime, fresh, stored } = await world();
  await using _ = w;
  await wall(w, 'insert on sync_runs');
  expect(await tick()).toBeUndefined();
  expect(await view.stream(shop, 'orders')).toMatchObject({
    nextRunReason: 'tries again after a failure',
    lastError: { code: 'store', kind: 'incremental', nextAttemptAt: expect.any(String) },
  });
  expect(await view.health()).toMatchObject({ ok: false });
  expect(w.engine.units.flatMap(({ sync }) => sync.activeRuns)).toEqual([]);
  expect([isOnTime(), await fresh()]).toEqual([true, false]);
  await noWall(w);
  expect(await tick()).toBe('succeeded');
  expect([isOnTime(), await fresh(), await stored()]).toEqual([true, true, 32]);
  expect((await view.stream(shop, 'orders')).lastError).toBeNull();
});
