import { expect, test } from 'vitest';

import { idsToAsk, streamCounts } from '../../../daemon/store/pending.ts';
import type { Rejected } from '../../../daemon/store/rejected.ts';
import { toOrder } from '../../../daemon/streams/order-record.ts';
import { Room, shop } from './room.ts';
import { day, order, wire } from './wire.ts';

/** Set aside by the stream for the reason it finds. */
function broken(change: Readonly<Record<string, unknown>>): Rejected {
  const result = toOrder({ ...wire('a'), ...change });
  if ('record' in result) throw new Error('nothing is wrong with it');
  return result.rejected;
}

test('rule 4: a record set aside twice is one row, another content of it a second one', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const first = broken({ status: null });
  expect(await room.page({ runId, rejected: [first, first] })).toMatchObject({ rejected: 1 });
  room.now += 9000;
  const { runId: second } = await room.begin();
  expect(await room.page({ runId: second, rejected: [first] })).toMatchObject({ rejected: 0 });
  expect(await room.rows('select record_id, run_id, seen_at, payload from rejected_records')).toEqual([
    { record_id: 'a', run_id: runId, seen_at: '2026-09-21 14:13:20.000', payload: first.payload },
  ]);
  await room.page({ runId: second, rejected: [broken({ status: null, note: 'changed' })] });
  await room.page({ runId: second, shop: 'another', rejected: [first] });
  expect(await room.rows('select count(*) as n from rejected_records')).toEqual([{ n: 3 }]);
  expect(await room.store.query(streamCounts, shop, 'orders')).toMatchObject({ rejected: 2 });
});

test('rule 4: once stored it is no longer set aside; others and those without id stay', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.page({ runId, shop: 'another', rejected: [broken({ status: null })] });
  await room.page({
    runId,
    rejected: [broken({ status: null }), broken({ id: 'b', status: 7 }), broken({ id: undefined })],
  });
  expect(await room.store.query(idsToAsk, shop, 'orders', day, 500)).toEqual({ rejected: ['a', 'b'], doubts: [] });
  await room.page({ runId, asked: 9, records: [order('a')] });
  expect(await room.rows('select shop_id, record_id from rejected_records order by 1, 2')).toEqual([
    { shop_id: shop, record_id: null },
    { shop_id: shop, record_id: 'b' },
    { shop_id: 'another', record_id: 'a' },
  ]);
});

test('rule 4: what is set aside beside a good version leaves that one as it is', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.page({ runId, records: [order('a')] });
  const before = await room.rows('select * from orders');
  await room.page({ runId, asked: 9, rejected: [broken({ status: '', update_time: day + 9 })] });
  expect(await room.rows('select * from orders')).toEqual(before);
  expect(await room.store.query(idsToAsk, shop, 'orders', day, 500)).toMatchObject({ rejected: ['a'] });
});

test('the reason names the fields, and never what a buyer wrote in them', async () => {
  const secret = 'Ada Lovelace';
  const { reason, recordId } = broken({
    status: { [secret]: secret },
    update_time: secret,
    create_time: 1.5,
    recipient_address: [secret],
    line_items: [{ id: 12, product_name: { note: secret } }],
    payment: secret,
  });
  expect(reason).not.toContain(secret);
  expect(recordId).toBe('a');
  for (const field of ['status', 'update_time', 'create_time', 'recipient_address', 'line_items.0.id', 'payment'])
    expect(reason).toContain(`${field}: `);
});
