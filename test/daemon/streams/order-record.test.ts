import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

import type { OrderRecord } from '../../../daemon/store/orders.ts';
import { toOrder } from '../../../daemon/streams/order-record.ts';
import { Room } from '../store/room.ts';
import { item, wire } from '../store/wire.ts';

const sample = z.object({ response: z.object({ data: z.object({ orders: z.array(z.unknown()).default([]) }) }) });

const ordersOf = (name: string): unknown[] => {
  const text = readFileSync(new URL(`../../data/tiktok/samples/${name}.json`, import.meta.url), 'utf8');
  return sample.parse(JSON.parse(text)).response.data.orders;
};

function accepted(raw: unknown): OrderRecord {
  const result = toOrder(raw);
  if ('rejected' in result) throw new Error(result.rejected.reason);
  return result.record;
}

function refused(raw: unknown) {
  const result = toOrder(raw);
  if ('record' in result) throw new Error(`stored: ${result.record.id}`);
  return result.rejected;
}

/** What an order of each sample must look like in the tables. */
const stored = {
  'orders-search-my-masked': {
    order: { id: '576460000000000202', currency: 'MYR', total_amount: '5.6', paid_time: 1763990030, personal: 1 },
    item: {
      id: '577080000000000001',
      sku_id: '1729580000000000011',
      seller_sku: 'BTL-500',
      sale_price: '5.6',
      display_status: 'IN_TRANSIT',
    },
  },
  'orders-search-vn-cod-cancelled': {
    order: { id: '576460000000000101', status: 'CANCELLED', currency: 'VND', total_amount: '343000', paid_time: null },
    item: { id: '577080000000000002', sku_id: '1729580000000000011', seller_sku: '', sale_price: '171500' },
  },
  'orders-search-eu-last-page': {
    order: { id: '576460000000000303', currency: 'EUR', total_amount: '36.48', update_time: 1764150002, personal: 0 },
    item: { id: '577080000000000001', product_id: '1729580000000000001', sale_price: '33.49' },
  },
  'order-detail-202507': {
    order: { id: '576460000000000404', currency: 'USD', total_amount: '21.64', paid_time: 1764010030, personal: 1 },
    item: { id: '577080000000000001', seller_sku: 'TEE-BLK-M', sale_price: '19.99' },
  },
} as const;

test.each(Object.entries(stored))('%s is stored with its exact money and ids', async (name, { order, item: line }) => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const raw = ordersOf(name);
  await room.page({ runId, records: raw.map(accepted) });
  const rows = await room.rows('select * from orders');
  expect(rows).toHaveLength(raw.length);
  expect(rows).toContainEqual(expect.objectContaining(order));
  expect(await room.rows('select * from order_line_items')).toContainEqual(expect.objectContaining(line));
  expect(rows.map((row) => JSON.parse(String(row['payload'])))).toEqual(expect.arrayContaining(raw));
});

test('an answer without orders, and an object that was stripped of its id', () => {
  expect(ordersOf('orders-search-empty')).toEqual([]);
  const [stripped] = ordersOf('order-detail-partial-object');
  expect(refused(stripped)).toEqual({
    recordId: null,
    reason: expect.stringMatching(/^id: .*; status: .*; create_time: .*; update_time: /),
    payload: JSON.stringify(stripped),
  });
});

test.each([
  ['no status', { status: undefined }, 'status'],
  ['an empty status', { status: '' }, 'status'],
  ['a time as text', { update_time: '1790000000' }, 'update_time'],
  ['a time that is no whole second', { create_time: 1.5 }, 'create_time'],
  ['a payment that is no object', { payment: '12.50' }, 'payment'],
  ['line items that are no list', { line_items: {} }, 'line_items'],
  ['a line item without id', { line_items: [item('1'), { ...item('2'), id: undefined }] }, 'line_items.1.id'],
])('%s is set aside by its id', (_, change, path) => {
  const raw = wire('576460000000000101', change);
  expect(refused(raw)).toMatchObject({ recordId: '576460000000000101', reason: expect.stringMatching(`^${path}: `) });
  expect(refused(raw).payload).toBe(JSON.stringify(raw));
});

test.each([
  [null],
  ['text'],
  [[]],
  [7],
  [{ ...wire('1'), id: Number('576460000000000101') }],
  [{ ...wire('1'), id: '' }],
])('what has no id of its own is set aside without one: %j', (raw) => {
  expect(refused(raw).recordId).toBeNull();
});

test('fields that nobody knows yet are kept in the payload, in their own order', () => {
  const raw = { zebra: { deep: [1, { null: null }] }, ...wire('1'), apple: '🍏' };
  const { payload } = accepted(raw);
  expect(payload).toBe(JSON.stringify(raw));
});

test('what is missing is null, what is a number becomes its text, and a rounded id is no id', () => {
  const record = accepted(
    wire('1', {
      paid_time: undefined,
      payment: { currency: 'VND', total_amount: 250000 },
      line_items: [
        item('9', { sku_id: Number('1729580000000000011'), product_id: 42, sale_price: 0.5, seller_sku: {} }),
      ],
    }),
  );
  expect(record).toMatchObject({ paidTime: null, currency: 'VND', totalAmount: '250000' });
  expect(record.lineItems).toMatchObject([{ skuId: null, productId: '42', salePrice: '0.5', sellerSku: null }]);
  expect(accepted(wire('1', { payment: null, line_items: undefined }))).toMatchObject({
    currency: null,
    totalAmount: null,
    lineItems: [],
  });
});

test('personal fields are filled when any leaf of the address is', () => {
  const personal = (recipient_address: unknown) => accepted(wire('1', { recipient_address })).personal;
  expect(personal({ name: '', phone_number: 'A***', postal_code: '' })).toBe(true);
  expect(personal({ name: '', district_info: [{ address_name: 'Leeds' }] })).toBe(true);
  expect(personal({ name: '', full_address: '', district_info: [{ address_name: '' }], n: null })).toBe(false);
  expect(personal({})).toBe(false);
  expect(personal(undefined)).toBe(false);
});
