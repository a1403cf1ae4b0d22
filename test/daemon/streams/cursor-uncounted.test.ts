import { expect, test } from 'vitest';

import { statements } from '../../../daemon/streams/statements.ts';
import { type Asked, answering } from './answering.ts';
import { coveredBy } from './order-world.ts';
import { contextOf, pagesOf } from './shop-over.ts';

const day = 1_790_000_000;
const window = { from: day - 100, to: day + 100_000 };

interface Wire {
  readonly id: string;
  readonly statement_time: number;
}
type Compare = (a: Wire, b: Wire) => number;

const byTime: Compare = (a, b) => a.statement_time - b.statement_time;
const list = (count: number, timeOf: (n: number) => number): Wire[] =>
  Array.from({ length: count }, (_, n) => ({ id: `s${String(n).padStart(4, '0')}`, statement_time: timeOf(n) }));

/** An API that does not count, with offsets for tokens, and an order of its own. */
function apiOf(all: Wire[], compare: Compare = byTime, before: (n: number) => void = () => undefined) {
  return answering(({ query = {} }: Asked, n) => {
    before(n);
    const found = all
      .filter(({ statement_time: time }) => time >= Number(query['statement_time_ge']))
      .filter(({ statement_time: time }) => time < Number(query['statement_time_lt']))
      .toSorted(compare);
    const from = Number(query['page_token'] ?? 0);
    const to = from + Number(query['page_size']);
    return { statements: found.slice(from, to), next_page_token: to < found.length ? String(to) : '' };
  });
}

async function read(api: ReturnType<typeof answering>) {
  const { context, oddities } = contextOf(api);
  const pages = await pagesOf(statements.read(window, context));
  const ids = new Set(pages.flatMap((page) => page.records.map((record) => record.id)));
  return { pages, ids, oddities, covered: coveredBy(pages) };
}

test('rule 2: an API that neither sorts nor counts is read by halving', async () => {
  const { ids, covered, oddities } = await read(
    apiOf(
      list(450, (n) => day + ((n * 7919) % 10_000)),
      (a, b) => (a.id < b.id ? -1 : 1),
    ),
  );
  expect(ids.size).toBe(450);
  expect(covered).toEqual([window]);
  expect(oddities).toHaveLength(1);
  expect(oddities[0]).toMatch(/^unsorted page: statement_time from /);
});

test.each([
  ['many', (n: number) => (n === 99 ? day + 9000 : day + n * 10)],
  ['one', (n: number) => (n < 99 ? day + n : n === 99 ? day + 9000 : n === 100 ? day + 5 : day + 9000 + n)],
])(
  'rule 2: an order that looks right by luck, and leaves %s out, shows when a part is read again',
  async (_, timeOf) => {
    // The first page by id happens to ascend, and its last one lies long after others.
    const { ids, covered, oddities } = await read(apiOf(list(400, timeOf), (a, b) => (a.id < b.id ? -1 : 1)));
    expect(ids.size).toBe(400);
    expect(covered).toEqual([window]);
    expect(oddities).toHaveLength(1);
  },
);

test('a second that holds more than a page is walked twice by tokens, and covered when both walks bring the same', async () => {
  const api = apiOf(list(252, (n) => (n === 0 ? day - 50 : n === 251 ? day + 50 : day)));
  const { pages, ids, covered, oddities } = await read(api);
  expect(ids.size).toBe(252);
  expect(pages.flatMap((page) => page.records)).toHaveLength(252);
  expect(covered).toEqual([window]);
  expect(oddities).toEqual([]);
  const inside = api.asked.filter(({ query }) => query?.['statement_time_lt'] === String(day + 1));
  expect(inside.map(({ query }) => query?.['page_token'])).toEqual([undefined, '100', '200', undefined, '100', '200']);
});

test('rule 2: a second of which the second walk brings more is left uncovered, and the rest is read', async () => {
  const all = list(252, (n) => (n === 0 ? day - 50 : n === 251 ? day + 50 : day));
  let walks = 0;
  const api = apiOf(all, byTime, () => {
    const { query } = api.asked.at(-1) ?? {};
    const begins = query?.['statement_time_lt'] === String(day + 1) && query['page_token'] === undefined;
    if (begins && ++walks === 2) all.push({ id: 'new', statement_time: day });
  });
  const { ids, covered, oddities } = await read(api);
  expect(ids).toContain('new');
  expect(oddities).toEqual([`second not whole: ${day}: 251 of 250 statements came`]);
  expect(covered).toEqual([
    { from: window.from, to: day },
    { from: day + 1, to: window.to },
  ]);
});

test('tokens that repeat within a second are an error by name', async () => {
  const api = answering(({ query }) => ({
    statements: list(100, () => day).map((one) => ({ ...one, id: `${one.id}${query?.['page_token'] ?? ''}` })),
    next_page_token: 'again',
  }));
  const { context } = contextOf(api);
  await expect(pagesOf(statements.read({ from: day, to: day + 10 }, context))).rejects.toMatchObject({
    class: 'transient',
    message: `the API repeats its page tokens within second ${day}`,
  });
  expect(api.asked.length).toBeLessThan(6);
});
