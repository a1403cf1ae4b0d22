import { expect, test } from 'vitest';

import { Workshop, differences, start } from './workshop.ts';

/** Holes that random histories found, each by its smallest form. */

test('a second of many ties is read to its end, however short the pages that the API sends', async () => {
  await using w = await Workshop.open({ pageSize: 5 });
  for (let i = 0; i < 41; i++) w.shop.place(start - 9000, { createTime: start - 9100 });
  expect(await w.run()).toMatchObject({ state: 'succeeded', inserted: 41 });
  expect(await differences(w)).toEqual([]);
});

test('rule 2: a sort by create_time is found out although the first page of the run was right (F5)', async () => {
  await using w = await Workshop.open({ pageSize: 6, sorting: 'by create_time' });
  // The oldest never changed, so that both orders begin alike; then one that changed long after it was placed.
  for (let i = 0; i < 12; i++) w.shop.place(start - 90_000 + i * 100);
  w.shop.place(start - 10_000, { createTime: start - 88_750 });
  for (let i = 0; i < 20; i++) w.shop.place(start - 80_000 + i * 100);
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  expect(await differences(w)).toEqual([]);
});

test('rule 2: an ignored sort is found out although ties at its beginning looked sorted', async () => {
  await using w = await Workshop.open({ pageSize: 10, sorting: 'ignored' });
  for (let i = 0; i < 12; i++) w.shop.place(start - 100);
  for (let i = 0; i < 60; i++) w.shop.place(start - 50_000 + ((i * 37) % 60) * 10);
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  expect(await differences(w)).toEqual([]);
});
