import { expect, test } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import { Workshop, differences, policy, start } from './workshop.ts';

test('a first sync stores everything, a second one asks only for the strip', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 95; i++) w.shop.place(start - 86_400 * 3 - i * 1000);
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded', inserted: 95, rejected: 0 });
  expect(await differences(w)).toEqual([]);

  const id = w.shop.place(start + 30);
  w.clock.advance(60);
  const asked = w.api.requests.length;
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded', inserted: 1 });
  expect(w.api.requests.length - asked).toBe(1);
  expect(await differences(w)).toEqual([]);
  expect(await w.store.query((db) => db.selectFrom('orders').select('run_id').where('id', '=', id).execute())).toEqual([
    { run_id: w.runs.at(-1)?.runId },
  ]);
});

test('an empty shop costs two requests and is complete', async () => {
  await using w = await Workshop.open();
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded', requests: 2, seen: 0 });
  expect(await w.store.metadata('7490', 'orders')).toMatchObject({ isFullSync: true, lastRecordTime: null });
});

test('live before history: what is new is read while history goes on, and counts at once', async () => {
  await using w = await Workshop.open({ pageSize: 5 });
  for (let i = 0; i < 100; i++) w.shop.place(start - 100_000 + i * 100);
  const hold = Promise.withResolvers<void>();
  w.api.set({ after: (n) => (n === 8 ? hold.promise : undefined) });
  const full = await w.sync.request({ what: 'sync' }, 'start');
  await expect.poll(() => w.api.requests.length).toBe(8);
  w.clock.advance(300);
  const id = w.shop.place(w.clock.now - 10);
  const tick = await w.sync.request({ what: 'sync' }, 'schedule');
  expect(tick.started).toMatchObject({ kind: 'incremental', joined: false });
  expect(await tick.ended).toMatchObject({ state: 'succeeded', inserted: 1 });
  expect(await w.watermark()).toBe(start + 300 - policy.settle);
  expect((await w.dump('orders')).some((row) => row['id'] === id)).toBe(true);
  expect(await w.dump('sync_metadata')).toEqual([]);
  hold.resolve();
  expect(await full.ended).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect(await w.watermark()).toBe(start + 300 - policy.settle);
  expect(await differences(w)).toEqual([]);
});

test('progress never falls, never passes what is expected, and a resumed sync goes on where it was', async () => {
  await using w = await Workshop.open({ pageSize: 100, walkers: 4 });
  for (let i = 0; i < 3000; i++) w.shop.place(start - 300_000 + i * 90);
  w.api.set({
    before: (n) => {
      w.clock.advance(0.1);
      if (n === 20) throw new AppError('transient', 'api', 'down');
    },
  });
  expect(await w.run()).toMatchObject({ state: 'failed' });
  const stored = (await w.dump('orders')).length;
  const pause = w.shown.length;
  w.api.set({ before: () => w.clock.advance(0.1) });
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  expect(w.shown[pause]?.done).toBeGreaterThanOrEqual(stored);
  expect(w.shown[pause]?.perSecond).toBeLessThan(2000);
  for (const shown of [w.shown.slice(0, pause), w.shown.slice(pause)]) {
    expect(shown.length).toBeGreaterThan(5);
    const counts = shown.map(({ done, expected }) => [done, expected ?? 0] as const);
    counts.forEach(([done, expected], i) => {
      const [doneBefore, expectedBefore] = counts[i - 1] ?? [0, 0];
      expect(done).toBeGreaterThanOrEqual(doneBefore);
      expect(expected).toBeGreaterThanOrEqual(expectedBefore);
      if (expected > 0) expect(done).toBeLessThanOrEqual(expected);
    });
  }
  const last = w.shown.at(-1);
  expect(last?.done).toBe(last?.expected);
  expect(last?.done).toBeLessThan(3000 * 1.02);
  expect(last?.etaSeconds).toBe(0);
});

test('rule 2, F2: a full resync that was killed goes on from its ledger', async () => {
  await using w = await Workshop.open({ pageSize: 5 });
  for (let i = 0; i < 100; i++) w.shop.place(start - 100_000 + i * 100);
  await w.run();
  // Damage behind the engine's back, everywhere.
  await w.store.change((db) => db.updateTable('orders').set({ payload: null, status: 'X', asked: 0 }).execute());
  w.clock.advance(10);
  const first = await w.sync.request({ what: 'resync' }, 'manual');
  const from = w.api.requests.length;
  w.api.set({
    after: () => {
      if (w.api.requests.length - from === 12) void w.sync.stop(new Stopped('interrupted'));
    },
  });
  expect(await first.ended).toMatchObject({ state: 'interrupted' });
  await w.restart();
  const again = await (await w.sync.request({ what: 'resync' }, 'start')).ended;
  expect(again).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect(again.requests).toBeLessThan(20);
  expect(await differences(w)).toEqual([]);
  expect(await w.store.query((db) => db.selectFrom('orders').select('id').where('status', '=', 'X').execute())).toEqual(
    [],
  );
});

test('metadata deleted by hand forces a full run', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 30; i++) w.shop.place(start - 50_000 + i * 100);
  await w.run();
  await w.store.change((db) => db.deleteFrom('sync_metadata').execute());
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded', inserted: 0, updated: 0 });
  expect(await w.dump('sync_metadata')).toHaveLength(1);
});
