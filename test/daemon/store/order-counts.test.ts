import fc from 'fast-check';
import { expect, test } from 'vitest';

import { streamCounts } from '../../../daemon/store/pending.ts';
import { countOrders } from '../../../daemon/store/queries.ts';
import { Room, shop } from './room.ts';
import { day, order } from './wire.ts';

const id = fc.constantFrom('a', 'b', 'c', 'd');
const status = fc.constantFrom('UNPAID', 'SHIPPED', 'DONE');
const otherShop = '7490000000000000002';

/** What can happen to the table: pages of ours, and hands. */
const event = fc.oneof(
  fc.record({
    what: fc.constant('page' as const),
    id,
    status,
    time: fc.nat(5),
    shop: fc.constantFrom(shop, otherShop),
  }),
  fc.record({
    what: fc.constant('sql' as const),
    sql: fc.oneof(
      id.map((i) => `delete from orders where id = '${i}'`),
      status.map((s) => `delete from orders where status = '${s}'`),
      fc.tuple(id, status).map(([i, s]) => `update orders set status = '${s}' where id = '${i}'`),
      id.map(
        (i) => `update orders set shop_id = '${otherShop}' where id = '${i}' and not exists
      (select 1 from orders o where o.id = '${i}' and o.shop_id = '${otherShop}')`,
      ),
      status.map((s) => `update orders set status = '${s}', currency = 'EUR'`),
      fc.constant('delete from orders'),
    ),
  }),
);

test('record_counts is what a scan would count, whoever writes', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  let asked = 1;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 12 }), async (events) => {
      for (const e of events) {
        if (e.what === 'sql') await room.sql(e.sql);
        else
          await room.page({
            runId,
            shop: e.shop,
            asked: asked++,
            records: [order(e.id, { status: e.status, update_time: day + e.time })],
          });
        const scanned = await room.rows(
          'select shop_id, status, count(*) as count from orders group by shop_id, status order by 1, 2',
        );
        expect(
          await room.rows('select shop_id, status, count from record_counts where count <> 0 order by 1, 2'),
        ).toEqual(scanned);
      }
    }),
    { numRuns: 60 },
  );
});

test('counts by status, by shop and by UTC day, of one shop or of all', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  const midnight = Date.parse('2026-09-22T00:00:00Z') / 1000;
  await room.page({
    runId,
    records: [
      order('a', { status: 'SHIPPED', create_time: midnight - 1 }),
      order('b', { status: 'UNPAID', create_time: midnight }),
      order('c', { status: 'UNPAID', create_time: midnight + 86_399 }),
    ],
  });
  await room.page({ runId, shop: otherShop, records: [order('a', { create_time: midnight })] });
  await room.page({ runId, shop: otherShop, records: [order('z', { status: 'DONE' })] });
  await room.sql(`delete from orders where id = 'z'`);
  const counts = (params: { groupBy: 'status' | 'shop' | 'day'; shop?: string }) =>
    room.store.query(countOrders, params);
  expect(await counts({ groupBy: 'status' })).toEqual({
    total: 4,
    groups: [
      { key: 'SHIPPED', count: 1 },
      { key: 'UNPAID', count: 3 },
    ],
  });
  expect(await counts({ groupBy: 'status', shop })).toMatchObject({ total: 3 });
  expect(await counts({ groupBy: 'shop' })).toEqual({
    total: 4,
    groups: [
      { key: shop, count: 3 },
      { key: otherShop, count: 1 },
    ],
  });
  expect(await counts({ groupBy: 'day', shop })).toEqual({
    total: 3,
    groups: [
      { key: '2026-09-21', count: 1 },
      { key: '2026-09-22', count: 2 },
    ],
  });
  expect(await counts({ groupBy: 'day' })).toMatchObject({ total: 4 });
  expect(await counts({ groupBy: 'day', shop: 'nobody' })).toEqual({ total: 0, groups: [] });
  expect(await room.store.query(streamCounts, shop, 'orders')).toEqual({
    total: 3,
    byStatus: { SHIPPED: 1, UNPAID: 2 },
    rejected: 0,
  });
});
