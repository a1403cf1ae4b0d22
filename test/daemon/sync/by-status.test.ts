import { expect, test, vi } from 'vitest';

import type { Ask } from '../../../daemon/sync/asks.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import { explainOrder } from '../../../daemon/why.ts';
import { EngineWorld } from './engine-world.ts';
import { Workshop, type WorkshopOptions, differences, start } from './workshop.ts';

const hour = 3600;
const statuses = ['UNPAID', 'AWAITING_SHIPMENT', 'IN_TRANSIT'] as const;

/** All of history, of some statuses. */
const by = (w: Workshop, ...some: readonly string[]): Ask => ({
  what: 'span',
  span: { from: start - 400 * 86_400, to: w.clock.now + 1 },
  statuses: some,
});

/** A shop that was in step at six in the morning; until noon, every minute of an hour an order of each status changes. */
async function noon(options: WorkshopOptions = {}): Promise<{ w: Workshop; changed: Record<string, string[]> }> {
  const w = await Workshop.open(options);
  const ids = Array.from({ length: 180 }, (_, i) => w.shop.place(start - 86_400 + i * 60, { status: 'ON_HOLD' }));
  await w.run();
  const changed: Record<string, string[]> = {};
  for (const [i, id] of ids.entries()) {
    const status = statuses[i % 3] ?? 'UNPAID';
    w.shop.change(id, start + hour + Math.floor(i / 3) * 60, { status });
    (changed[status] ??= []).push(id);
  }
  w.clock.advance(6 * hour);
  w.api.requests.length = 0;
  return { w, changed };
}

/** How many are stored by status. */
async function counts(w: Workshop): Promise<Record<string, number>> {
  const rows = await w.dump('record_counts');
  return Object.fromEntries(rows.flatMap((row) => (row['count'] === 0 ? [] : [[row['status'], row['count']]])));
}

test('T47: a run by status reads those alone; orders of the others come with the next run, none is missed', async () => {
  const { w } = await noon();
  await using _ = w;
  const watermark = await w.watermark();
  const run = await w.ask(by(w, 'UNPAID', 'IN_TRANSIT'));
  expect(run).toMatchObject({
    kind: 'partial',
    state: 'succeeded',
    statuses: ['UNPAID', 'IN_TRANSIT'],
    seen: 120,
    updated: 120,
    inserted: 0,
  });
  expect(await w.store.history({ limit: 1 })).toEqual([run]);
  expect(w.api.requests.map(({ body }) => body)).toEqual(
    w.api.requests.map(() => expect.objectContaining({ order_status: expect.stringMatching(/^(UNPAID|IN_TRANSIT)$/) })),
  );
  expect(await counts(w)).toEqual({ ON_HOLD: 60, UNPAID: 60, IN_TRANSIT: 60 });
  expect(await w.watermark()).toBe(watermark);
  const next = await w.run();
  expect(next).toMatchObject({ kind: 'incremental', state: 'succeeded', seen: 180, updated: 60 });
  expect(next).not.toHaveProperty('statuses');
  expect(await differences(w)).toEqual([]);
});

test('rule 7: it moves and covers nothing, on a shop in step and on one that was never read', async () => {
  const known = ['coverage', 'run_spans', 'sync_metadata', 'unseen', 'lateness', 'doubts', 'oddities'];
  const { w } = await noon();
  await using _ = w;
  await using empty = await Workshop.open();
  for (let i = 0; i < 25; i++) empty.shop.place(start - 86_400 + i, { status: 'UNPAID' });
  for (const one of [w, empty]) {
    await one.store.ensureState({ shop: '7490', stream: 'orders', liveStart: start, since: 0, overlap: 0 });
    const dump = () => Promise.all(known.map((table) => one.dump(table)));
    const state = async () => {
      const { watermark, liveStart, overlap } = (await one.store.state('7490', 'orders')) ?? {};
      return { watermark, liveStart, overlap };
    };
    const before = [await dump(), await state()];
    expect(await one.ask(by(one, 'UNPAID'))).toMatchObject({ state: 'succeeded', seen: one === w ? 60 : 25 });
    expect([await dump(), await state()]).toEqual(before);
  }
  expect(await empty.run()).toMatchObject({ kind: 'full', seen: 25, inserted: 0 });
  expect(await differences(empty)).toEqual([]);
});

test('rule 16: nobody is told that such a run has read the moment at which an order changed', async () => {
  await using world = await EngineWorld.open(['1']);
  const old = world.model('1').place(start - 86_400, { status: 'UNPAID' });
  await world.engine.start();
  const first = await world.settled('1');
  world.clock.advance(hour);
  const fresh = world.model('1').place(start + 600, { status: 'UNPAID' });
  const request = await world.engine.request(
    { what: 'span', span: { from: 0, to: start + hour }, statuses: ['UNPAID'] },
    {},
    'manual',
  );
  const [run] = await request.ended;
  expect(run).toMatchObject({ seen: 2, inserted: 1 });
  const why = (id: string) => explainOrder(world.store, world.engine, { id });
  expect(await why(fresh)).toMatchObject({ verdict: 'stored', runId: run?.runId, covered: null });
  expect(await why(old)).toMatchObject({ verdict: 'stored', covered: { runId: first.runId, whole: true } });
  // A span that is read whole is told.
  const whole = await world.engine.request({ what: 'span', span: { from: 0, to: start + hour } }, {}, 'manual');
  const [reread] = await whole.ended;
  expect(await why(fresh)).toMatchObject({ covered: { runId: reread?.runId, whole: false } });
});

test('T6: of 600 orders one leaves the status with each page; those that stay are all stored, those that left come next', async () => {
  for (const walkers of [1, 3]) {
    await using w = await Workshop.open({ walkers });
    const ids = Array.from({ length: 600 }, (_, i) => w.shop.place(start - 86_400 + i * 30, { status: 'ON_HOLD' }));
    await w.run();
    w.clock.advance(6 * hour);
    for (const [i, id] of ids.entries()) w.shop.change(id, start + hour + i * 20, { status: 'AWAITING_SHIPMENT' });
    w.api.requests.length = 0;
    const left = new Set<string>();
    w.api.set({
      before: (n) => {
        // Always the first of them, so that all behind it move up.
        const id = ids[n - 1];
        if (id === undefined) return;
        w.clock.advance(1);
        w.shop.change(id, w.clock.now, { status: 'IN_TRANSIT' });
        left.add(id);
      },
    });
    expect(await w.ask(by(w, 'AWAITING_SHIPMENT'))).toMatchObject({ kind: 'partial', state: 'succeeded' });
    w.api.set({ before: () => undefined });
    expect(left.size).toBeGreaterThanOrEqual(60);
    const stored = new Map((await w.dump('orders')).map((row) => [row['id'], row['status']]));
    for (const id of ids) if (!left.has(id)) expect(stored.get(id), id).toBe('AWAITING_SHIPMENT');
    w.clock.advance(900);
    expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
    for (const row of await w.dump('orders')) if (left.has(String(row['id']))) expect(row['status']).toBe('IN_TRANSIT');
    expect(await differences(w)).toEqual([]);
  }
});

test('an order that goes over to a status that was read already comes with the next run', async () => {
  const { w, changed } = await noon();
  await using _ = w;
  const [id = ''] = changed['IN_TRANSIT'] ?? [];
  w.api.set({
    before: (_n, { body }) => {
      if (body?.['order_status'] !== 'IN_TRANSIT' || w.shop.orders.get(id)?.versions.length !== 2) return;
      w.clock.advance(1);
      w.shop.change(id, w.clock.now, { status: 'UNPAID' });
    },
  });
  expect(await w.ask(by(w, 'UNPAID', 'IN_TRANSIT'))).toMatchObject({ state: 'succeeded', updated: 119 });
  w.api.set({ before: () => undefined });
  await w.run();
  expect(await differences(w)).toEqual([]);
});

test('rule 8: who wants no other statuses joins it, everybody else is told that it is busy; what is new goes on', async () => {
  const { w } = await noon();
  await using _ = w;
  const gate = Promise.withResolvers<void>();
  w.api.set({ before: (n) => (n === 1 ? gate.promise : undefined) });
  const ask = by(w, 'UNPAID', 'IN_TRANSIT');
  const first = await w.sync.request(ask, 'manual');
  for (const same of [ask, by(w, 'IN_TRANSIT'), by(w, 'IN_TRANSIT', 'UNPAID')]) {
    const { started } = await w.sync.request(same, 'manual');
    expect(started).toEqual({ ...first.started, joined: true });
  }
  const whole: Ask = { what: 'span', span: { from: start - hour, to: start } };
  for (const other of [by(w, 'UNPAID', 'AWAITING_SHIPMENT'), whole]) {
    const refused = { code: 'busy', message: expect.stringContaining('is reading only UNPAID, IN_TRANSIT') };
    await expect(w.sync.request(other, 'manual')).rejects.toMatchObject(refused);
    expect(() => w.sync.assertFree(other)).toThrow(expect.objectContaining(refused));
  }
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded', updated: 180 });
  gate.resolve();
  expect(await first.ended).toMatchObject({ state: 'succeeded', seen: 120, updated: 0, unchanged: 120 });
  expect(await w.store.history({ kind: 'partial', limit: 9 })).toHaveLength(1);
  expect(await differences(w)).toEqual([]);
});

test('rule 8: who asks for the same up to now joins it as well, however much later', async () => {
  const { w } = await noon();
  await using _ = w;
  const gate = Promise.withResolvers<void>();
  w.api.set({ before: (n) => (n === 1 ? gate.promise : undefined) });
  const upToNow = (): Ask => ({
    what: 'span',
    span: { from: start - 86_400, to: w.clock.now + 1, isOpen: true },
    statuses: ['UNPAID'],
  });
  const first = await w.sync.request(upToNow(), 'manual');
  w.clock.advance(60);
  expect((await w.sync.request(upToNow(), 'manual')).started).toEqual({ ...first.started, joined: true });
  await expect(w.sync.request(by(w, 'UNPAID'), 'manual')).rejects.toMatchObject({ code: 'busy' });
  gate.resolve();
  expect(await first.ended).toMatchObject({ state: 'succeeded', seen: 60 });
});

test('one that is cancelled keeps what it has read; one that is killed is closed, and nothing goes on from it', async () => {
  const { w } = await noon();
  await using _ = w;
  w.api.set({
    after: async (n) => {
      if (n === 3) void w.sync.stop(new Stopped('cancelled'));
    },
  });
  const cancelled = await w.ask(by(w, 'UNPAID'));
  expect(cancelled).toMatchObject({ state: 'cancelled', statuses: ['UNPAID'] });
  expect(cancelled.updated).toBeGreaterThan(0);
  expect(await counts(w)).toMatchObject({ UNPAID: cancelled.updated, ON_HOLD: 180 - cancelled.updated });
  const held = new Promise<void>(() => undefined);
  const before = w.api.requests.length;
  w.api.set({ after: (n) => (n === before + 4 ? held : undefined) });
  const { started } = await w.sync.request(by(w, 'UNPAID'), 'manual');
  await vi.waitUntil(() => w.api.requests.length === before + 4);
  await w.restart();
  await w.sync.resume();
  const { ended } = await w.sync.request({ what: 'sync' }, 'manual');
  await ended;
  expect(await w.store.run(started.runId)).toMatchObject({ state: 'interrupted', statuses: ['UNPAID'] });
  expect((await w.store.history({ kind: 'partial', limit: 9 })).map(({ state }) => state)).toEqual([
    'interrupted',
    'cancelled',
  ]);
  expect(await differences(w)).toEqual([]);
});

test('one that fails is theirs to ask again who asked for it', async () => {
  const { w } = await noon();
  await using _ = w;
  w.api.set({ before: (n) => (n === 3 ? Promise.reject(new Error('broken')) : undefined) });
  expect(await w.ask(by(w, 'UNPAID'))).toMatchObject({ state: 'failed', error: { nextAttemptAt: null } });
  expect(w.clock.pending).toBe(0);
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  expect(await differences(w)).toEqual([]);
});
