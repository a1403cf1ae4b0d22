import { expect, test } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import { Workshop, differences, policy, start } from './workshop.ts';

test('rule 6: windows end at the server time of the run, however long it takes', async () => {
  await using w = await Workshop.open({ pageSize: 5 });
  for (let i = 0; i < 30; i++) w.shop.place(start - 300 + i * 10);
  w.api.set({ before: () => w.clock.advance(50) });
  await w.run();
  const ends = w.api.requests.flatMap(({ body }) => (body as { update_time_lt?: number }).update_time_lt ?? []);
  expect(Math.max(...ends)).toBeLessThanOrEqual(start + 2);
});

test('rule 6, F4: a clock that runs ahead covers nothing that lies in the future', async () => {
  let ahead = 0;
  const w = await Workshop.open({ serverNow: () => w.clock.now + ahead });
  await using _ = w;
  w.shop.place(start - 1000);
  await w.run();
  ahead = -3600;
  w.clock.advance(100);
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  const { watermark } = (await w.store.state('7490', 'orders')) ?? {};
  ahead = 0;
  w.shop.place(w.clock.now - 1);
  w.clock.advance(1000);
  await w.run();
  expect(await differences(w)).toEqual([]);
  expect((await w.store.state('7490', 'orders'))?.watermark).toBeGreaterThan(watermark ?? 0);
});

test('rule 7, F7: the watermark moves neither on failure nor by a span, and never back', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 12; i++) w.shop.place(start - 5000 + i);
  await w.run();
  const at = async () => (await w.store.state('7490', 'orders'))?.watermark;
  const metadata = await w.dump('sync_metadata');
  expect(await at()).toBe(start - policy.settle);
  w.clock.advance(500);
  w.api.set({
    before: () => {
      throw new AppError('transient', 'api', 'down');
    },
  });
  expect(await w.run()).toMatchObject({ state: 'failed' });
  w.api.set({ before: () => undefined });
  const span = { from: start - 6000, to: start + 400 };
  expect(await (await w.sync.request({ what: 'span', span }, 'manual')).ended).toMatchObject({
    kind: 'partial',
    seen: 12,
  });
  expect(await at()).toBe(start - policy.settle);
  expect(await w.dump('sync_metadata')).toEqual(metadata);
  await w.run();
  expect(await at()).toBe(start + 500 - policy.settle);
});

test('rule 7: sync_metadata appears only when nothing but the strip is missing', async () => {
  await using w = await Workshop.open({ pageSize: 5 });
  for (let i = 0; i < 60; i++) w.shop.place(start - 100_000 + i * 100);
  w.api.set({
    after: (n) => {
      if (n === 6) throw new AppError('transient', 'api', 'down');
    },
  });
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'failed' });
  expect(await w.dump('sync_metadata')).toEqual([]);
  expect((await w.store.state('7490', 'orders'))?.watermark).toBe(start - policy.settle);
  w.api.set({ after: () => undefined });
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect(await w.dump('sync_metadata')).toMatchObject([{ is_full_sync: 1 }]);
  expect(await differences(w)).toEqual([]);
});

test('rule 8: fifty requests at once make one run', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 25; i++) w.shop.place(start - 5000 + i);
  await w.run();
  const asked = await Promise.all(Array.from({ length: 50 }, () => w.sync.request({ what: 'sync' }, 'manual')));
  expect(new Set(asked.map(({ started }) => started.runId)).size).toBe(1);
  expect(asked.filter(({ started }) => started.joined)).toHaveLength(49);
  await Promise.all(asked.map(({ ended }) => ended));
});

test('rule 8, T33: who joins a run after its window ended gets one more run, and only one', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 12; i++) w.shop.place(start - 5000 + i);
  await w.run();
  w.clock.advance(100);
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  w.api.set({ after: () => held });
  const first = await w.sync.request({ what: 'sync' }, 'schedule');
  w.clock.advance(30);
  const late = w.shop.place(w.clock.now - 1);
  const joins = await Promise.all([1, 2, 3].map(() => w.sync.request({ what: 'sync' }, 'manual')));
  expect(joins.map(({ started }) => [started.runId, started.joined])).toEqual(
    joins.map(() => [first.started.runId, true]),
  );
  w.api.set({ after: () => undefined });
  release();
  await first.ended;
  await expect.poll(() => w.runs.filter((run) => run.state === 'succeeded').length).toBe(3);
  expect(await differences(w), late).toEqual([]);
  expect(w.runs.filter((run) => run.state === 'running').map((run) => run.trigger)).toEqual([
    'manual',
    'schedule',
    'manual',
  ]);
});

test('rule 8: a cancelled run keeps what it read, and the next goes on from there', async () => {
  await using w = await Workshop.open({ pageSize: 5 });
  for (let i = 0; i < 100; i++) w.shop.place(start - 100_000 + i * 100);
  const first = await w.sync.request({ what: 'sync' }, 'manual');
  w.api.set({
    after: (n) => {
      if (n === 10) void w.sync.stop(new Stopped('cancelled'));
    },
  });
  const cancelled = await first.ended;
  expect(cancelled).toMatchObject({ state: 'cancelled' });
  expect(cancelled.inserted).toBeGreaterThan(20);
  w.api.set({ after: () => undefined });
  const before = w.api.requests.length;
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect(w.api.requests.length - before).toBeLessThan(22);
  expect(await differences(w)).toEqual([]);
});

test('rule 8: a span joins only a run that reads all of it; for another it is told to wait', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 50; i++) w.shop.place(start - 5000 + i * 10);
  await w.run();
  const hold = Promise.withResolvers<void>();
  w.api.set({ after: () => hold.promise });
  const ask = (from: number, to: number) => w.sync.request({ what: 'span', span: { from, to } }, 'manual');
  const first = await ask(start - 5000, start - 4000);
  const inside = await ask(start - 4900, start - 4000);
  expect(inside.started).toEqual({ ...first.started, joined: true });
  await expect(ask(start - 6000, start - 4500)).rejects.toMatchObject({ code: 'busy', class: 'transient' });
  hold.resolve();
  expect(await first.ended).toMatchObject({ state: 'succeeded' });
  expect(await (await ask(start - 6000, start - 4500)).ended).toMatchObject({ state: 'succeeded' });
});

test('rule 9: a transient failure is tried again by itself with growing waits, and recovers', async () => {
  await using w = await Workshop.open();
  w.shop.place(start - 5000);
  let down = true;
  w.api.set({
    before: () => {
      if (down) throw new AppError('transient', 'api', 'down');
    },
  });
  const waits: number[] = [];
  await w.run();
  for (let i = 0; i < 4; i++) {
    const wait = (w.sync.retryAt ?? 0) / 1000 - w.clock.now;
    waits.push(Math.round(wait));
    const seen = w.runs.length;
    w.clock.advance(wait + 0.001);
    await expect.poll(() => w.runs.length).toBe(seen + 2);
  }
  expect(waits).toEqual([10, 20, 40, 80]);
  down = false;
  w.clock.advance(1000);
  await expect.poll(() => w.runs.at(-1)?.state).toBe('succeeded');
  expect(w.sync.retryAt).toBeNull();
  expect((await w.store.state('7490', 'orders'))?.lastError).toBeNull();
});

test('rule 13: an empty or much shorter answer changes nothing that is stored', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 40; i++) w.shop.place(start - 50_000 + i * 100);
  await w.run();
  const before = await w.dump('orders');
  w.clock.advance(400);
  w.api.set({ bend: () => ({}) });
  await w.run();
  const resync = await (await w.sync.request({ what: 'resync' }, 'manual')).ended;
  expect(resync).toMatchObject({ state: 'succeeded', seen: 0, localOnly: 40 });
  expect(await w.dump('orders')).toEqual(before);
});
