import { expect, test } from 'vitest';

import { orderTable } from '../../../daemon/store/orders.ts';
import { countStored, idsToAsk, lastAsked, unseenRecords } from '../../../daemon/store/pending.ts';
import { Room, shop } from './room.ts';
import { day, order } from './wire.ts';

test('doubts are asked again once they are due, at most as many as are wanted', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const ids = ['a', 'b', 'c'];
  await room.page({ runId, asked: 1, records: ids.map((id) => order(id, { update_time: day + 50 })) });
  for (const [n, id] of ids.entries())
    await room.page({ runId, asked: 2, records: [order(id)], doubtsDue: day + 100 + n });
  const due = async (now: number, limit = 500) => (await room.store.query(idsToAsk, shop, 'orders', now, limit)).doubts;
  expect(await due(day + 99)).toEqual([]);
  expect(await due(day + 101)).toEqual(['a', 'b']);
  expect(await due(day + 102)).toEqual(ids);
  expect(await due(day + 102, 2)).toHaveLength(2);
});

test('rule 13: an unseen row that has moved since, or that is gone, is no longer asked for', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin({ kind: 'full' });
  await room.page({ runId, records: ['a', 'b', 'c'].map((id) => order(id)) });
  await room.page({ runId, read: { from: day, to: day + 1 }, ledger: runId });
  const unseen = (limit = 500) => room.store.query(unseenRecords, orderTable, shop, runId, limit);
  expect(await unseen()).toEqual(['a', 'b', 'c']);
  expect(await unseen(2)).toHaveLength(2);
  expect(await room.store.query(unseenRecords, orderTable, shop, 'another run', 500)).toEqual([]);
  await room.page({ runId, asked: 2, records: [order('b', { update_time: day + 9 })] });
  await room.sql(`delete from orders where id = 'c'`);
  expect(await unseen()).toEqual(['a']);
});

test('what was not seen is kept for the run that goes on, and forgotten with the one that ends', async () => {
  await using room = await Room.open();
  const { runId: broken } = await room.begin({ kind: 'full' });
  await room.page({ runId: broken, records: [order('a')] });
  await room.page({ runId: broken, read: { from: day, to: day + 1 }, ledger: broken });
  await room.end({ runId: broken, state: 'interrupted' });
  const { runId: live } = await room.begin();
  await room.end({ runId: live });
  expect(await room.store.query(unseenRecords, orderTable, shop, broken, 500)).toEqual(['a']);
  const { runId } = await room.begin({ kind: 'full', continues: broken });
  await room.end({ runId });
  expect(await room.rows('select * from unseen')).toEqual([]);
});

test('the last position of asking is the greatest of all shops, and 0 in a new database', async () => {
  await using room = await Room.open();
  expect(await room.store.query(lastAsked)).toBe(0);
  const { runId } = await room.begin();
  await room.store.ensureState({ shop: 'another', stream: 'orders', liveStart: day, since: 0, overlap: 300 });
  const now = 1_790_000_000_123;
  await room.page({ runId, asked: now });
  await room.page({ runId, shop: 'another', asked: now - 5 });
  await room.open();
  expect(await room.store.query(lastAsked)).toBe(now);
});

test('rows are counted by their place on the axis, the end of a span not included', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.page({ runId, records: [0, 10, 20, 30].map((at) => order(`o${at}`, { update_time: day + at })) });
  const count = (...spans: readonly (readonly [number, number])[]) =>
    room.store.query(
      countStored,
      orderTable,
      shop,
      spans.map(([from, to]) => ({ from: day + from, to: day + to })),
    );
  expect(await count([0, 20])).toBe(2);
  expect(await count([0, 1], [20, 31])).toBe(3);
  expect(await count([11, 20])).toBe(0);
  expect(await count()).toBe(0);
  expect(await room.store.query(countStored, orderTable, 'another', [{ from: day, to: day + 99 }])).toBe(0);
});
