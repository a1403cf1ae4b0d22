import { expect, test } from 'vitest';

import { updateState } from '../../../daemon/store/state.ts';
import type { Failure } from '../../../shared/run-views.ts';
import { Room, at, shop } from './room.ts';
import { day, order } from './wire.ts';

/** A run that ends at `day + after`: fresh to one minute before, covered up to six minutes before. */
const proof = (after: number, full = false) => ({ watermark: day + after - 60, strip: day + after - 360, full });

const failure = (kind: Failure['kind']): Failure => ({
  kind,
  code: 'api',
  message: 'the API did not answer',
  retryable: true,
  at: '2026-09-21T14:13:20.000Z',
  nextAttemptAt: null,
});

/** A shop whose history and live data are covered up to the strip of `proof(1000)`. */
async function covered() {
  const room = await Room.open();
  const { runId } = await room.begin({ kind: 'full' });
  await room.page({
    runId,
    records: [order('a'), order('b', { update_time: day + 5 })],
    covered: { from: 0, to: day + 640 },
  });
  return { room, runId };
}

const metadata = (room: Room) => room.rows('select * from sync_metadata');
const watermark = async (room: Room) => (await room.store.state(shop, 'orders'))?.watermark;

test('a whole full run writes the metadata: what it proves, and its own numbers', async () => {
  const { room, runId } = await covered();
  await using _ = room;
  const run = await room.end({ runId, requests: 2, localOnly: 1, proves: proof(1000, true) });
  expect(run).toMatchObject({ state: 'succeeded', requests: 3, inserted: 2, localOnly: 1 });
  expect(run.finishedAt).toBe('2026-09-21T14:13:20.000Z');
  expect(await metadata(room)).toEqual([
    {
      shop_id: shop,
      sync_type: 'orders',
      last_sync_time: '2026-09-21 14:29:00.000',
      last_record_time: '2026-09-21 14:13:25.000',
      records_synced: 2,
      is_full_sync: 1,
      created_at: '2026-09-21 14:13:20.000',
      updated_at: '2026-09-21 14:13:20.000',
    },
  ]);
  expect(await room.store.metadata(shop, 'orders')).toEqual({
    lastSyncTime: '2026-09-21T14:29:00.000Z',
    lastRecordTime: '2026-09-21T14:13:25.000Z',
    recordsSynced: 2,
    isFullSync: true,
  });
});

test('an incremental run after it writes its own numbers and keeps created_at', async () => {
  const { room, runId } = await covered();
  await using _ = room;
  await room.end({ runId, proves: proof(1000, true) });
  room.now += 900_000;
  const { runId: second } = await room.begin();
  await room.page({
    runId: second,
    asked: 2,
    records: [order('a', { update_time: day + 900 }), order('b', { update_time: day + 5 })],
    covered: { from: day + 640, to: day + 1540 },
  });
  await room.end({ runId: second, proves: proof(1900) });
  expect(await metadata(room)).toMatchObject([
    {
      last_sync_time: '2026-09-21 14:44:00.000',
      last_record_time: '2026-09-21 14:28:20.000',
      records_synced: 1,
      is_full_sync: 0,
      created_at: '2026-09-21 14:13:20.000',
      updated_at: '2026-09-21 14:28:20.000',
    },
  ]);
});

test('rule 7: while history has a gap the watermark moves, and there is no metadata', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin({ kind: 'full' });
  await room.page({ runId, covered: { from: day - 500, to: day + 640 } });
  await room.store.moveWatermark(shop, 'orders', proof(1000));
  expect(await watermark(room)).toBe(day + 940);
  await room.page({ runId, covered: { from: 1, to: day - 500 } });
  await room.end({ runId, proves: proof(1000) });
  expect(await metadata(room)).toEqual([]);
  const { runId: second } = await room.begin({ kind: 'full' });
  await room.page({ runId: second, covered: { from: 0, to: 1 } });
  await room.end({ runId: second, proves: proof(1000, true) });
  expect(await metadata(room)).toMatchObject([{ last_record_time: null, records_synced: 0 }]);
});

test('rule 7: never past a gap above the live start, and never back', async () => {
  const { room, runId } = await covered();
  await using _ = room;
  await room.end({ runId, proves: proof(1001) });
  expect(await watermark(room)).toBeNull();
  expect(await metadata(room)).toEqual([]);
  const { runId: second } = await room.begin();
  await room.end({ runId: second, proves: proof(1000) });
  expect(await watermark(room)).toBe(day + 940);
  const { runId: third } = await room.begin();
  await room.end({ runId: third, proves: proof(500) });
  expect(await watermark(room)).toBe(day + 940);
  expect(await metadata(room)).toMatchObject([{ last_sync_time: '2026-09-21 14:29:00.000' }]);
  const { runId: fourth } = await room.begin();
  await room.page({ runId: fourth, covered: { from: day + 700, to: day + 2000 } });
  await room.end({ runId: fourth, proves: proof(2000) });
  expect(await watermark(room)).toBe(day + 940);
});

test('rule 7: a run that failed, was cancelled or covers nothing leaves watermark and metadata', async () => {
  const { room, runId } = await covered();
  await using _ = room;
  await room.end({ runId, proves: proof(1000, true) });
  const before = await room.dump(
    'sync_runs',
    'stream_state',
    'run_spans',
    'orders',
    'order_line_items',
    'order_events',
  );
  for (const state of ['failed', 'cancelled', 'interrupted', 'succeeded'] as const) {
    const { runId: next } = await room.begin({ kind: 'partial' });
    const error = state === 'failed' ? failure('partial') : undefined;
    expect(await room.end({ runId: next, state, error, requests: 1 })).toMatchObject({ state, requests: 1 });
    expect(
      await room.dump('sync_runs', 'stream_state', 'run_spans', 'orders', 'order_line_items', 'order_events'),
    ).toEqual(before);
    expect(await watermark(room)).toBe(day + 940);
  }
});

test.each(['sync_metadata', 'stream_state', 'sync_runs'])(
  'rule 1: the end of a run that fails at %s leaves every table as it was',
  async (table) => {
    const { room, runId } = await covered();
    await using _ = room;
    await room.end({ runId, proves: proof(900) });
    const { runId: second } = await room.begin({ kind: 'full' });
    await room.sql(`create trigger fault before update on ${table} begin select raise(abort, 'fault'); end`);
    const before = await room.dump();
    await expect(room.end({ runId: second, proves: proof(1000, true) })).rejects.toMatchObject({ class: 'store' });
    expect(await room.dump()).toEqual(before);
    await room.sql('drop trigger fault');
    await room.end({ runId: second, proves: proof(1000, true) });
    expect((await room.dump())[table]).not.toEqual(before[table]);
  },
);

test('a failure is the last error until a run proves that it is over', async () => {
  const { room, runId } = await covered();
  await using _ = room;
  const lastError = async () => (await room.store.state(shop, 'orders'))?.lastError;
  const ended = await room.end({ runId, state: 'failed', error: failure('full') });
  expect(ended.error).toEqual(failure('full'));
  expect(await lastError()).toEqual(failure('full'));
  const run = async (
    kind: Failure['kind'],
    end: Parameters<typeof room.end>[0] extends infer E ? Omit<E, 'runId'> : never,
  ) => room.end({ ...end, runId: (await room.begin({ kind })).runId });
  await run('incremental', { proves: proof(1000) });
  expect(await lastError()).toEqual(failure('full'));
  await run('full', { proves: proof(1000, true) });
  expect(await lastError()).toBeNull();
  for (const kind of ['incremental', 'partial', 'webhook'] as const) {
    await run(kind, { state: 'failed', error: failure(kind) });
    expect(await lastError()).toEqual(failure(kind));
    await run('incremental', { proves: proof(1000) });
    expect(await lastError(), `an error of a ${kind} run`).toBeNull();
  }
});

test('a stream keeps the live start it was first seen with, and takes a new since', async () => {
  await using room = await Room.open();
  const first = await room.store.ensureState({ ...at, liveStart: 500, since: 100, overlap: 300 });
  expect(first).toEqual({
    ...at,
    liveStart: 500,
    since: 100,
    overlap: 300,
    watermark: null,
    lastRecordTime: null,
    lastError: null,
    lastAudit: null,
  });
  await room.store.change(updateState, shop, 'orders', { overlap: 900 });
  const again = await room.store.ensureState({ ...at, liveStart: 9000, since: 50, overlap: 300 });
  expect(again).toEqual({ ...first, since: 50, overlap: 900 });
});

test('whoever reads beside a transaction sees all of it or nothing', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const writing = room.page({ runId, records: Array.from({ length: 100 }, (_, n) => order(`order${n}`)) });
  const seen = await Promise.all(
    Array.from({ length: 20 }, () => room.rows(`select (select count(*) from orders) as orders, seen from sync_runs`)),
  );
  await writing;
  for (const [row] of seen) expect([0, 100]).toContain(row?.['orders']);
  for (const [row] of seen) expect(row?.['seen']).toBe(row?.['orders']);
});

test('a run nobody began cannot end, and its pages change nothing that is stored', async () => {
  await using room = await Room.open();
  await room.begin();
  const before = await room.dump();
  await expect(room.end({ runId: 'nobody', proves: proof(0) })).rejects.toMatchObject({ class: 'store' });
  expect(await room.dump()).toEqual(before);
});

test('the size counts the write-ahead log', async () => {
  await using room = await Room.open();
  const before = room.store.bytes();
  const { runId } = await room.begin();
  await room.page({ runId, records: [order('a', { note: 'x'.repeat(100_000) })] });
  expect(room.store.bytes()).toBeGreaterThan(before + 100_000);
});

test('a commit that SQLite refuses rolls back, and the next transaction goes on', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.sql('create table parent (id integer primary key)');
  await room.sql('create table child (id integer references parent (id) deferrable initially deferred)');
  const before = await room.dump();
  await room.sql(`create trigger fault after insert on orders begin insert into child values (7); end`);
  await expect(room.page({ runId, records: [order('a')] })).rejects.toMatchObject({ class: 'store' });
  expect(await room.dump()).toEqual(before);
  await room.sql('drop trigger fault');
  expect(await room.page({ runId, records: [order('a')] })).toMatchObject({ inserted: [{ id: 'a' }] });
});
