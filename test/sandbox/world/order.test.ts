import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { NO_LAG } from './evolution.ts';
import { MARKETS } from './markets.ts';
import { STREAM_DEFAULTS } from './stream-options.ts';
import { World } from './world.ts';

const START = 1_764_000_000;

const worldOf = (region: string, orders = 3000, blankAfterDays = 365): World =>
  new World(
    {
      seed: 7,
      region,
      shopIndex: 0,
      orders,
      start: START,
      days: 200,
      pace: 1,
      bursts: 0,
      burstSize: 0,
      blankAfterDays,
      cachedOrders: 100,
      ...STREAM_DEFAULTS,
    },
    NO_LAG,
    () => START,
  );

const money = z.string().regex(/^\d+(\.\d+)?$/);
const lineItem = z.looseObject({
  id: z.string(),
  original_price: money,
  sale_price: money,
  seller_discount: money,
  platform_discount: money,
});
const parsedOrder = z.looseObject({
  id: z.string(),
  status: z.string(),
  create_time: z.int(),
  update_time: z.int(),
  is_cod: z.boolean(),
  shipping_type: z.string(),
  line_items: z.array(lineItem).min(1),
  paid_time: z.int().optional(),
  recipient_address: z.looseObject({ full_address: z.string() }),
  payment: z.record(z.string(), z.string()),
});
type ParsedOrder = z.output<typeof parsedOrder>;

function ordersOf(world: World): { readonly order: ParsedOrder; readonly text: string }[] {
  return [...world.orders()].map(({ id }) => {
    const text = world.payload(world.positionOf(id) ?? -1).toString();
    return { order: parsedOrder.parse(JSON.parse(text)), text };
  });
}

/** Every path of a value with its type; of lists the first element counts. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [`${path}[]`] : shapeOf(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`];
  return Object.entries(value).flatMap(([key, inner]) => shapeOf(inner, `${path}.${key}`));
}

function sampleOrder(name: string): unknown {
  const url = new URL(`../../data/tiktok/samples/${name}.json`, import.meta.url);
  const sample = z.object({ response: z.object({ data: z.object({ orders: z.array(z.unknown()).min(1) }) }) });
  return sample.parse(JSON.parse(readFileSync(url, 'utf8'))).response.data.orders[0];
}

/** Amounts in ten-thousandths, exactly. */
function exact(text: string | undefined): bigint {
  const [whole = '0', fraction = ''] = (text ?? '0').split('.');
  return BigInt(whole) * 10_000n + BigInt(fraction.padEnd(4, '0'));
}

const isBlank = (order: ParsedOrder): boolean => order.recipient_address.full_address === '';

const cases: readonly (readonly [
  sample: string,
  region: string,
  (order: ParsedOrder) => boolean,
  blankAfter: number,
])[] = [
  [
    'orders-search-vn-cod-cancelled',
    'VN',
    (order) => order.is_cod && order.status === 'CANCELLED' && isBlank(order) && !('rts_time' in order),
    0,
  ],
  [
    'orders-search-my-masked',
    'MY',
    (order) => order.status === 'IN_TRANSIT' && order.shipping_type === 'TIKTOK' && !order.is_cod,
    365,
  ],
  ['orders-search-eu-last-page', 'FR', (order) => order.status === 'DELIVERED' && isBlank(order), 0],
  [
    'order-detail-202507',
    'US',
    (order) =>
      order.status === 'AWAITING_SHIPMENT' && order.shipping_type === 'SELLER' && !('request_cancel_time' in order),
    365,
  ],
];

test.each(cases)('an order like that of %s has its keys and types', (sample, region, fits, blankAfter) => {
  const found = ordersOf(worldOf(region, 3000, blankAfter)).find(({ order }) => fits(order));
  const shape = (order: unknown): string[] => [...new Set(shapeOf(order))].toSorted();
  expect(shape(found?.order)).toEqual(shape(sampleOrder(sample)));
});

test.each(MARKETS.map(({ region }) => region))('%s: the money adds up, and keys are in order', (region) => {
  for (const { order, text } of ordersOf(worldOf(region, 600))) {
    const { payment } = order;
    const sum = (pick: (item: z.output<typeof lineItem>) => string): bigint =>
      order.line_items.reduce((total, item) => total + exact(pick(item)), 0n);
    const at = (name: string): bigint => exact(payment[name]);
    expect(at('original_total_product_price')).toBe(sum((item) => item.original_price));
    expect(at('sub_total')).toBe(at('original_total_product_price') - at('seller_discount') - at('platform_discount'));
    expect(at('sub_total')).toBe(sum((item) => item.sale_price));
    expect(at('seller_discount')).toBe(sum((item) => item.seller_discount));
    expect(at('shipping_fee')).toBe(
      at('original_shipping_fee') -
        at('shipping_fee_seller_discount') -
        at('shipping_fee_platform_discount') -
        at('shipping_fee_cofunded_discount'),
    );
    expect(at('total_amount')).toBe(
      at('sub_total') + at('shipping_fee') + at('tax') + at('retail_delivery_fee') + at('small_order_fee'),
    );
    expect(JSON.stringify(JSON.parse(text)) === text, `compact JSON in ${order.id}`).toBe(true);
    expectSorted(JSON.parse(text));
  }
});

function expectSorted(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) expect(Object.keys(value)).toEqual(Object.keys(value).toSorted());
  for (const inner of Object.values(value)) expectSorted(inner);
}

test('amounts keep only the decimals they need, dong and yen have none, dollars have two', () => {
  const totals = (region: string): string[] =>
    ordersOf(worldOf(region, 400)).map(({ order }) => order.payment['total_amount'] ?? '');
  expect(totals('VN').every((text) => /^\d+$/.test(text))).toBe(true);
  expect(totals('JP').every((text) => /^\d+$/.test(text))).toBe(true);
  expect(totals('US').every((text) => /^\d+\.\d\d$/.test(text))).toBe(true);
  expect(totals('TH').every((text) => /^\d+(\.\d?[1-9])?$/.test(text))).toBe(true);
  expect(totals('TH').some((text) => /\.\d$/.test(text))).toBe(true);
});

test('times of an order fit its status, and nothing lies after its update_time', () => {
  for (const { order } of ordersOf(worldOf('VN'))) {
    const past = ['paid_time', 'rts_time', 'collection_time', 'delivery_time', 'cancel_time'];
    for (const name of past) {
      const time = order[name];
      if (typeof time === 'number') expect(time, `${name} of ${order.status}`).toBeLessThanOrEqual(order.update_time);
    }
    if (order.status === 'COMPLETED') expect(order.paid_time ?? 0).toBeGreaterThan(0);
    if (order.status === 'UNPAID') expect(order.paid_time).toBeUndefined();
    if (order.is_cod && order.status === 'CANCELLED' && !('delivery_time' in order))
      expect(order.paid_time).toBeUndefined();
  }
});

test('line item ids are unique in the shop, and a body has the weight of a real one', () => {
  const orders = ordersOf(worldOf('GB'));
  const ids = orders.flatMap(({ order }) => order.line_items.map((item) => item.id));
  expect(new Set(ids).size).toBe(ids.length);
  const mean = orders.reduce((total, { text }) => total + Buffer.byteLength(text), 0) / orders.length;
  expect(mean).toBeGreaterThan(2500);
  expect(mean).toBeLessThan(3500);
});
