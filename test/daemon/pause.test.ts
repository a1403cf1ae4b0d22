import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { AppError } from '../../daemon/errors.ts';
import { Pause } from '../../daemon/pause.ts';
import { StatusView } from '../../daemon/status.ts';
import { status } from '../../shared/views.ts';
import { EngineWorld } from './sync/engine-world.ts';
import { policy, start } from './sync/workshop.ts';

const shop = '7491';

// The schedule has no clock but the machine's.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: start * 1000 }));
afterEach(() => void vi.useRealTimers());

const load = async (w: EngineWorld): Promise<Pause> => {
  const pause = await Pause.load(w.store, () => Math.floor(w.clock.local * 1000));
  w.pause = pause;
  return pause;
};

/** A shop of 25 orders with a schedule, and its pause; synced unless it was paused before the daemon began. */
async function world(): Promise<{ w: EngineWorld; pause: Pause }> {
  const w = await EngineWorld.open([shop]);
  w.pattern = '*/15 * * * *';
  for (let i = 0; i < 25; i++) w.model(shop).place(start - 50_000 + i * 100);
  return { w, pause: await load(w) };
}

const view = (w: EngineWorld, pause: Pause) =>
  new StatusView({
    identity: { instanceId: 'i', version: '0.1.0', startedAt: new Date(start * 1000).toISOString() },
    store: w.store,
    engine: w.engine,
    account: w.remote,
    policy,
    dailyQuota: null,
    pause,
  });

const sync = async (w: EngineWorld): Promise<void> => {
  await (
    await w.engine.request({ what: 'sync' }, {}, 'manual')
  ).ended;
};

const begun = (w: EngineWorld) => w.runs.filter(({ state }) => state === 'running');
const only = (w: EngineWorld) => {
  const [unit] = w.engine.units;
  if (unit === undefined) throw new Error('no unit');
  return unit;
};

test('ticks of a pause are left out, what a person asks for runs, and its end makes up for them with one run', async () => {
  const { w, pause } = await world();
  await using _ = w;
  await w.engine.start();
  await w.settled(shop);
  const before = begun(w).length;
  await pause.begin();
  for (let i = 0; i < 3; i++) only(w).sync.tick();
  expect(begun(w)).toHaveLength(before);
  await sync(w);
  expect(begun(w).slice(before)).toMatchObject([{ trigger: 'manual' }]);
  await pause.end();
  w.engine.catchUp();
  await expect.poll(() => begun(w).length).toBe(before + 2);
  expect((await w.settled(shop)).trigger).toBe('schedule');
  // What was made up for is not made up for again: only what a person asks for runs.
  w.engine.catchUp();
  await sync(w);
  expect(
    begun(w)
      .slice(before)
      .map(({ trigger }) => trigger),
  ).toEqual(['manual', 'schedule', 'manual']);
});

test('at the end of a pause in which nothing fell due nothing starts', async () => {
  const { w, pause } = await world();
  await using _ = w;
  await w.engine.start();
  await w.settled(shop);
  const before = begun(w).length;
  await pause.begin();
  await pause.end();
  w.engine.catchUp();
  await sync(w);
  expect(begun(w).slice(before)).toMatchObject([{ trigger: 'manual' }]);
});

test('a run under way goes on; when it fails, its next attempt waits for the end of the pause', async () => {
  const { w, pause } = await world();
  await using _ = w;
  await w.engine.start();
  await w.settled(shop);
  const hold = Promise.withResolvers<void>();
  w.api(shop).set({
    before: async () => {
      await hold.promise;
      throw new AppError('transient', 'api', 'down');
    },
  });
  const asked = await w.engine.request({ what: 'resync' }, {}, 'manual');
  await pause.begin();
  hold.resolve();
  expect(await asked.ended).toMatchObject([{ state: 'failed', kind: 'full' }]);
  w.api(shop).set({ before: () => undefined });
  const before = begun(w).length;
  w.clock.advance(3600);
  await w.settled(shop);
  expect(begun(w)).toHaveLength(before);
  const [stream] = (await view(w, pause).status()).streams;
  // Nobody is told to wait for an attempt that does not come.
  expect(stream?.lastError).toMatchObject({ message: 'down', nextAttemptAt: null });
  await pause.end();
  w.engine.catchUp();
  await expect.poll(() => begun(w).slice(before)).toMatchObject([{ kind: 'full', trigger: 'schedule' }]);
  expect((await w.settled(shop)).state).toBe('succeeded');
});

test('it lasts over a restart: nothing starts, the shops are known, and its end begins what a start begins', async () => {
  const { w, pause } = await world();
  await using _ = w;
  await pause.begin();
  const { since } = pause;
  await w.restart();
  const again = await load(w);
  expect(again.since).toBe(since);
  await w.engine.start();
  expect(w.engine.units).toHaveLength(1);
  expect(begun(w)).toEqual([]);
  expect(w.api(shop).requests).toHaveLength(0);
  await again.end();
  w.engine.catchUp();
  await expect.poll(() => begun(w).length).toBeGreaterThan(0);
  expect(await w.settled(shop)).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect(begun(w).map(({ trigger }) => trigger)).toContain('start');
  expect(await w.store.query(async (db) => (await sql`select * from settings`.execute(db)).rows)).toEqual([]);
  // What has begun begins no second time.
  const after = begun(w).length;
  w.engine.catchUp();
  await sync(w);
  expect(begun(w).slice(after)).toMatchObject([{ trigger: 'manual' }]);
});

test('a pause that ends while the shops are being read leaves none of them out', async () => {
  const { w } = await world();
  await using _ = w;
  let since: string | null = new Date(start * 1000).toISOString();
  w.pause = {
    get since() {
      const then = since;
      // It ends right after the one stream was told to wait, before the reading of the shops has ended.
      if (then !== null)
        queueMicrotask(() => {
          since = null;
          w.engine.catchUp();
        });
      return then;
    },
  };
  await w.engine.start();
  await expect.poll(() => begun(w)).toMatchObject([{ trigger: 'start', kind: 'full' }]);
  await w.settled(shop);
});

test('status and schedule tell it, with its beginning, which a second pause does not move', async () => {
  const { w, pause } = await world();
  await using _ = w;
  await w.engine.start();
  await w.settled(shop);
  const told = view(w, pause);
  const running = told.schedule();
  expect(running).toMatchObject({
    paused: false,
    pausedAt: null,
    schedules: [
      { shop, stream: 'orders', pattern: '*/15 * * * *', timeZone: 'UTC', reason: expect.stringMatching('cron') },
    ],
  });
  expect(Date.parse(running.schedules[0]?.nextRunAt ?? '') / 1000).toBe(Math.ceil(start / 900) * 900);
  expect((await told.status()).paused).toBeNull();
  await pause.begin();
  const since = new Date(Math.floor(w.clock.local * 1000)).toISOString();
  w.clock.advance(60);
  await pause.begin();
  expect(told.schedule()).toMatchObject({
    paused: true,
    pausedAt: since,
    schedules: [{ pattern: '*/15 * * * *', nextRunAt: null, reason: 'paused' }],
  });
  expect(status.parse(await told.status())).toMatchObject({
    paused: { since },
    streams: [{ nextRunAt: null, nextRunReason: 'paused' }],
  });
  const check = { name: 'schedule', ok: true, detail: expect.stringContaining(`paused since ${since}`) };
  expect(await told.health()).toMatchObject({ ok: true, checks: expect.arrayContaining([check]) });
  await pause.end();
  await pause.end();
  expect((await told.health()).checks.map(({ name }) => name)).not.toContain('schedule');
  expect(told.pause()).toEqual({ paused: false, pausedAt: null });
});

test('a database that refuses the pause leaves the schedule as it was, and so does one that refuses its end', async () => {
  const { w, pause } = await world();
  await using _ = w;
  await w.store.change((db) =>
    sql`create trigger no before insert on settings begin select raise(abort, 'full'); end`.execute(db),
  );
  await expect(pause.begin()).rejects.toMatchObject({ code: 'store' });
  expect(pause.since).toBeNull();
  await w.store.change((db) => sql`drop trigger no`.execute(db));
  await pause.begin();
  await w.store.change((db) =>
    sql`create trigger no before delete on settings begin select raise(abort, 'full'); end`.execute(db),
  );
  await expect(pause.end()).rejects.toMatchObject({ code: 'store' });
  expect(pause.since).not.toBeNull();
  await w.store.change((db) => sql`drop trigger no`.execute(db));
});

test('a row that was written by hand and cannot be read is a pause all the same', async () => {
  const { w } = await world();
  await using _ = w;
  await w.store.change((db) =>
    sql`insert into settings (name, value, changed_at) values ('paused_at', 'yes', '2026-11-22')`.execute(db),
  );
  expect((await load(w)).since).not.toBeNull();
});
