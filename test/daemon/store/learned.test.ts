import { expect, test } from 'vitest';

import { loadBudgets, loadShops, saveBudgets, saveShops } from '../../../daemon/store/learned.ts';
import { Room } from './room.ts';
import { day } from './wire.ts';

test('shops are known after a restart, by their newest names, and nothing of a cipher', async () => {
  await using room = await Room.open();
  const cipher = { cipher: 'GCP_secret' };
  await room.store.change(saveShops, [{ id: '2', name: 'Two', region: 'GB', ...cipher }], day * 1000);
  const shops = [
    { id: '2', name: 'Deux', region: 'FR' },
    { id: '1', name: 'One', region: 'GB' },
  ];
  await room.store.change(
    saveShops,
    shops.map((known) => ({ ...known, ...cipher })),
    day * 1000 + 5,
  );
  await room.open();
  expect(await room.store.query(loadShops)).toEqual(shops.toReversed());
  expect(JSON.stringify(await room.dump())).not.toContain('GCP_secret');
});

test('levels and the newest day’s usage are known after a restart', async () => {
  await using room = await Room.open();
  expect(await room.store.query(loadBudgets)).toEqual({});
  const learned = (rps: number, on: string, requests: number) => ({
    levels: { '/orders': rps, '/products': 0.5 },
    usage: { day: on, requests },
  });
  await room.store.change(saveBudgets, { a: learned(3, '2026-11-22', 10), b: learned(9.75, '2026-11-21', 1) });
  await room.store.change(saveBudgets, { a: learned(4, '2026-11-22', 12) });
  await room.store.change(saveBudgets, { a: learned(5, '2026-11-23', 1) });
  await room.open();
  expect(await room.store.query(loadBudgets)).toEqual({
    a: learned(5, '2026-11-23', 1),
    b: learned(9.75, '2026-11-21', 1),
  });
  expect(await room.rows(`select day, requests from api_usage where shop_id = 'a' order by day`)).toEqual([
    { day: '2026-11-22', requests: 12 },
    { day: '2026-11-23', requests: 1 },
  ]);
});
