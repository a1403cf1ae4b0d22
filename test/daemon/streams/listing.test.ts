import { expect, test } from 'vitest';

import { listOf, searchByIds } from '../../../daemon/streams/listing.ts';
import { answering } from './answering.ts';
import { contextOf } from './shop-over.ts';

test.each([
  ['empty', { next_page_token: '', total_count: 0 }],
  ['null', { things: null, next_page_token: null, total_count: 0 }],
  ['left out', { total_count: 0 }],
])('a list and its token may be %s', (_, data) => {
  expect(listOf('things').parse(data)).toEqual({ items: [], next: undefined, total: 0 });
});

test('what came is kept as it came, with the way on and the count where there are any', () => {
  const things = [{ id: 1, deep: { unknown: [null] } }, 'text', null];
  expect(listOf('things').parse({ things, next_page_token: 'a+/=', more: true })).toEqual({
    items: things,
    next: 'a+/=',
    total: undefined,
  });
});

test.each([
  ['things', { things: { id: 1 } }],
  ['next_page_token', { things: [], next_page_token: 7 }],
  ['total_count', { things: [], total_count: '7' }],
  ['total_count', { things: [], total_count: -1 }],
])('an answer whose %s is of another kind is refused by that name', (name, data) => {
  const parsed = listOf('things').safeParse(data);
  expect(parsed.error?.issues).toMatchObject([
    { path: [name], code: expect.stringMatching(/^(invalid_type|too_small)$/) },
  ]);
});

test('a search by ids asks for a page that holds them all', async () => {
  const api = answering(() => ({ things: [{ id: 'a' }], total_count: 1 }));
  const { perCall, ask } = searchByIds('/things/search', 'things', 'thing_ids', 50);
  expect(perCall).toBe(50);
  expect(await ask(['a', 'b'], contextOf(api).context)).toEqual({
    items: [{ id: 'a' }],
    next: undefined,
    total: 1,
    sentAt: 1_800_000_001,
    asked: 1,
  });
  expect(api.asked).toEqual([
    { method: 'POST', path: '/things/search', query: { page_size: '50' }, body: { thing_ids: ['a', 'b'] } },
  ]);
});
