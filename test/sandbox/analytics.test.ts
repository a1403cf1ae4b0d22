import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { askShop, codeOf, dataOf } from './client.ts';
import { living } from './living.ts';
import type { SandboxOptions } from './options.ts';
import type { Sandbox } from './sandbox.ts';

const START = Date.UTC(2025, 10, 24, 16) / 1000;
const DAY = 86_400;
const OLD = '/analytics/202405/shop/performance';
const NEW = '/analytics/202509/shop/performance';
const clock = { now: START };

afterEach(() => {
  clock.now = START;
});

const start = (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
  living({ orders: 2000, days: 60, now: () => clock.now, ...options });

const money = z.strictObject({ amount: z.string(), currency: z.string() });
const newer = z.object({
  latest_available_date: z.string(),
  performance: z.strictObject({
    intervals: z.array(
      z.looseObject({
        start_date: z.string(),
        end_date: z.string(),
        sales: z.looseObject({
          gmv: z.object({ overall: money, breakdowns: z.array(z.object({ gmv: money, type: z.string() })) }),
          orders_count: z.int(),
          items_sold: z.int(),
          avg_customers_count: z.int(),
          refunds: money,
        }),
      }),
    ),
  }),
});
const interval = z.looseObject({
  start_date: z.string(),
  end_date: z.string(),
  gmv: money,
  orders: z.int(),
  units_sold: z.int(),
  buyers: z.int(),
  refunds: money,
});
const older = z.object({
  latest_available_date: z.string(),
  performance: z.object({
    intervals: z.array(interval),
    comparison_intervals: z.array(interval).optional(),
  }),
});

const days = (sandbox: Sandbox, from: string, until: string, query: Readonly<Record<string, string>> = {}) =>
  dataOf(
    sandbox,
    NEW,
    clock.now,
    { query: { start_date_ge: from, end_date_lt: until, granularity: '1D', ...query } },
    newer,
  );

describe('shop performance', () => {
  test('202509 tells each local day, the end not included, and no day after the latest available', async () => {
    const sandbox = await start();
    const { latest_available_date, performance } = await days(sandbox, '2025-11-20', '2025-11-30');
    expect(latest_available_date).toBe('2025-11-23');
    expect(performance.intervals.map(({ start_date, end_date }) => [start_date, end_date])).toEqual([
      ['2025-11-20', '2025-11-21'],
      ['2025-11-21', '2025-11-22'],
      ['2025-11-22', '2025-11-23'],
      ['2025-11-23', '2025-11-24'],
    ]);
    const told = performance.intervals.map(({ start_date, sales }) => ({
      date: start_date,
      gmv: sales.gmv.overall.amount,
      currency: sales.gmv.overall.currency,
      orders: sales.orders_count,
      unitsSold: sales.items_sold,
      buyers: sales.avg_customers_count,
      refunds: sales.refunds.amount,
    }));
    expect(sandbox.world.days().slice(-4)).toMatchObject(told);
    for (const { sales } of performance.intervals) {
      const parts = sales.gmv.breakdowns.reduce((total, part) => total + Number(part.gmv.amount), 0);
      expect(parts).toBeCloseTo(Number(sales.gmv.overall.amount), 6);
    }
  });

  test('202405 tells the same in another shape, and compares', async () => {
    const sandbox = await start();
    const query = {
      start_date_ge: '2025-11-20',
      end_date_lt: '2025-11-22',
      granularity: '1D',
      with_comparison: 'true',
    };
    const { performance } = await dataOf(sandbox, OLD, clock.now, { query }, older);
    const same = (dates: readonly string[]) =>
      sandbox.world
        .days()
        .filter(({ date }) => dates.includes(date))
        .map(({ date, gmv, currency, orders, unitsSold, buyers, refunds }) => ({
          start_date: date,
          gmv: { amount: gmv, currency },
          orders,
          units_sold: unitsSold,
          buyers,
          refunds: { amount: refunds, currency },
        }));
    expect(performance.intervals).toMatchObject(same(['2025-11-20', '2025-11-21']));
    expect(performance.comparison_intervals).toMatchObject(same(['2025-11-18', '2025-11-19']));
  });

  test('without granularity one interval sums the days', async () => {
    const sandbox = await start();
    const { performance } = await days(sandbox, '2025-11-01', '2025-11-11', { granularity: '' });
    const ten = sandbox.world.days().filter(({ date }) => date >= '2025-11-01' && date < '2025-11-11');
    expect(performance.intervals).toMatchObject([
      {
        start_date: '2025-11-01',
        end_date: '2025-11-11',
        sales: { orders_count: ten.reduce((total, { orders }) => total + orders, 0) },
      },
    ]);
  });

  test('days before the shop are zero; days not told yet too where the knob says so', async () => {
    const before = await days(await start(), '2020-01-01', '2020-01-02');
    expect(before.performance.intervals).toMatchObject([
      { sales: { gmv: { overall: { amount: '0' } }, orders_count: 0 } },
    ]);
    const zero = await days(await start({ untoldDays: 'zero' }), '2025-11-23', '2025-11-26');
    expect(zero.performance.intervals.map(({ sales }) => sales.orders_count > 0)).toEqual([true, false, false]);
  });

  test('the day is the shop’s: at 16:00 UTC it is tomorrow in Japan, so today was told there', async () => {
    const sandbox = await start({ regions: ['JP'] });
    expect((await days(sandbox, '2025-11-20', '2025-11-26')).latest_available_date).toBe('2025-11-24');
    const waiting = await start({ regions: ['JP'], analyticsDelay: 2 * 3600 });
    expect((await days(waiting, '2025-11-20', '2025-11-26')).latest_available_date).toBe('2025-11-23');
  });

  test('T21: a day changes on each of the three days after it was first told, and then no more', async () => {
    const sandbox = await start();
    const seen: string[] = [];
    for (let later = 0; later < 6; later += 1) {
      const told = await days(sandbox, '2025-11-23', '2025-11-24');
      seen.push(told.performance.intervals[0]?.sales.gmv.overall.amount ?? '');
      expect(sandbox.world.days().find(({ date }) => date === '2025-11-23')?.final).toBe(later >= 3);
      clock.now += DAY;
    }
    expect(new Set(seen.slice(0, 4)).size).toBe(4);
    expect(new Set(seen.slice(3)).size).toBe(1);
  });

  test('a test may restate a day itself', async () => {
    const sandbox = await start();
    const gmv = async () =>
      Number((await days(sandbox, '2025-11-01', '2025-11-02')).performance.intervals[0]?.sales.gmv.overall.amount);
    const before = await gmv();
    sandbox.world.streams.performance.restate('2025-11-01', 250);
    expect(await gmv()).toBeCloseTo(before + 2.5, 6);
  });

  test('in US dollars where asked for', async () => {
    const { performance } = await days(await start(), '2025-11-01', '2025-11-02', { currency: 'USD' });
    expect(performance.intervals[0]?.sales.gmv.overall).toEqual({
      amount: expect.stringMatching(/^\d+\.\d\d$/),
      currency: 'USD',
    });
  });

  test.each([
    ['no start', { end_date_lt: '2025-11-02' }, 36009004],
    ['no end', { start_date_ge: '2025-11-02' }, 36009004],
    ['a date that is none', { start_date_ge: '2025-02-30', end_date_lt: '2025-11-02' }, 28001022],
    ['an empty span', { start_date_ge: '2025-11-02', end_date_lt: '2025-11-02' }, 28001022],
    ['61 days', { start_date_ge: '2025-09-01', end_date_lt: '2025-11-01' }, 28001022],
    ['another currency', { start_date_ge: '2025-11-01', end_date_lt: '2025-11-02', currency: 'EUR' }, 36009004],
    ['another granularity', { start_date_ge: '2025-11-01', end_date_lt: '2025-11-02', granularity: '1W' }, 36009004],
  ])('%s is refused', async (_what, query, code) => {
    expect(codeOf(await askShop(await start({ analyticsMaxDays: 60 }), NEW, clock.now, { query }))).toBe(code);
  });

  test.each([36009009, 36009014, 36009004] as const)(
    'a shop without 202509 is told %i, and 202405 answers',
    async (code) => {
      const sandbox = await start();
      sandbox.faults.add({ kind: 'version', code });
      const query = { start_date_ge: '2025-11-20', end_date_lt: '2025-11-21' };
      expect(codeOf(await askShop(sandbox, NEW, clock.now, { query }))).toBe(code);
      expect(codeOf(await askShop(sandbox, OLD, clock.now, { query }))).toBe(0);
    },
  );

  test('has a rate limit of its own, one at once', async () => {
    const sandbox = await start({ analyticsRate: 0.5 });
    const query = { start_date_ge: '2025-11-20', end_date_lt: '2025-11-21' };
    const http = async (path: string) => (await askShop(sandbox, path, clock.now, { query })).http;
    expect([await http(NEW), await http(NEW)]).toEqual([200, 429]);
    clock.now += 2;
    expect(await http(NEW)).toBe(200);
  });
});

describe('product performance', () => {
  const list = '/shop_products/performance';
  const query = { start_date_ge: '2025-11-01', end_date_lt: '2025-11-24', page_size: '100' };

  test('202405 writes ids as numbers beyond what a double holds; later versions as text', async () => {
    const sandbox = await start();
    const { text } = await askShop(sandbox, `/analytics/202405${list}`, clock.now, { query });
    const ids = [...text.matchAll(/"id":(\d{19})[,}]/g)].map(([, id]) => id ?? '');
    expect(ids).toHaveLength(100);
    expect(String(JSON.parse(text).data.products[0].id)).not.toBe(ids[0]);
    const known = new Set(sandbox.world.products().map(({ id }) => id));
    expect(ids.filter((id) => !known.has(id))).toEqual([]);
    const shape = z.object({ products: z.array(z.looseObject({ id: z.string() })), total_count: z.int() });
    for (const version of ['202509', '202605']) {
      const told = await dataOf(sandbox, `/analytics/${version}${list}`, clock.now, { query }, shape);
      expect([told.products.map(({ id }) => id), told.total_count]).toEqual([ids, 500]);
    }
  });

  test('adds up to what the shop sold', async () => {
    const sandbox = await start({ restatedDays: 0 });
    // Gifts bring nothing but are counted.
    const best = { ...query, sort_field: 'items_sold' };
    const shape = z.object({ products: z.array(z.object({ overall_performance: z.object({ items_sold: z.int() }) })) });
    const { products } = await dataOf(sandbox, `/analytics/202509${list}`, clock.now, { query: best }, shape);
    const sold = products.reduce((total, product) => total + product.overall_performance.items_sold, 0);
    const november = sandbox.world.days().filter(({ date }) => date >= '2025-11-01');
    expect(sold).toBe(november.reduce((total, { unitsSold }) => total + unitsSold, 0));
  });
});
