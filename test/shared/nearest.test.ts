import { expect, test } from 'vitest';

import { nearest } from '../../shared/nearest.ts';

const names = ['sync', 'fullResync', 'orders.list', 'orders.get', 'history', 'status', 'subscribe', 'unsubscribe'];

test.each([
  ['snyc', 'sync'],
  ['sycn', 'sync'],
  ['full_resync', 'fullResync'],
  ['full-resync', 'fullResync'],
  ['FULLRESYNC', 'fullResync'],
  ['full', 'fullResync'],
  ['orderslist', 'orders.list'],
  ['orders.lst', 'orders.list'],
  ['histroy', 'history'],
  ['satus', 'status'],
  ['subscrbe', 'subscribe'],
  ['unsubscrib', 'unsubscribe'],
])('%s is meant to be %s', (word, meant) => {
  expect(nearest(word, names)).toBe(meant);
});

test.each(['', 'x', 'cancel', 'weather', 'q'.repeat(1_000_000), '状態'])('nothing is near %.20s', (word) => {
  expect(nearest(word, names)).toBeUndefined();
});

test('nothing is near when there is nothing', () => {
  expect(nearest('sync', [])).toBeUndefined();
});
