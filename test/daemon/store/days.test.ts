import { expect, test } from 'vitest';

import { dayTable } from '../../../daemon/store/days.ts';
import { figures, pagesInto } from './records.ts';
import { Room } from './room.ts';

const date = '2026-09-20';
const row = async (room: Room) =>
  (await room.rows('select gmv, orders, refunds, final, restated from shop_performance'))[0];

test('T21: other figures are stored and counted, the same ones are not written, whatever else is told', async () => {
  await using room = await Room.open();
  const { put } = await pagesInto(room, 'analytics', dayTable);
  expect(await put([figures(date)])).toMatchObject({ inserted: [{ id: date }], silentEdits: 0 });
  expect(await put([figures(date)])).toMatchObject({ updated: 0, unchanged: 1 });
  expect(await put([figures(date, { gmv: '101.50' })])).toMatchObject({ updated: 1, silentEdits: 0, doubts: [] });
  expect(await row(room)).toMatchObject({ gmv: '101.50', restated: 1 });
  await put([figures(date, { gmv: '101.50', orders: null })]);
  expect(await row(room)).toMatchObject({ orders: null, restated: 2 });
  // The same in other words: by another version, or with more traffic.
  expect(await put([figures(date, { gmv: '101.50', orders: null, note: 'x' })])).toMatchObject({ updated: 1 });
  expect(await row(room)).toMatchObject({ restated: 2 });
  expect(await room.rows('select what from oddities')).toEqual([]);
});

test('a day becomes final once, though the same is told of it, and stays so', async () => {
  await using room = await Room.open();
  const { put } = await pagesInto(room, 'analytics', dayTable);
  await put([figures(date)]);
  expect(await put([figures(date, { final: true })])).toMatchObject({ updated: 1 });
  expect(await row(room)).toMatchObject({ final: 1, restated: 0 });
  expect(await put([figures(date, { final: true })])).toMatchObject({ updated: 0 });
  // An API whose latest day goes back for a moment does not open what was covered.
  expect(await put([figures(date)])).toMatchObject({ updated: 0 });
  await put([figures(date, { refunds: '3.00' })]);
  expect(await row(room)).toMatchObject({ refunds: '3.00', final: 1, restated: 1 });
});

test('an answer asked before the one that is stored is not believed', async () => {
  await using room = await Room.open();
  const { put } = await pagesInto(room, 'analytics', dayTable);
  await put([figures(date, { gmv: '2' })], { asked: 10 });
  expect(await put([figures(date, { gmv: '1' })], { asked: 9 })).toMatchObject({ updated: 0, unchanged: 1 });
  expect(await row(room)).toMatchObject({ gmv: '2', restated: 0 });
});
