import { expect, test } from 'vitest';

import { estimateWords, leftOutOf, leftOutWords } from '../../tui/estimate-words.ts';

test.each([
  [3000, 3000, '3,000 orders in 12 requests'],
  [3000, 7518, '3,000 orders and 4,518 other records in 12 requests'],
  [0, 501, '501 records in 12 requests'],
  [0, 0, '0 orders in 12 requests'],
])('%i orders among %i records are told apart', (orders, records, words) => {
  expect(estimateWords({ orders, records, requests: 12, seconds: 75 })).toEqual([
    words,
    'about 1 min 15 s at the present rate',
  ]);
});

test('streams that could not be counted are told, in short and each with its reason', () => {
  const known = { orders: 1, records: 1, requests: 2, seconds: 1 };
  expect([leftOutOf(known), leftOutWords(known)]).toEqual([[], []]);
  const unknown = [{ shop: '7', stream: 'analytics', message: 'no permission for this resource' }];
  expect(leftOutOf({ ...known, unknown })).toEqual(['1 stream could not be counted: see its error']);
  expect(leftOutWords({ ...known, unknown })).toEqual([
    'analytics of shop 7 is not in these numbers: no permission for this resource',
  ]);
});
