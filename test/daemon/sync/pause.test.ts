import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { EngineWorld } from './engine-world.ts';
import { policy, start } from './workshop.ts';

const shop = '7491';
const hour = 3600;

// The schedule has no clock and no timers but the machine's.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: start * 1000 }));
afterEach(() => void vi.useRealTimers());

/** A shop whose first sync is done, on a schedule of a quarter of an hour. */
async function synced(pattern: string | null = '*/15 * * * *'): Promise<EngineWorld> {
  const w = await EngineWorld.open([shop]);
  w.pattern = pattern;
  for (let i = 0; i < 40; i++) w.model(shop).place(start - 50_000 + i * 100);
  await w.engine.start();
  await w.settled(shop);
  return w;
}

/** Resolves when no run is under way and none comes of what has fired. All but promises is done in no time here. */
async function quiet(w: EngineWorld): Promise<void> {
  for (let before = -1; before !== w.runs.length;) {
    before = w.runs.length;
    for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
    await w.settled(shop);
  }
}

/** Time in which the process runs: its timers fire when they are due. */
async function live(w: EngineWorld, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 10) {
    w.clock.advance(10);
    vi.advanceTimersByTime(10_000);
    await quiet(w);
  }
}

/** SIGSTOP: all clocks go on, no timer fires, and orders are placed. */
function pause(w: EngineWorld, seconds: number): void {
  for (let i = 1; i <= 30; i++) w.model(shop).place(w.clock.now + Math.floor((seconds * i) / 31));
  w.clock.now += seconds;
  vi.setSystemTime(w.clock.local * 1000);
}

const begun = (w: EngineWorld) => w.runs.filter((run) => run.state === 'running');

async function expectComplete(w: EngineWorld): Promise<void> {
  const rows = await w.store.query((db) => db.selectFrom('orders').select(['id', 'update_time']).execute());
  const shown = w.model(shop).visible(w.clock.now);
  expect(rows.map((row) => `${row.id} ${row.update_time}`).toSorted()).toEqual(
    shown.map((order) => `${String(order['id'])} ${String(order['update_time'])}`).toSorted(),
  );
}

test('T36: after three hours in which nothing ran there is one run, from where the copy ended, and then the usual ones', async () => {
  await using w = await synced();
  await live(w, 900);
  const before = (await w.watermark(shop)) ?? 0;
  const ran = begun(w).length;
  pause(w, 3 * hour);
  await live(w, 30);
  const since = begun(w).slice(ran);
  expect(since.map(({ kind, trigger }) => [kind, trigger])).toEqual([['incremental', 'schedule']]);
  expect(Date.parse(since[0]?.from ?? '') / 1000).toBeLessThanOrEqual(before - policy.overlap);
  expect(await w.watermark(shop)).toBeGreaterThan(w.clock.now - policy.settle - 31);
  await expectComplete(w);
  await live(w, hour);
  expect(begun(w).length - ran).toBe(1 + 4);
});

test('T36: a run that was under way when all stood still is tried again, beside one catch-up', async () => {
  await using w = await synced();
  const hold = Promise.withResolvers<void>();
  w.api(shop).set({ before: () => hold.promise });
  const [ran, asked] = [begun(w).length, w.api(shop).requests.length];
  await w.engine.request({ what: 'sync' }, {}, 'manual');
  await expect.poll(() => w.api(shop).requests.length).toBe(asked + 1);
  pause(w, 3 * hour);
  w.api(shop).set({ before: () => undefined });
  hold.reject(new AppError('transient', 'api', 'no whole answer within 20000 ms'));
  await live(w, 60);
  // The one that failed, its next attempt, and the tick; the last two are one when they coincide.
  expect(begun(w).length - ran).toBeGreaterThanOrEqual(2);
  expect(begun(w).length - ran).toBeLessThanOrEqual(3);
  expect(w.runs.at(-1)).toMatchObject({ state: 'succeeded' });
  await expectComplete(w);
});

test.each([-hour, hour])(
  'T17: a local clock that jumps by %i s while the API is down moves no attempt, neither the next nor those after it',
  async (by) => {
    await using w = await synced(null);
    let isDown = true;
    w.api(shop).set({
      before: () => {
        if (isDown) throw new AppError('transient', 'api', 'down');
      },
    });
    // A full one: by a clock that is behind, there is nothing new to ask for.
    await (
      await w.engine.request({ what: 'resync' }, {}, 'manual')
    ).ended;
    const [unit] = w.engine.units;
    const attempted = async (count: number, after: number): Promise<void> => {
      w.clock.advance(after - 1);
      expect(((unit?.sync.retryAt ?? 0) / 1000 - w.clock.local).toFixed()).toBe('1');
      w.clock.advance(1);
      await expect.poll(() => begun(w).length).toBe(count);
      await w.settled(shop);
    };
    const ran = begun(w).length;
    w.clock.ahead = by;
    await attempted(ran + 1, 10);
    await attempted(ran + 2, 20);
    w.clock.ahead = 0;
    await attempted(ran + 3, 40);
    isDown = false;
    await attempted(ran + 4, 80);
    expect(w.runs.at(-1)).toMatchObject({ state: 'succeeded' });
    expect(unit?.sync.retryAt).toBeNull();
  },
);
