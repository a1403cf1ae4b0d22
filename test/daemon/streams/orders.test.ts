import { expect, test } from 'vitest';

import { orders } from '../../../daemon/streams/orders.ts';
import { day } from '../store/wire.ts';
import { OrderWorld } from './order-world.ts';

const window = { from: day, to: day + 100_000 };

test('by ids: at most 50 in a call, and those that the API does not know are told', async () => {
  const world = new OrderWorld();
  world.add(120, (n) => ({ ...(n === 7 && { status: null }) }));
  const ids = [...world.orders.map((order) => order.id), 'gone1', 'gone2'];
  const pages = [];
  for await (const page of orders.readIds(ids, world.context())) pages.push(page);
  expect(world.idCalls.map((call) => call.length)).toEqual([50, 50, 22]);
  expect(world.idCalls.flat()).toEqual(ids);
  expect(pages.flatMap((page) => page.records)).toHaveLength(119);
  expect(pages.flatMap((page) => page.rejected.map((r) => r.recordId))).toEqual(['id00007']);
  expect(pages.map((page) => page.absent)).toEqual([[], [], ['gone1', 'gone2']]);
  expect(pages.every((page) => page.coveredTo === undefined)).toBe(true);
  for await (const page of orders.readIds([], world.context())) expect.unreachable(JSON.stringify(page));
});

test('a window is counted with one order', async () => {
  const world = new OrderWorld();
  world.add(250, (n) => ({ update_time: day + n }));
  expect(await orders.count({ from: day, to: day + 240 }, world.context())).toBe(240);
  expect(world.searches).toMatchObject([{ size: 1 }]);
  world.bend = () => ({ orders: [] });
  await expect(orders.count(window, world.context())).rejects.toMatchObject({ class: 'transient' });
});
