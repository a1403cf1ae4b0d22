import { expect, test } from 'vitest';

import { statements } from '../../../daemon/streams/statements.ts';
import { type Asked, answering } from './answering.ts';
import { sampleOf } from './samples.ts';
import { contextOf, copy, pagesOf, roomFor, shopOver } from './shop-over.ts';

const samples = sampleOf('finance-statements', 'statements');
const window = { from: 0, to: 2_000_000_000 };
const day = 86_400;

/** A shop with a statement for each of so many days, newest last, listed as TikTok lists them. */
function shopOf(days: number, change: (n: number) => Readonly<Record<string, unknown>> = () => ({})) {
  const list = Array.from({ length: days }, (_, n) => ({
    ...samples[0],
    id: `s${String(n).padStart(4, '0')}`,
    statement_time: (20_000 + n) * day,
    ...change(n),
  }));
  return answering(({ query = {} }: Asked) => {
    const inside = list.filter(
      ({ statement_time: time }) =>
        time >= Number(query['statement_time_ge'] ?? 0) && time < Number(query['statement_time_lt'] ?? Infinity),
    );
    const sorted = query['sort_order'] === 'DESC' ? inside.toReversed() : inside;
    const from = Number(query['page_token'] ?? 0);
    const to = from + Number(query['page_size']);
    return { statements: sorted.slice(from, to), ...(to < sorted.length && { next_page_token: String(to) }) };
  });
}

test('a page is asked as documented, and the recorded statements are stored with their exact signed money', async () => {
  const api = answering(() => ({ statements: samples, next_page_token: '' }));
  const span = { from: 1_793_577_600, to: 1_793_750_400 };
  const [page] = await pagesOf(statements.read(span, contextOf(api).context));
  expect(api.asked).toEqual([
    {
      method: 'GET',
      path: '/finance/202309/statements',
      query: {
        sort_field: 'statement_time',
        sort_order: 'ASC',
        page_size: '100',
        statement_time_ge: '1793577600',
        statement_time_lt: '1793750400',
      },
    },
  ]);
  const { room, put } = await roomFor(statements);
  if (page !== undefined) await put(page);
  expect(await room.rows('select * from statements order by id')).toMatchObject([
    {
      id: '7676000000000000001',
      statement_time: 1_793_577_600,
      currency: 'IDR',
      settlement_amount: '98250',
      revenue_amount: '120000',
      fee_amount: '-21750',
      adjustment_amount: '0',
      payment_status: 'PAID',
      payment_id: '3459000000000000001',
      restated: 0,
      payload: JSON.stringify(samples[0]),
    },
    { id: '7676000000000000002', adjustment_amount: '-57310', payment_status: 'PROCESSING', payment_id: null },
  ]);
  const shapes = page?.records.flatMap((record) => statements.table.shapeOf(record)) ?? [];
  expect(shapes).toContain('status=PROCESSING');
  expect(shapes.filter((shape) => !statements.documented.has(shape.replace(/:[a-z]+$/, '')))).toEqual([]);
});

test('a statement that is paid is an update and nothing odd; one whose figures change is told as restated', async () => {
  const { room, put } = await roomFor(statements);
  const read = async (change: Readonly<Record<string, unknown>>, asked: number) => {
    const api = answering(() => ({ statements: [{ ...samples[1], ...change }] }));
    for (const page of await pagesOf(statements.read(window, contextOf(api).context)))
      expect(await put({ ...page, asked })).toMatchObject({ silentEdits: 0, doubts: [] });
    const [row] = await room.rows('select payment_status, payment_id, settlement_amount, restated from statements');
    return row;
  };
  await read({}, 1);
  const paid = { payment_status: 'PAID', payment_id: '3459000000000000002' };
  expect(await read(paid, 2)).toMatchObject({ ...paid, restated: 0 });
  expect(await read({ ...paid, settlement_amount: '-57000' }, 3)).toMatchObject({
    settlement_amount: '-57000',
    restated: 1,
  });
  // An older answer that comes late changes nothing (rule 3).
  expect(await read({}, 2)).toMatchObject({ ...paid, settlement_amount: '-57000', restated: 1 });
  expect(await room.rows('select status, count from record_counts where count > 0')).toEqual([
    { status: 'PAID', count: 1 },
  ]);
  expect(await room.rows('select what from oddities')).toEqual([]);
});

test.each([
  ['no id', { id: undefined }, null, 'id'],
  ['no time', { statement_time: undefined }, '7676000000000000001', 'statement_time'],
  ['a time as text', { statement_time: '1793577600' }, '7676000000000000001', 'statement_time'],
])('rule 4: a statement with %s is set aside', async (_, change, recordId, path) => {
  const api = answering(() => ({ statements: [{ ...samples[0], ...change }] }));
  const [page] = await pagesOf(statements.read(window, contextOf(api).context));
  expect(page).toMatchObject({
    records: [],
    rejected: [{ recordId, reason: expect.stringMatching(`^${path}: `) }],
    coveredTo: window.to,
  });
});

test('nothing else is needed, and a status that is not told is counted as unknown', async () => {
  const api = answering(() => ({ statements: [{ id: '1', statement_time: 20_000 * day }] }));
  const { room } = await copy(statements, api, window);
  expect(await room.rows('select * from statements')).toMatchObject([
    { settlement_amount: null, payment_status: null },
  ]);
  expect(await room.rows('select status, count from record_counts')).toEqual([{ status: 'UNKNOWN', count: 1 }]);
});

test('the last thirty days are read again by every run, for what is paid and adjusted later', () => {
  expect(statements.policy).toEqual({ settle: 0, overlap: 30 * day });
});

test('no page tells a count: the sort is proved by reading a part again, and what is left stays unknown', async () => {
  const api = shopOf(250);
  const { context, oddities } = contextOf(api);
  const pages = await pagesOf(statements.read(window, context));
  expect(pages.flatMap((page) => page.records.map(({ id }) => id))).toHaveLength(250);
  expect(pages.map((page) => page.remaining)).toEqual([undefined, undefined, 0]);
  expect(pages.at(-1)?.coveredTo).toBe(window.to);
  expect(oddities).toEqual([]);
  const from = (n: number) => String((20_000 + n) * day);
  expect(api.asked.map(({ query }) => [query?.['statement_time_ge'], query?.['statement_time_lt']])).toEqual([
    ['0', String(window.to)],
    ['0', from(99)],
    [from(99), String(window.to)],
    [from(198), String(window.to)],
  ]);
});

test('a window of one page is counted exactly, a longer one by how dense its first page is', async () => {
  const { context } = contextOf(shopOf(250));
  const from = 20_000 * day;
  expect(await statements.count({ from, to: from + 60 * day }, context)).toBe(60);
  expect(await statements.count({ from: 0, to: 1 }, context)).toBe(0);
  const all = await statements.count({ from, to: from + 250 * day }, context);
  expect(all).toBeGreaterThan(240);
  expect(all).toBeLessThan(260);
});

test('by ids: looked for from the newest back, as far as needed, and absent only once the list has ended', async () => {
  const api = shopOf(350);
  const { context } = contextOf(api);
  const near = await pagesOf(statements.readIds(['s0349', 's0300'], context));
  expect(near).toMatchObject([{ records: [{ id: 's0349' }, { id: 's0300' }] }]);
  expect(near[0]).not.toHaveProperty('coveredTo');
  expect(near.flatMap((page) => page.absent ?? [])).toEqual([]);
  expect(api.asked.map(({ query }) => query)).toEqual([
    { sort_field: 'statement_time', page_size: '100', sort_order: 'DESC' },
  ]);
  const far = await pagesOf(statements.readIds(['s0000', 'nobody'], context));
  // Asked at the time of the first of its four pages.
  expect(far).toMatchObject([{ records: [{ id: 's0000' }], absent: ['nobody'], asked: 2 }]);
  expect(api.asked).toHaveLength(5);
});

test('by ids, live: one page at most, and what it does not show is not called absent', async () => {
  const api = shopOf(350, (n) => (n === 340 ? { settlement_amount: '1', statement_time: 20_340 * day } : {}));
  const { context } = contextOf(api, { priority: 'live' });
  const pages = await pagesOf(statements.readIds(['s0340', 's0001'], context));
  expect(pages).toMatchObject([{ records: [{ id: 's0340', settlementAmount: '1' }] }]);
  expect(pages[0]).not.toHaveProperty('absent');
  expect(api.asked).toHaveLength(1);
  expect(await pagesOf(statements.readIds([], context))).toEqual([]);
});

test('a list that does not end is a passing failure, soon', async () => {
  const api = answering(() => ({ statements: samples, next_page_token: 'again' }));
  await expect(pagesOf(statements.readIds(['nobody'], contextOf(api).context))).rejects.toMatchObject({
    class: 'transient',
    message: 'the list of statements does not end',
  });
  expect(api.asked).toHaveLength(2);
});

test.each(['offset', 'keyset'] as const)(
  'over HTTP, with %s tokens: every statement as shown, and by ids',
  async (pageTokens) => {
    const { world, api } = await shopOver({ orders: 6000, days: 200, pageTokens });
    const shown = world.statements();
    expect(shown.length).toBeGreaterThan(110);
    const { room, put, context, oddities, covered } = await copy(statements, api, window);
    expect(oddities).toEqual([]);
    expect(covered).toEqual([window]);
    const rows = await room.rows(`select id, statement_time as statementTime, revenue_amount as revenueAmount,
    fee_amount as feeAmount, adjustment_amount as adjustmentAmount, settlement_amount as settlementAmount, currency,
    payment_status as paymentStatus, payment_id as paymentId from statements order by statement_time`);
    expect(rows).toEqual(shown.map((statement) => ({ ...statement, paymentId: statement.paymentId ?? null })));
    expect(await room.rows('select * from unseen union all select id, reason, 0 from rejected_records')).toEqual([]);

    const [oldest] = shown;
    const found = await pagesOf(statements.readIds([oldest?.id ?? '', 'nobody'], context));
    expect(found).toMatchObject([{ absent: ['nobody'] }]);
    for (const page of found) expect(await put(page)).toMatchObject({ inserted: [], updated: 0, unchanged: 1 });
  },
);
