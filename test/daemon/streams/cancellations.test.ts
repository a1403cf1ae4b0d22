import { expect, test } from 'vitest';

import { cancellations } from '../../../daemon/streams/cancellations.ts';
import { answering } from './answering.ts';
import { sampleOf } from './samples.ts';
import { contextOf, copy, pagesOf, roomFor, shopOver } from './shop-over.ts';

const [sample] = sampleOf('cancellations-search-202602', 'cancellations');
const window = { from: 0, to: 2_000_000_000 };
const news = (shapes: Iterable<string>) =>
  [...shapes].filter((shape) => !cancellations.documented.has(shape.replace(/:[a-z]+$/, '')));

const readOne = async (raw: unknown) => {
  const api = answering(() => ({ cancellations: [raw], total_count: 1, next_page_token: '' }));
  const [page] = await pagesOf(cancellations.read({ from: 1_763_900_000, to: 1_764_000_000 }, contextOf(api).context));
  return { api, page };
};

test('a page is asked as documented, and the recorded cancellation is stored; nothing was paid for it', async () => {
  const { api, page } = await readOne(sample);
  expect(api.asked).toEqual([
    {
      method: 'POST',
      path: '/return_refund/202602/cancellations/search',
      query: { page_size: '50', sort_field: 'update_time', sort_order: 'ASC' },
      body: { update_time_ge: 1_763_900_000, update_time_lt: 1_764_000_000 },
      idsAreText: true,
    },
  ]);
  const { room, put } = await roomFor(cancellations);
  if (page !== undefined) await put(page);
  const [row] = await room.rows('select * from cancellations');
  expect(row).toMatchObject({
    id: '4035000000000000901',
    order_id: '576460000000000101',
    status: 'CANCELLATION_REQUEST_COMPLETE',
    type: 'BUYER_CANCEL',
    create_time: 1_763_913_690,
    update_time: 1_763_913_705,
    currency: null,
    refund_total: null,
    payload: JSON.stringify(sample),
  });
  expect(await room.rows('select stream, status, count from record_counts')).toEqual([
    { stream: 'cancellations', status: 'CANCELLATION_REQUEST_COMPLETE', count: 1 },
  ]);
});

test('T48: nothing in the recorded cancellation is news, nor either spelling of one that was withdrawn', async () => {
  for (const cancel_status of [
    sample?.['cancel_status'],
    'CANCELLATION_REQUEST_CANCEL',
    'CANCELLATION_REQUEST_CANCELLED',
  ]) {
    const { page } = await readOne({ ...sample, cancel_status });
    const shapes = page?.records.flatMap((record) => cancellations.table.shapeOf(record)) ?? [];
    expect(shapes).toContain(`status=${String(cancel_status)}`);
    expect(news(shapes)).toEqual([]);
  }
});

test.each([
  ['no id', { cancel_id: '' }, null, 'cancel_id'],
  ['no status', { cancel_status: undefined }, '4035000000000000901', 'cancel_status'],
  ['no time', { update_time: null }, '4035000000000000901', 'update_time'],
])('rule 4: a cancellation with %s is set aside', async (_, change, recordId, path) => {
  const { page } = await readOne({ ...sample, ...change });
  expect(page).toMatchObject({
    records: [],
    rejected: [{ recordId, reason: expect.stringMatching(`^${path}: `) }],
    coveredTo: 1_764_000_000,
  });
});

test.each(['offset', 'keyset'] as const)(
  'over HTTP, with %s tokens: every cancellation exactly as shown, and by ids',
  async (pageTokens) => {
    const { world, api } = await shopOver({ orders: 2000, pageTokens });
    const shown = world.cancellations();
    expect(shown.length).toBeGreaterThan(100);
    const { room, put, context, oddities, covered } = await copy(cancellations, api, window);
    expect(oddities).toEqual([]);
    expect(covered).toEqual([window]);
    const rows = await room.rows(`select id, order_id as orderId, status, type, create_time as createTime,
      update_time as updateTime, currency, refund_total as refundTotal from cancellations order by id`);
    expect(rows).toEqual(
      shown
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ refundTotal = null, currency, ...rest }) => ({
          ...rest,
          currency: refundTotal === null ? null : currency,
          refundTotal,
        })),
    );
    expect(rows.filter((row) => row['refundTotal'] === null).length).toBeGreaterThan(0);
    expect(rows.filter((row) => row['refundTotal'] !== null).length).toBeGreaterThan(0);
    expect(await room.rows('select * from unseen union all select id, reason, 0 from rejected_records')).toEqual([]);

    const found = await pagesOf(cancellations.readIds([...shown.slice(0, 3).map(({ id }) => id), 'nobody'], context));
    expect(found.map((page) => page.absent)).toEqual([['nobody']]);
    for (const page of found) expect(await put(page)).toMatchObject({ inserted: [], updated: 0, unchanged: 3 });
  },
);

test('T48: nothing that the sandbox sends is news', async () => {
  const { api } = await shopOver({ orders: 1000 });
  const pages = await pagesOf(cancellations.read(window, contextOf(api).context));
  const records = pages.flatMap((page) => page.records);
  expect(records.length).toBeGreaterThan(20);
  expect(news(new Set(records.flatMap((record) => cancellations.table.shapeOf(record))))).toEqual([]);
});
