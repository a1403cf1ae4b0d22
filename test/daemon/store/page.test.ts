import { expect, test } from 'vitest';

import { updateState } from '../../../daemon/store/state.ts';
import { Room, shop } from './room.ts';
import { day, item, order } from './wire.ts';

/** A database in which the next page has something to do in every table. */
async function readyForEverything() {
  const room = await Room.open();
  const { runId } = await room.begin({ kind: 'full' });
  await room.page({
    runId,
    records: [order('a'), order('late', { update_time: day + 50 }), order('hidden', { update_time: day + 3 })],
    rejected: [{ recordId: 'b', reason: 'status: missing', payload: '{"id":"b"}' }],
    asked: 10,
    read: { from: day, to: day + 2 },
    covered: { from: day, to: day + 2 },
  });
  const next = {
    runId,
    records: [
      order('a', { status: 'SHIPPED', update_time: day + 4, line_items: [item('a2'), item('a3')] }),
      order('b', { update_time: day + 5 }),
      order('late', { update_time: day + 4 }),
    ],
    rejected: [{ recordId: null, reason: 'id: missing', payload: '{}' }],
    asked: 20,
    requests: 3,
    read: { from: day + 2, to: day + 6 },
    covered: { from: day + 2, to: day + 6 },
    ledger: runId,
    doubtsDue: day + 400,
  };
  return { room, runId, next };
}

/** Every statement of a page, by the table and kind of change it makes. */
const statements = [
  ['orders', 'insert'],
  ['orders', 'update'],
  ['record_counts', 'insert'],
  ['record_counts', 'update'],
  ['order_events', 'insert'],
  ['order_line_items', 'delete'],
  ['order_line_items', 'insert'],
  ['rejected_records', 'insert'],
  ['rejected_records', 'delete'],
  ['doubts', 'insert'],
  ['unseen', 'insert'],
  ['run_spans', 'delete'],
  ['run_spans', 'insert'],
  ['coverage', 'delete'],
  ['coverage', 'insert'],
  ['sync_runs', 'update'],
  ['stream_state', 'update'],
] as const;

test.each(statements)('rule 1: a page that fails at %s %s leaves every table as it was', async (table, change) => {
  const { room, next } = await readyForEverything();
  await using _ = room;
  await room.sql(
    `create trigger fault before ${change} on ${table} begin select raise(abort, 'the disk is on fire'); end`,
  );
  const before = await room.dump();
  await expect(room.page(next)).rejects.toMatchObject({ class: 'store', code: 'store' });
  expect(await room.dump()).toEqual(before);
  await room.sql('drop trigger fault');
  await room.page(next);
  expect((await room.dump())[table]).not.toEqual(before[table]);
});

test('rule 1: settling a doubt is part of the page that settles it', async () => {
  const { room, runId, next } = await readyForEverything();
  await using _ = room;
  await room.page(next);
  await room.sql(`create trigger fault before delete on doubts begin select raise(abort, 'fault'); end`);
  const before = await room.dump();
  const records = [order('late', { update_time: day + 4 })];
  await expect(room.page({ runId, records, asked: 30, settles: true })).rejects.toMatchObject({ class: 'store' });
  expect(await room.dump()).toEqual(before);
});

test('a page tells what became of its records, and the run and the stream carry the sums', async () => {
  const { room, runId, next } = await readyForEverything();
  await using _ = room;
  expect(await room.page(next)).toEqual({
    inserted: [{ id: 'b', time: day + 5 }],
    updated: 1,
    arrivals: [day + 5, day + 4],
    widened: null,
    unchanged: 1,
    rejected: 1,
    doubts: ['late'],
    silentEdits: 0,
    blanked: 0,
    regressions: 0,
    greatestTime: day + 5,
  });
  expect(await room.store.run(runId)).toMatchObject({
    requests: 4,
    seen: 8,
    inserted: 4,
    updated: 1,
    unchanged: 1,
    rejected: 2,
  });
  expect(await room.rows('select last_asked, last_record_time from stream_state')).toEqual([
    { last_asked: 20, last_record_time: day + 50 },
  ]);
  expect(await room.store.coverage(shop, 'orders')).toEqual([{ from: day, to: day + 6 }]);
});

test('a full run notes stored rows of the span that the API did not show, and touches none of them', async () => {
  const { room, runId, next } = await readyForEverything();
  await using _ = room;
  const hidden = await room.rows(`select * from orders where id = 'hidden'`);
  await room.page({ ...next, records: [...next.records, order('c', { update_time: day + 5 })] });
  await room.page({ ...next, records: [order('b', { update_time: day + 5 })], before: new Set(['c', 'a']) });
  expect(await room.rows('select * from unseen')).toEqual([
    { run_id: runId, record_id: 'hidden', update_time: day + 3 },
  ]);
  expect(await room.rows(`select * from orders where id = 'hidden'`)).toEqual(hidden);
});

test('a position of asking never goes back, and an order that was refused is no record time', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.page({ runId, records: [order('a', { update_time: day + 90 })], asked: 50 });
  await room.page({ runId, records: [order('a', { update_time: day + 20 })], asked: 60, settles: true });
  await room.page({ runId, records: [order('a', { update_time: day + 95 }), order('b')], asked: 40 });
  expect(await room.rows('select last_asked, last_record_time from stream_state')).toEqual([
    { last_asked: 60, last_record_time: day + 90 },
  ]);
});

test('rule 14: a run that began before the overlap widened neither narrows it again nor covers what lies within it', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.store.change(updateState, shop, 'orders', { watermark: day, overlap: 800 });
  const { sentAt, settle } = { sentAt: day + 100, settle: 60 };
  // As a run with an overlap of 300 s would put it: up to the strip, and a late arrival that uses two thirds of it.
  const covered = { from: day - 5000, to: sentAt - settle - 300 };
  const page = {
    runId,
    records: [order('late', { update_time: day - 200 })],
    read: { ...covered, to: day },
    covered,
    sentAt,
    settle,
    live: true,
  };
  expect(await room.page({ ...page, overlap: 300 })).toMatchObject({ widened: 800 });
  expect((await room.store.state(shop, 'orders'))?.overlap).toBe(800);
  expect(await room.store.coverage(shop, 'orders')).toEqual([{ from: day - 5000, to: sentAt - settle - 800 }]);
  const history = { from: day - 9000, to: day - 8000 };
  await room.page({ runId, read: history, covered: history, sentAt, settle, overlap: 300 });
  expect((await room.store.coverage(shop, 'orders'))[0]).toEqual(history);
});
