import { expect, test } from 'vitest';

import { estimateWords, leftOutOf, leftOutWords } from '../../tui/estimate-words.ts';
import { goingOnWords } from '../../tui/going-on-words.ts';

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

test('a run under way is told as such, one that ended by how it did', () => {
  const at = '2026-11-22T10:00:00.000Z';
  const run = { shop: '7', stream: 'orders', runId: 'a', at, done: 3778, left: 6238 };
  const words = (state: 'running' | 'cancelled' | 'failed') =>
    goingOnWords(
      { orders: 1, records: 1, requests: 2, seconds: 1, goesOn: [{ ...run, state }] },
      Date.parse(at) + 180_000,
    );
  expect(words('running')).toEqual(['orders: a full run is under way, 3,778 of 10,016 done.']);
  expect(words('cancelled')).toEqual([
    'orders: goes on from the run that was cancelled 3 min ago, 3,778 of 10,016 done.',
  ]);
  expect(words('failed')).toEqual(['orders: goes on from the run that failed 3 min ago, 3,778 of 10,016 done.']);
});
