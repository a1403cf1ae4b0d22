import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { askShop, codeOf, dataOf } from './client.ts';
import { living } from './living.ts';
import type { SandboxOptions } from './options.ts';
import type { Sandbox } from './sandbox.ts';

const START = 1_764_000_000;
const DAY = 86_400;
const RETURNS = '/return_refund/202602/returns/search';
const CANCELLATIONS = '/return_refund/202602/cancellations/search';
const clock = { now: START };

afterEach(() => {
  clock.now = START;
});

const start = (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
  living({ orders: 1500, days: 60, now: () => clock.now, ...options });

const refund = z.looseObject({ refund_total: z.string(), currency: z.string() });
const returned = z.looseObject({
  return_id: z.string(),
  order_id: z.string(),
  return_type: z.string(),
  return_status: z.string(),
  create_time: z.int(),
  update_time: z.int(),
  refund_amount: refund,
});
const cancelled = z.looseObject({
  cancel_id: z.string(),
  order_id: z.string(),
  cancel_type: z.string(),
  cancel_status: z.string(),
  create_time: z.int(),
  update_time: z.int(),
  refund_amount: refund.optional(),
});
const page = z.object({
  return_orders: z.array(returned).default([]),
  cancellations: z.array(cancelled).default([]),
  next_page_token: z.string(),
  total_count: z.int(),
});

async function walk(sandbox: Sandbox, path: string, body: object, query: Readonly<Record<string, string>> = {}) {
  const returns: z.output<typeof returned>[] = [];
  const cancellations: z.output<typeof cancelled>[] = [];
  let token = '';
  do {
    const asked = { query: { page_size: '50', page_token: token, ...query }, body };
    const got = await dataOf(sandbox, path, clock.now, asked, page);
    returns.push(...got.return_orders);
    cancellations.push(...got.cancellations);
    token = got.next_page_token;
  } while (token !== '');
  return { returns, cancellations };
}

const byId = <T extends { readonly id: string }>(list: readonly T[]) => list.toSorted((a, b) => (a.id < b.id ? -1 : 1));

const viewReturns = (list: readonly z.output<typeof returned>[]) =>
  byId(
    list.map((found) => ({
      id: found.return_id,
      orderId: found.order_id,
      type: found.return_type,
      status: found.return_status,
      createTime: found.create_time,
      updateTime: found.update_time,
      refundTotal: found.refund_amount.refund_total,
      currency: found.refund_amount.currency,
    })),
  );

const viewCancellations = (list: readonly z.output<typeof cancelled>[]) =>
  byId(
    list.map((found) => ({
      id: found.cancel_id,
      orderId: found.order_id,
      type: found.cancel_type,
      status: found.cancel_status,
      createTime: found.create_time,
      updateTime: found.update_time,
      refundTotal: found.refund_amount?.refund_total,
      currency: found.refund_amount?.currency,
    })),
  );

describe.each(['offset', 'keyset'] as const)('by %s', (pageTokens) => {
  test('searches bring every return and every cancellation, and later what became of them', async () => {
    const sandbox = await start({ pageTokens });
    const before = viewReturns((await walk(sandbox, RETURNS, {})).returns);
    expect(before).toEqual(byId(sandbox.world.returns()));
    expect(before.length).toBeGreaterThan(30);
    const cancellations = viewCancellations((await walk(sandbox, CANCELLATIONS, {})).cancellations);
    expect(cancellations).toEqual(byId(sandbox.world.cancellations()));
    expect(cancellations.length).toBeGreaterThan(50);

    const since = clock.now;
    clock.now += 3 * DAY;
    const changed = viewReturns((await walk(sandbox, RETURNS, { update_time_ge: since })).returns);
    const store = new Map([...before, ...changed].map((record) => [record.id, record]));
    expect(changed.length).toBeGreaterThan(5);
    expect(byId([...store.values()])).toEqual(byId(sandbox.world.returns()));
  });
});

test('a span of time has its start in and its end out, and the order is ascending unless told otherwise', async () => {
  const sandbox = await start();
  const sort = { sort_field: 'update_time' };
  const { returns } = await walk(sandbox, RETURNS, {}, sort);
  const times = returns.map(({ update_time }) => update_time);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const descending = await walk(sandbox, RETURNS, {}, { ...sort, sort_order: 'DESC' });
  expect(descending.returns).toEqual(returns.toReversed());
  const [from = 0, until = 0] = [times[3], times[9]];
  const inside = await walk(sandbox, RETURNS, { update_time_ge: from, update_time_lt: until }, sort);
  expect(inside.returns.map(({ update_time }) => update_time)).toEqual(times.slice(3, 9));
});

test('a cancellation follows its order: asked for, then done; nothing is given back where nothing was paid', async () => {
  const sandbox = await start({ frozen: true, orders: 6000, days: 10, regions: ['VN'] });
  const find = (id: string) => sandbox.world.cancellations().find(({ orderId }) => orderId === id);
  expect(find('none')).toBeUndefined();
  const id = sandbox.world.place({ status: 'UNPAID', still: true });
  clock.now += 60;
  sandbox.world.move(id, 'CANCELLED');
  expect(find(id)).toMatchObject({ status: 'CANCELLATION_REQUEST_COMPLETE', updateTime: clock.now });
  expect(find(id)?.refundTotal).toBeUndefined();
  const paid = sandbox.world.place({ status: 'AWAITING_SHIPMENT', still: true });
  sandbox.world.move(paid, 'CANCELLED');
  expect(find(paid)?.refundTotal).toMatch(/^\d/);
  const asked = sandbox.world.cancellations().filter(({ status }) => status === 'CANCELLATION_REQUEST_PENDING');
  const [pending] = asked;
  if (!pending) throw new Error('no buyer asks to cancel');
  sandbox.world.move(pending.orderId, 'AWAITING_COLLECTION');
  expect(find(pending.orderId)?.status).toBe('CANCELLATION_REQUEST_CANCELLED');
  const body = { cancel_status: ['CANCELLATION_REQUEST_CANCEL'] };
  const { cancellations } = await walk(sandbox, CANCELLATIONS, body);
  expect(cancellations.map(({ order_id }) => order_id)).toEqual([pending.orderId]);
});

test('while the shop is frozen no return moves', async () => {
  const sandbox = await start();
  sandbox.freeze(true);
  const before = sandbox.world.returns();
  clock.now += 5 * DAY;
  expect(sandbox.world.returns()).toEqual(before);
  sandbox.freeze(false);
  expect(sandbox.world.returns()).toEqual(before);
  clock.now += DAY;
  expect(sandbox.world.returns()).not.toEqual(before);
});

test('version 202309 lacks the fields that 202602 added', async () => {
  const sandbox = await start();
  const keys = async (version: string) =>
    Object.keys((await walk(sandbox, RETURNS.replace('202602', version), {})).returns[0] ?? {});
  expect(await keys('202602')).toContain('is_quick_refund');
  expect(await keys('202309')).not.toContain('is_quick_refund');
});

test.each([
  [RETURNS, { page_size: '9' }],
  [RETURNS, { page_size: '51' }],
  [RETURNS, { sort_field: 'id' }],
  [RETURNS, { sort_order: 'asc' }],
  [RETURNS, { page_token: 'x' }],
  [CANCELLATIONS, { page_size: '0' }],
  [CANCELLATIONS, { page_size: '51' }],
])('%s refuses %o', async (path, query) => {
  expect(codeOf(await askShop(await start({ orders: 20 }), path, clock.now, { query, body: {} }))).toBe(25001001);
});

test('a page holds 10 unless told otherwise, and an unknown status is refused', async () => {
  const sandbox = await start();
  const got = await dataOf(sandbox, RETURNS, clock.now, { body: {} }, page);
  expect([got.return_orders.length, got.total_count]).toEqual([10, sandbox.world.returns().length]);
  const body = { return_status: ['LOST'] };
  expect(codeOf(await askShop(sandbox, RETURNS, clock.now, { body }))).toBe(25001001);
});
