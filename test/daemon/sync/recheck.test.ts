import { expect, test, vi } from 'vitest';

import { openRecords } from '../../../daemon/store/open-records.ts';
import { oddities } from '../../../daemon/store/watch.ts';
import { asked, day, edit, inStep, recheck } from './recheck-world.ts';
import { Workshop, differences, start } from './workshop.ts';

const odd = (w: Workshop) => w.store.query(oddities, '7490', 'orders');

test('T51: an edit of an open order that leaves its update time alone is stored, counted and told', async () => {
  const { w, ids } = await inStep(3);
  await using _ = w;
  const [id = ''] = ids;
  const before = await w.dump('orders');
  edit(w, id, 'another address');
  w.clock.advance(900);
  await w.run();
  expect(await differences(w)).toHaveLength(1);
  const run = await w.ask(recheck);
  expect(run).toMatchObject({ kind: 'recheck', state: 'succeeded', seen: 3, updated: 1, unchanged: 2, localOnly: 0 });
  expect(await differences(w)).toEqual([]);
  expect(await odd(w)).toEqual({ 'silent edit': 1 });
  const changed = (await w.dump('orders')).filter((row, i) => row['changed_at'] !== before[i]?.['changed_at']);
  expect(changed).toMatchObject([{ id, run_id: run.runId, update_time: start - 2 * day }]);
});

test('only open orders of the last days are asked for, from the first second on', async () => {
  await using w = await Workshop.open({ recheck: 10 * day });
  const first = start + 2 - 10 * day;
  const wanted = [
    w.shop.place(start - day, { createTime: first, status: 'UNPAID' }),
    w.shop.place(start - day, { createTime: start - 9 * day, status: 'UNHEARD_OF' }),
  ];
  w.shop.place(start - day, { createTime: first - 1, status: 'UNPAID' });
  for (const status of ['COMPLETED', 'CANCELLED']) w.shop.place(start - day, { status });
  await w.run();
  w.api.requests.length = 0;
  expect(await w.ask(recheck)).toMatchObject({
    seen: 2,
    requests: 1,
    from: new Date(first * 1000).toISOString(),
    to: new Date((start + 2) * 1000).toISOString(),
  });
  expect(asked(w)).toEqual([wanted]);
});

test('fifty are asked for at a time, the oldest first, behind everything live, and progress tells how many there are', async () => {
  const { w, ids } = await inStep(120);
  await using _ = w;
  const call = vi.spyOn(w.api, 'call');
  w.shown.length = 0;
  expect(await w.ask(recheck)).toMatchObject({ seen: 120, requests: 3, unchanged: 120 });
  expect(asked(w)).toEqual([ids.slice(0, 50), ids.slice(50, 100), ids.slice(100)]);
  expect(call.mock.calls.map(([, { priority }]) => priority)).toEqual(['history', 'history', 'history']);
  expect(w.shown).toMatchObject(
    [50, 100, 120].map((done, i) => ({ kind: 'recheck', done, expected: 120, requests: i + 1 })),
  );
});

test('rules 5 and 7: it moves and covers nothing, and a second one writes nothing', async () => {
  const { w, ids } = await inStep(60);
  await using _ = w;
  for (const id of ids.slice(10, 20)) edit(w, id, 'edited');
  const known = ['coverage', 'run_spans', 'sync_metadata', 'unseen', 'lateness', 'doubts'];
  const dump = (tables: readonly string[]) => Promise.all(tables.map((table) => w.dump(table)));
  const [before, watermark, state] = [await dump(known), await w.watermark(), await w.store.state('7490', 'orders')];
  expect(await w.ask(recheck)).toMatchObject({ updated: 10 });
  expect(await dump(known)).toEqual(before);
  expect(await w.watermark()).toBe(watermark);
  expect(await w.store.state('7490', 'orders')).toEqual(state);
  const written = ['orders', 'order_line_items', 'order_events', 'record_counts', 'rejected_records'];
  const rows = await dump(written);
  w.clock.advance(day);
  expect(await w.ask(recheck)).toMatchObject({ updated: 0, unchanged: 60 });
  expect(await dump(written)).toEqual(rows);
  expect(await dump(known)).toEqual(before);
});

test('rule 13: an order that is gone at the remote is counted and kept', async () => {
  const { w, ids } = await inStep(55);
  await using _ = w;
  for (const id of [ids[3], ids[52]]) w.shop.orders.delete(id ?? '');
  expect(await w.ask(recheck)).toMatchObject({ state: 'succeeded', seen: 53, localOnly: 2 });
  expect(w.shown.at(-1)).toMatchObject({ done: 55, expected: 55 });
  expect(await w.dump('orders')).toHaveLength(55);
});

test('rule 4: personal fields that come back blank replace nothing, and an order that cannot be read is set aside', async () => {
  const { w, ids } = await inStep(3);
  await using _ = w;
  const [blank = '', bad = ''] = ids;
  const bend = (change: (order: { id: string }) => object) => (data: Record<string, unknown>) => ({
    ...data,
    orders: (data['orders'] as { id: string }[]).map((order) => ({ ...order, ...change(order) })),
  });
  const address = { recipient_address: { name: 'A***a', postal_code: '90***' } };
  w.api.set({ bend: bend(() => address) });
  expect(await w.ask(recheck)).toMatchObject({ updated: 3 });
  const before = await w.dump('orders');
  w.api.set({
    bend: bend(({ id }) => {
      if (id === blank) return { recipient_address: { name: '', postal_code: '' } };
      return id === bad ? { ...address, create_time: 'yesterday' } : address;
    }),
  });
  expect(await w.ask(recheck)).toMatchObject({
    state: 'succeeded',
    updated: 0,
    unchanged: 2,
    rejected: 1,
    localOnly: 0,
  });
  expect(await w.dump('orders')).toEqual(before);
  expect(await w.dump('rejected_records')).toMatchObject([{ record_id: bad }]);
  expect(await odd(w)).toMatchObject({ 'personal fields came back blank': 1 });
  w.api.set({ bend: bend(() => address) });
  expect(await w.ask(recheck)).toMatchObject({ rejected: 0 });
  expect(await w.dump('rejected_records')).toEqual([]);
});

test('rule 3: orders that have moved on are stored as they are now, and are neither drift nor late', async () => {
  const { w, ids } = await inStep(3);
  await using _ = w;
  const [id = '', other = ''] = ids;
  w.clock.advance(600);
  w.shop.change(id, w.clock.now - 5, { status: 'DELIVERED' });
  // In the strip below the watermark, which the next run reads.
  w.shop.change(other, start + 840 - 200, { status: 'DELIVERED', visibleAt: w.clock.now });
  const before = await w.store.state('7490', 'orders');
  expect(before?.watermark).toBe(start + 840);
  expect(await w.ask(recheck)).toMatchObject({ updated: 2 });
  expect(await differences(w)).toEqual([]);
  expect(await odd(w)).toEqual({});
  const { overlap, watermark, liveStart } = before ?? {};
  expect(await w.store.state('7490', 'orders')).toMatchObject({ overlap, watermark, liveStart });
  expect(await w.dump('lateness')).toEqual([]);
  expect((await w.dump('order_events')).filter((row) => row['order_id'] === id)).toHaveLength(2);
});

test('rule 3: an order that went back in time is a doubt, which the next run settles', async () => {
  const { w, ids } = await inStep(2);
  await using _ = w;
  const [id = ''] = ids;
  w.clock.advance(600);
  w.shop.change(id, w.clock.now - 5, { status: 'DELIVERED' });
  await w.run();
  w.shop.change(id, w.clock.now - 100, { status: 'ON_HOLD', visibleAt: w.clock.now });
  expect(await w.ask(recheck)).toMatchObject({ updated: 0, unchanged: 2 });
  expect(await w.dump('doubts')).toMatchObject([{ record_id: id }]);
  w.clock.advance(600);
  await w.run();
  expect(await differences(w)).toEqual([]);
});

test('rule 3: an answer that was asked before a change and comes behind it replaces nothing', async () => {
  const { w, ids } = await inStep(3);
  await using _ = w;
  const gate = Promise.withResolvers<void>();
  w.api.set({ after: (_n, { method }) => (method === 'GET' ? gate.promise : undefined) });
  const { ended } = await w.sync.request(recheck, 'schedule');
  await vi.waitUntil(() => w.api.requests.length === 1);
  w.clock.advance(600);
  w.shop.change(ids[0] ?? '', w.clock.now - 5, { status: 'DELIVERED' });
  // What is new does not wait for it.
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded', updated: 1 });
  gate.resolve();
  expect(await ended).toMatchObject({ state: 'succeeded', updated: 0 });
  expect(await differences(w)).toEqual([]);
  expect(await w.dump('doubts')).toEqual([]);
});

test('five hundred ids are held at a time, however many there are and whatever becomes of them', async () => {
  const { w, ids } = await inStep(1200, { pageSize: 100 });
  await using _ = w;
  const query = vi.spyOn(w.store, 'query');
  w.api.set({
    before: async (n) => {
      // Some close and some are edited meanwhile, before and behind the place that is read.
      if (n !== 3) return;
      w.clock.advance(400);
      for (const id of [...ids.slice(0, 5), ...ids.slice(1190)])
        w.shop.change(id, w.clock.now - 1, { status: 'COMPLETED' });
      for (const id of ids.slice(700, 710)) edit(w, id, 'edited');
      await w.run();
    },
  });
  expect(await w.ask(recheck)).toMatchObject({ state: 'succeeded', seen: 1190, updated: 10 });
  const batches = query.mock.calls.filter(([question]) => question === openRecords);
  expect(batches).toHaveLength(3);
  for (const [, , open] of batches) expect(open).toMatchObject({ limit: 500 });
  const read = asked(w).filter(([id]) => id !== 'undefined');
  expect(Math.max(...read.map((some) => some.length))).toBe(50);
  expect(read.flat()).toEqual(ids.slice(0, 1190));
  expect(await differences(w)).toEqual([]);
});
