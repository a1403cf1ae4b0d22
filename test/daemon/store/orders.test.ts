import fc from 'fast-check';
import { expect, test } from 'vitest';

import { lastAsked } from '../../../daemon/store/pending.ts';
import { Room } from './room.ts';
import { day, item, order } from './wire.ts';

const blank = { name: '', postal_code: '', region_code: '' };

/** The columns by which a version can be told from another. */
const versionOf = async (room: Room, id = 'a') =>
  (await room.rows(`select status, update_time, asked, payload from orders where id = '${id}'`))[0];

test('rule 3, F6: whatever the order of arrival, the greatest (update_time, time asked) is what stays', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const version = fc.record({ time: fc.integer({ min: 0, max: 4 }), asked: fc.integer({ min: 1, max: 8 }) });
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(version, { minLength: 1, maxLength: 8, selector: ({ time, asked }) => `${time}/${asked}` }),
      async (versions) => {
        const id = `order${n++}`;
        for (const { time, asked } of versions)
          await room.page({
            runId,
            asked,
            records: [order(id, { update_time: day + time, note: `${time}/${asked}` })],
          });
        const [greatest] = versions.toSorted((a, b) => b.time - a.time || b.asked - a.asked);
        expect(await versionOf(room, id)).toMatchObject({
          update_time: day + (greatest?.time ?? 0),
          asked: greatest?.asked,
          payload: expect.stringContaining(`"${greatest?.time}/${greatest?.asked}"`),
        });
      },
    ),
    { numRuns: 60 },
  );
});

test('rule 3: of one order twice on a page the newer is stored, and both are accounted for', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const twice = [order('a', { update_time: day + 9 }), order('a', { update_time: day + 1 })];
  expect(await room.page({ runId, records: twice })).toMatchObject({ inserted: [{ id: 'a' }], unchanged: 1 });
  expect(await versionOf(room)).toMatchObject({ update_time: day + 9 });
});

test('rule 3: an answer asked later that looks older is doubted, an older answer that is late is not', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.page({ runId, asked: 10, records: [order('a', { update_time: day + 500 })] });
  expect(await room.page({ runId, asked: 5, records: [order('a')] })).toMatchObject({ doubts: [] });
  expect(await room.page({ runId, asked: 20, records: [order('a')], doubtsDue: day + 360 })).toMatchObject({
    doubts: ['a'],
  });
  await room.page({ runId, asked: 30, records: [order('a')], doubtsDue: day + 9000 });
  expect(await room.rows('select record_id, due_time from doubts')).toEqual([{ record_id: 'a', due_time: day + 360 }]);
  expect(await versionOf(room)).toMatchObject({ update_time: day + 500 });
});

test('rule 3, F3: a doubt that is confirmed replaces, counts as a regression, and bars what was asked before', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.page({ runId, asked: 10, records: [order('a', { update_time: day + 500 })] });
  await room.page({ runId, asked: 20, records: [order('a', { status: 'SHIPPED' })] });
  const confirmed = { runId, asked: 40, records: [order('a', { status: 'SHIPPED' })], settles: true };
  expect(await room.page(confirmed)).toMatchObject({ updated: 1, regressions: 1, doubts: [] });
  expect(await room.rows('select * from doubts')).toEqual([]);
  await room.page({ runId, asked: 30, records: [order('a', { update_time: day + 600 })] });
  expect(await versionOf(room)).toMatchObject({ status: 'SHIPPED', update_time: day });
  await room.page({ runId, asked: 41, records: [order('a', { update_time: day + 600 })] });
  expect(await versionOf(room)).toMatchObject({ status: 'UNPAID', update_time: day + 600 });
});

test('rule 3: a doubt that is refuted changes nothing but the doubt', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const newest = order('a', { update_time: day + 500 });
  await room.page({ runId, asked: 10, records: [newest] });
  await room.page({ runId, asked: 20, records: [order('a')] });
  const before = await room.dump('doubts', 'sync_runs', 'stream_state');
  expect(await room.page({ runId, asked: 40, records: [newest], settles: true })).toMatchObject({ regressions: 0 });
  expect(await room.dump('doubts', 'sync_runs', 'stream_state')).toEqual(before);
  expect(await room.rows('select * from doubts')).toEqual([]);
});

test('rule 4, T48: blank personal fields never replace filled ones at the same version, and do at a newer one', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.page({ runId, asked: 10, records: [order('a')] });
  await room.page({ runId, asked: 20, records: [order('a', { recipient_address: blank })] });
  await room.page({ runId, asked: 21, records: [order('a', { recipient_address: null })], settles: true });
  expect(await versionOf(room)).toMatchObject({ asked: 10, payload: expect.stringContaining('90***') });
  const newer = order('a', { recipient_address: blank, update_time: day + 1 });
  expect(await room.page({ runId, asked: 30, records: [newer] })).toMatchObject({ updated: 1 });
  expect(await versionOf(room)).toMatchObject({ asked: 30, payload: expect.not.stringContaining('90***') });
  await room.page({ runId, asked: 40, records: [order('a', { update_time: day + 1 })] });
  expect(await versionOf(room)).toMatchObject({ asked: 40, payload: expect.stringContaining('90***') });
});

test('rule 5: a page that is read again, by whichever run, changes no record', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const page = {
    records: [order('a'), order('b', { line_items: [item('b1'), item('b2')] })],
    rejected: [{ recordId: 'c', reason: 'status: missing', payload: '{"id":"c"}' }],
    asked: 10,
    read: { from: day, to: day + 10 },
    covered: { from: day, to: day + 9 },
  };
  await room.page({ ...page, runId });
  const before = await room.dump('sync_runs', 'run_spans');
  const spans = () => room.rows('select run_id, from_time, to_time from run_spans');
  const readBefore = await spans();
  room.now += 5000;
  expect(await room.page({ ...page, runId })).toMatchObject({ inserted: [], updated: 0, unchanged: 2, rejected: 0 });
  expect(await room.dump('sync_runs', 'run_spans')).toEqual(before);
  expect(await spans()).toEqual(readBefore);
  const { runId: second } = await room.begin({ kind: 'partial' });
  await room.page({ ...page, runId: second, asked: 99 });
  // What was asked last is noted, and only that.
  expect(await room.rows('select asked from rejected_records')).toEqual([{ asked: 99 }]);
  await room.rows('update rejected_records set asked = 10 returning id');
  const { stream_state: _, ...rest } = before;
  expect(await room.dump('sync_runs', 'run_spans', 'stream_state')).toEqual(rest);
});

test('rule 16: when an order was first seen, changed last, by which run, and each status it had', async () => {
  await using room = await Room.open();
  const { runId: first } = await room.begin();
  await room.page({ runId: first, asked: 10, records: [order('a', { status: 'SHIPPED', update_time: day + 20 })] });
  room.now += 60_000;
  const { runId: second } = await room.begin({ kind: 'partial' });
  await room.page({ runId: second, asked: 5, records: [order('a', { status: 'PAID', update_time: day + 10 })] });
  await room.page({ runId: second, asked: 20, records: [order('a', { status: 'DONE', update_time: day + 30 })] });
  await room.page({ runId: second, asked: 21, records: [order('a', { status: 'DONE', update_time: day + 30, n: 1 })] });
  expect(await room.rows('select status, run_id, first_seen_at, changed_at from orders')).toEqual([
    { status: 'DONE', run_id: second, first_seen_at: '2026-09-21 14:13:20.000', changed_at: '2026-09-21 14:14:20.000' },
  ]);
  expect(await room.rows('select update_time, status, seen_at, run_id from order_events order by update_time')).toEqual(
    [
      { update_time: day + 10, status: 'PAID', seen_at: '2026-09-21 14:14:20.000', run_id: second },
      { update_time: day + 20, status: 'SHIPPED', seen_at: '2026-09-21 14:13:20.000', run_id: first },
      { update_time: day + 30, status: 'DONE', seen_at: '2026-09-21 14:14:20.000', run_id: second },
    ],
  );
});

test('line items are those of the version that is stored', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const items = (...ids: string[]) => ({ line_items: ids.map((id) => item(id)) });
  const stored = () => room.rows('select order_id, id from order_line_items order by order_id, id');
  await room.page({ runId, asked: 10, records: [order('a', items('1', '2', '3')), order('b', items('1'))] });
  await room.page({ runId, asked: 20, records: [order('a', { ...items('3', '4'), update_time: day + 1 })] });
  await room.page({ runId, asked: 30, records: [order('a', items('9'))] });
  expect(await stored()).toEqual([
    { order_id: 'a', id: '3' },
    { order_id: 'a', id: '4' },
    { order_id: 'b', id: '1' },
  ]);
  await room.page({ runId, asked: 40, records: [order('a', { line_items: [], update_time: day + 2 })] });
  expect(await stored()).toEqual([{ order_id: 'b', id: '1' }]);
  expect(await room.rows(`select item_count from orders order by id`)).toEqual([{ item_count: 0 }, { item_count: 1 }]);
});

test('a page of 100 orders with 5,000 line items, one of them twice, is stored whole', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const records = Array.from({ length: 100 }, (_, n) =>
    order(`order${n}`, { line_items: Array.from({ length: 50 }, (__, i) => item(String(n === 0 && i === 1 ? 0 : i))) }),
  );
  await room.page({ runId, records });
  expect(await room.rows('select count(*) as n from order_line_items')).toEqual([{ n: 4999 }]);
});

test('money and ids stay the exact text that came', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const [id, itemId] = ['9223372036854775807', '576460000000000505'];
  const money = { currency: 'VND', total_amount: '1234567890.10' };
  const line_items = [item(itemId, { sale_price: '0.10', sku_id: '9007199254740993' })];
  await room.page({ runId, records: [order(id, { payment: money, line_items, paid_time: 0 }), order('0012')] });
  expect(await room.rows('select id, currency, total_amount, paid_time from orders order by id desc')).toEqual([
    { id, currency: 'VND', total_amount: '1234567890.10', paid_time: 0 },
    { id: '0012', currency: 'GBP', total_amount: '12.50', paid_time: null },
  ]);
  expect(
    await room.rows(`select typeof(id) as t, id, sku_id, sale_price from order_line_items where order_id = '${id}'`),
  ).toEqual([{ t: 'text', id: itemId, sku_id: '9007199254740993', sale_price: '0.10' }]);
});

test('without payloads the columns are all that is kept', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const store = await room.open({ keepPayload: false });
  await room.page({ runId, records: [order('a')] });
  expect(await versionOf(room)).toMatchObject({ status: 'UNPAID', payload: null });
  expect(await store.query(lastAsked)).toBe(1);
});
