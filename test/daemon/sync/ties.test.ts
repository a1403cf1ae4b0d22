import { expect, test } from 'vitest';

import { day } from '../store/wire.ts';
import { OrderWorld } from '../streams/order-world.ts';
import { Workshop, differences, policy } from './workshop.ts';

test.each([
  ['after the watermark was committed, told apart by create_time', 50, false],
  ['after the watermark was committed, tied in create_time too', 50, true],
  ['while their second is read, told apart by create_time', 3, false],
  ['while their second is read, tied in create_time too', 3, true],
])('T1: of 250 orders of one second 120 show in time, 130 %s: all are stored', async (_, later, tied) => {
  await using w = await Workshop.open({ pageSize: 100 });
  await w.run();
  w.clock.advance(1000);
  const now = w.clock.now;
  const second = now - policy.settle - 40;
  for (let i = 0; i < 250; i++)
    w.shop.place(second, {
      visibleAt: i < 120 ? second : now + later,
      createTime: tied ? second - 100 : second - 1000 + i,
    });
  const requests = w.api.requests.length;
  w.api.set({ before: () => (later < 10 && w.api.requests.length > requests + 1 ? w.clock.advance(1) : undefined) });
  const first = await w.run();
  expect(first).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  if (later > 10) expect(first.inserted).toBe(120);
  else expect(first.inserted).toBeGreaterThanOrEqual(120);
  expect(await w.watermark()).toBeGreaterThan(second);
  w.clock.advance(100);
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded', inserted: 250 - first.inserted });
  expect(await differences(w)).toEqual([]);
  expect(await w.dump('orders')).toHaveLength(250);
});

/** The floor is 11 pages. A tie in both times costs what it takes to see that it is one, before tokens are used. */
test.each([
  ['told apart by create_time', (n: number) => day - 10_000 + n, 14],
  ['tied in create_time too', () => day - 10_000, 15],
  ['in four ties of create_time', (n: number) => day - 10_000 + (n % 4), 19],
])('T2: 1,037 orders in one second, %s, are read without spinning', async (_, createTime, requests) => {
  const world = new OrderWorld();
  world.add(1037, (n) => ({ update_time: day, create_time: createTime(n) }));
  const { ids, covered } = await world.read({ from: day, to: day + 1 });
  expect(new Set(ids).size).toBe(1037);
  expect(covered).toEqual([{ from: day, to: day + 1 }]);
  expect(world.oddities).toEqual([]);
  expect(world.searches.length).toBeLessThanOrEqual(requests);
  const asked = Map.groupBy(world.searches, (search) => JSON.stringify(search));
  for (const [question, times] of asked) expect(times.length, question).toBeLessThanOrEqual(2);
});

test('T3, F6, rule 3: an order that goes from A to B to C within one second is stored as C, and a late replay of A changes nothing', async () => {
  await using w = await Workshop.open({ walkers: 2 });
  await w.run();
  w.clock.advance(1000);
  const second = w.clock.now - 5;
  const id = w.shop.place(second, { status: 'A' });
  const hold = Promise.withResolvers<void>();
  // Asked and answered while A was all there was; on its way until C is stored.
  w.api.set({ after: () => hold.promise });
  const replay = await w.sync.request({ what: 'span', span: { from: second, to: second + 1 } }, 'manual');
  await expect.poll(() => w.api.requests.at(-1)?.body).toMatchObject({ update_time_lt: second + 1 });
  w.api.set({ after: () => undefined });
  const stored = async () => (await w.dump('orders')).map((row) => [row['id'], row['status'], row['update_time']]);
  await w.run();
  expect(await stored()).toEqual([[id, 'A', second]]);
  w.shop.change(id, second, { status: 'B', visibleAt: w.clock.now });
  w.shop.change(id, second, { status: 'C', visibleAt: w.clock.now });
  expect(await w.run()).toMatchObject({ state: 'succeeded', updated: 1 });
  expect(await stored()).toEqual([[id, 'C', second]]);
  hold.resolve();
  expect(await replay.ended).toMatchObject({ state: 'succeeded', seen: 1, updated: 0, unchanged: 1 });
  expect(await stored()).toEqual([[id, 'C', second]]);
  expect(await differences(w)).toEqual([]);
});
