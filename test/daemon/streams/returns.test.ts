import { expect, test } from 'vitest';

import { returns } from '../../../daemon/streams/returns.ts';
import { answering } from './answering.ts';
import { sampleOf } from './samples.ts';
import { contextOf, copy, pagesOf, roomFor, shopOver } from './shop-over.ts';

const [sample] = sampleOf('returns-search-202602', 'return_orders');
const window = { from: 0, to: 2_000_000_000 };

const readOne = async (raw: unknown) => {
  const api = answering(() => ({ return_orders: [raw], total_count: 1 }));
  const [page] = await pagesOf(returns.read({ from: 1_763_900_000, to: 1_764_000_000 }, contextOf(api).context));
  return { api, page };
};

test('a page is asked as documented, and the recorded return is stored with its exact money and ids', async () => {
  const { api, page } = await readOne(sample);
  expect(api.asked).toEqual([
    {
      method: 'POST',
      path: '/return_refund/202602/returns/search',
      query: { page_size: '50', sort_field: 'update_time', sort_order: 'ASC' },
      body: { update_time_ge: 1_763_900_000, update_time_lt: 1_764_000_000 },
      idsAreText: true,
    },
  ]);
  const { room, put } = await roomFor(returns);
  if (page !== undefined) await put(page);
  const [row] = await room.rows('select * from returns');
  expect(row).toMatchObject({
    id: '4035000000000000001',
    order_id: '576460000000000101',
    status: 'RETURN_OR_REFUND_REQUEST_PENDING',
    type: 'RETURN_AND_REFUND',
    create_time: 1_763_950_000,
    update_time: 1_763_950_100,
    currency: 'VND',
    refund_total: '171500',
    payload: JSON.stringify(sample),
  });
  expect(await room.rows('select stream, status, count from record_counts')).toEqual([
    { stream: 'returns', status: 'RETURN_OR_REFUND_REQUEST_PENDING', count: 1 },
  ]);
});

test('T48: nothing in the recorded return is news', async () => {
  const { page } = await readOne(sample);
  const shapes = page?.records.flatMap((record) => returns.table.shapeOf(record)) ?? [];
  expect(shapes).toContain('status=RETURN_OR_REFUND_REQUEST_PENDING');
  expect(shapes.filter((shape) => !returns.documented.has(shape.replace(/:[a-z]+$/, '')))).toEqual([]);
});

test('what a return is about must be there; what else is missing or odd is null and stays in the payload', async () => {
  const odd = { ...sample, order_id: undefined, return_type: 7, refund_amount: ['5.00'], news: { deep: [1] } };
  const { page } = await readOne(odd);
  expect(page?.records).toMatchObject([
    { orderId: null, type: '7', currency: null, refundTotal: null, payload: JSON.stringify(odd) },
  ]);
});

test.each([
  ['no id', { return_id: undefined }, null, 'return_id'],
  ['a rounded id', { return_id: Number('4035000000000000001') }, null, 'return_id'],
  ['no status', { return_status: undefined }, '4035000000000000001', 'return_status'],
  ['no time', { update_time: undefined }, '4035000000000000001', 'update_time'],
  ['a time as text', { create_time: '1763950000' }, '4035000000000000001', 'create_time'],
])('rule 4: a return with %s is set aside', async (_, change, recordId, path) => {
  const { page } = await readOne({ ...sample, ...change });
  expect(page).toMatchObject({
    records: [],
    rejected: [{ recordId, reason: expect.stringMatching(`^${path}: `) }],
    coveredTo: 1_764_000_000,
  });
});

test('a window is counted with the smallest page that TikTok allows', async () => {
  const api = answering(() => ({ total_count: 7, return_orders: Array.from({ length: 7 }, () => sample) }));
  const { context } = contextOf(api);
  expect(await returns.count({ from: 1_763_950_000, to: 1_763_960_000 }, context)).toBe(7);
  expect(api.asked.map(({ query }) => query?.['page_size'])).toEqual(['10']);
});

test('a page that is to be smaller than TikTok allows is as small as it allows', async () => {
  const api = answering(() => ({ total_count: 0 }));
  const { context } = contextOf(api, { pageSize: () => 6 });
  await pagesOf(returns.read(window, context));
  expect(api.asked.map(({ query }) => query?.['page_size'])).toEqual(['10']);
});

test.each(['offset', 'keyset'] as const)(
  'over HTTP, with %s tokens: every return exactly as shown, and by ids',
  async (pageTokens) => {
    const { world, api } = await shopOver({ orders: 4000, pageTokens, endMarker: 'absent' });
    const shown = world.returns();
    expect(shown.length).toBeGreaterThan(100);
    const { room, put, context, oddities, covered, requests } = await copy(returns, api, window);
    expect(oddities).toEqual([]);
    expect(covered).toEqual([window]);
    expect(requests).toBeLessThan(shown.length / 50 + 4);
    const rows = await room.rows(`select id, order_id as orderId, status, type, create_time as createTime,
      update_time as updateTime, currency, refund_total as refundTotal from returns order by id`);
    expect(rows).toEqual(shown.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    expect(await room.rows('select * from unseen union all select id, reason, 0 from rejected_records')).toEqual([]);

    const ids = [...shown.slice(0, 60).map(({ id }) => id), 'nobody'];
    const found = await pagesOf(returns.readIds(ids, context));
    expect(found.map((page) => page.absent)).toEqual([[], ['nobody']]);
    for (const page of found) expect(await put(page)).toMatchObject({ inserted: [], updated: 0, rejected: 0 });
    expect(found.flatMap((page) => page.records)).toHaveLength(60);
  },
);

test('T48: nothing that the sandbox sends is news', async () => {
  const { api } = await shopOver({ orders: 3000 });
  const pages = await pagesOf(returns.read(window, contextOf(api).context));
  const shapes = new Set(pages.flatMap(({ records }) => records).flatMap((record) => returns.table.shapeOf(record)));
  expect([...shapes].filter((shape) => !returns.documented.has(shape.replace(/:[a-z]+$/, '')))).toEqual([]);
});
