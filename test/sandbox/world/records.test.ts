import { expect, test } from 'vitest';

import { pageOf, type PageAsked } from './records.ts';

const key = (record: number): number => record;
const ask = (given: Partial<PageAsked>) =>
  pageOf([3, 1, 2, 5, 4], key, { descending: false, limit: 2, from: { offset: 0 }, ...given });

test('pages come in order of the key, and tell where the next one begins', () => {
  expect(ask({})).toEqual({ records: [1, 2], total: 5, lastKey: 2, nextOffset: 2, more: true });
  expect(ask({ from: { offset: 4 } })).toMatchObject({ records: [5], more: false });
  expect(ask({ from: { offset: 9 } })).toMatchObject({ records: [], more: false });
  expect(ask({ descending: true })).toMatchObject({ records: [5, 4], lastKey: 4 });
});

test('after a key, whether or not its record is still there', () => {
  expect(ask({ from: { after: 2 } }).records).toEqual([3, 4]);
  expect(ask({ from: { after: 2.5 } }).records).toEqual([3, 4]);
  expect(ask({ from: { after: 5 } })).toMatchObject({ records: [], more: false });
  expect(ask({ descending: true, from: { after: 4 } }).records).toEqual([3, 2]);
});
