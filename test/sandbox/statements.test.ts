import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';

import { askShop, codeOf, dataOf } from './client.ts';
import { living } from './living.ts';
import type { SandboxOptions } from './options.ts';
import type { Sandbox } from './sandbox.ts';

const START = 1_764_000_000;
const DAY = 86_400;
const PATH = '/finance/202309/statements';
const clock = { now: START };

afterEach(() => {
  clock.now = START;
});

const start = (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
  living({ orders: 1500, days: 90, now: () => clock.now, ...options });

const statement = z.strictObject({
  id: z.string(),
  statement_time: z.int(),
  revenue_amount: z.string(),
  fee_amount: z.string(),
  adjustment_amount: z.string(),
  settlement_amount: z.string(),
  net_sales_amount: z.string(),
  shipping_cost_amount: z.string(),
  currency: z.string(),
  payment_status: z.string(),
  payment_id: z.string().optional(),
});
const page = z.strictObject({ statements: z.array(statement).default([]), next_page_token: z.string() });
const SORTED = { sort_field: 'statement_time' };

async function walk(sandbox: Sandbox, query: Readonly<Record<string, string>> = {}) {
  const found: z.output<typeof statement>[] = [];
  let token = '';
  do {
    const got = await dataOf(sandbox, PATH, clock.now, { query: { ...SORTED, page_token: token, ...query } }, page);
    found.push(...got.statements);
    token = got.next_page_token;
  } while (token !== '');
  return found;
}

const view = (found: z.output<typeof statement>) => ({
  id: found.id,
  statementTime: found.statement_time,
  revenueAmount: found.revenue_amount,
  feeAmount: found.fee_amount,
  adjustmentAmount: found.adjustment_amount,
  settlementAmount: found.settlement_amount,
  currency: found.currency,
  paymentStatus: found.payment_status,
  paymentId: found.payment_id,
});

test.each(['offset', 'keyset'] as const)('by %s brings every statement, one a day at 00:00 UTC', async (pageTokens) => {
  const sandbox = await start({ pageTokens });
  const found = await walk(sandbox);
  expect(found.map(view)).toEqual(sandbox.world.statements());
  expect(found.length).toBeGreaterThan(60);
  for (const { statement_time, revenue_amount, fee_amount, adjustment_amount, settlement_amount } of found) {
    expect(statement_time % DAY).toBe(0);
    const sum = Number(revenue_amount) + Number(fee_amount) + Number(adjustment_amount);
    expect(Number(settlement_amount)).toBeCloseTo(sum, 6);
  }
  expect(found.some(({ revenue_amount }) => revenue_amount === '0')).toBe(true);
});

test('the revenue of a day is that of the orders completed on it', async () => {
  const sandbox = await start();
  const completed = [...sandbox.world.orders()].filter(({ status }) => status === 'COMPLETED');
  const days = new Set(completed.map(({ updateTime }) => (Math.floor(updateTime / DAY) + 1) * DAY));
  const told = sandbox.world.statements().filter(({ revenueAmount }) => revenueAmount !== '0');
  expect(new Set(told.map(({ statementTime }) => statementTime))).toEqual(
    new Set([...days].filter((day) => day <= START)),
  );
});

test('a span has its start in and its end out; a payment may be asked for; the order may be turned', async () => {
  const sandbox = await start();
  const all = await walk(sandbox);
  const [from = 0, until = 0] = [all[5]?.statement_time, all[9]?.statement_time];
  const span = { statement_time_ge: String(from), statement_time_lt: String(until) };
  expect(await walk(sandbox, span)).toEqual(all.slice(5, 9));
  expect(await walk(sandbox, { ...span, statement_time_ge: String(from + 1) })).toEqual(all.slice(6, 9));
  expect(await walk(sandbox, { ...span, sort_order: 'DESC' })).toEqual(all.slice(5, 9).toReversed());
  const processing = await walk(sandbox, { payment_status: 'PROCESSING' });
  expect(processing).toEqual(all.filter(({ payment_status }) => payment_status === 'PROCESSING'));
  expect(processing.length).toBeGreaterThan(0);
});

test('days later a statement is paid, and says by which payment; a new day brings a new statement', async () => {
  const sandbox = await start();
  const last = sandbox.world.statements().at(-1);
  expect(last).toMatchObject({ paymentStatus: 'PROCESSING', paymentId: undefined });
  clock.now += 10 * DAY;
  const later = sandbox.world.statements();
  expect(later.find(({ id }) => id === last?.id)).toMatchObject({
    paymentStatus: 'PAID',
    paymentId: expect.any(String),
  });
  expect(later.at(-1)?.statementTime ?? 0).toBeGreaterThan(last?.statementTime ?? 0);
});

test.each([
  ['no sort', {}],
  ['another sort', { sort_field: 'id' }],
  ['a page of 101', { ...SORTED, page_size: '101' }],
  ['a date', { ...SORTED, statement_time_ge: '2025-01-01' }],
  ['an unknown payment', { ...SORTED, payment_status: 'SOON' }],
  ['a bad token', { ...SORTED, page_token: 'x' }],
])('%s is refused', async (_what, query) => {
  expect(codeOf(await askShop(await start({ orders: 20 }), PATH, clock.now, { query }))).toBe(36009004);
});
