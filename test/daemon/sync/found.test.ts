import { expect, test } from 'vitest';

import { Stopped } from '../../../daemon/sync/failures.ts';
import { Workshop, differences, policy, start } from './workshop.ts';

/** Holes that random histories found, each by its smallest form. */

test('a second of many ties is read to its end, however short the pages that the API sends', async () => {
  await using w = await Workshop.open({ pageSize: 5 });
  for (let i = 0; i < 41; i++) w.shop.place(start - 9000, { createTime: start - 9100 });
  expect(await w.run()).toMatchObject({ state: 'succeeded', inserted: 41 });
  expect(await differences(w)).toEqual([]);
});

test('rule 2, F5: a sort by create_time is found out although the first page of the run was right', async () => {
  await using w = await Workshop.open({ pageSize: 6, sorting: 'by create_time' });
  // The oldest never changed, so that both orders begin alike; then one that changed long after it was placed.
  for (let i = 0; i < 12; i++) w.shop.place(start - 90_000 + i * 100);
  w.shop.place(start - 10_000, { createTime: start - 88_750 });
  for (let i = 0; i < 20; i++) w.shop.place(start - 80_000 + i * 100);
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  expect(await differences(w)).toEqual([]);
});

test('rule 2: an ignored sort is found out although ties at its beginning looked sorted', async () => {
  await using w = await Workshop.open({ pageSize: 10, sorting: 'ignored' });
  for (let i = 0; i < 12; i++) w.shop.place(start - 100);
  for (let i = 0; i < 60; i++) w.shop.place(start - 50_000 + ((i * 37) % 60) * 10);
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  expect(await differences(w)).toEqual([]);
});

test('rule 7: sync_metadata says nothing that an estimate of the time, gone back, has left uncovered', async () => {
  let behind = 0;
  const believed = () => w.clock.now - behind;
  const w: Workshop = await Workshop.open({ pageSize: 5, serverNow: believed, sentNow: believed });
  await using _ = w;
  for (let i = 0; i < 30; i++) w.shop.place(start - 9000 + i * 100);
  // The strip is read and the watermark stands at its end; history is not begun.
  w.api.set({ before: (n) => (n === 3 ? void w.sync.stop(new Stopped('cancelled')) : undefined) });
  expect(await w.run()).toMatchObject({ state: 'cancelled' });
  expect(await w.watermark()).toBe(start - policy.settle);
  w.api.set({ before: () => undefined });
  behind = 240;
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect((await w.coverage()).at(-1)?.to).toBeLessThan(start - policy.settle - policy.overlap);
  expect(await w.store.metadata('7490', 'orders')).toBeUndefined();
  behind = 0;
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect((await w.store.metadata('7490', 'orders'))?.lastSyncTime).toBe(
    new Date((start - policy.settle) * 1000).toISOString(),
  );
});

test('rule 2: a second whose first page by token came without a count is not taken for whole', async () => {
  await using w = await Workshop.open({ pageSize: 5 });
  for (let i = 0; i < 12; i++) w.shop.place(start - 9000, { createTime: start - 9100 });
  let isFirst = false;
  let isMoved = false;
  w.api.set({
    before: (_n, { body, query }) => {
      const byToken = typeof body === 'object' && body !== null && 'create_time_ge' in body;
      isFirst = byToken && query?.['page_token'] === undefined;
      if (isMoved || query?.['page_token'] === undefined) return;
      // An order of the first page changes: one of those behind moves onto a page that was read.
      isMoved = true;
      w.shop.change('5700000001', w.clock.now);
    },
    bend: ({ total_count: total, ...data }) => (isFirst ? data : { total_count: total, ...data }),
  });
  await w.run();
  expect(isMoved).toBe(true);
  for (let run = 0; run < 2; run++) await w.run();
  expect(await differences(w)).toEqual([]);
});

test('rule 2: a record set aside does not stand in for one that a wrong sort has left out', async () => {
  await using w = await Workshop.open({ pageSize: 5, sorting: 'by create_time' });
  for (let i = 0; i < 5; i++)
    w.shop.place(start - 9000, { createTime: start - 90_000 + i * 100, status: i === 0 ? '' : 'PAID' });
  w.shop.place(start - 9008);
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  await w.run();
  expect((await differences(w)).filter((line) => !line.startsWith('5700000001'))).toEqual([]);
});
