import { expect, test } from 'vitest';

import { oddities } from '../../../daemon/store/watch.ts';
import type { RequestFaultInput } from '../../sandbox/faults-kinds.ts';
import { day } from '../store/wire.ts';
import { OrderWorld } from '../streams/order-world.ts';
import { InstantTimers } from '../tiktok/manual-timers.ts';
import { BEGAN, SEARCH } from '../tiktok/taxonomy-world.ts';
import { engineOverHttp } from './taxonomy-world.ts';
import { Workshop, differences, start } from './workshop.ts';

test.each(['ignored', 'by create_time'] as const)(
  'T8, F5: a sort that is %s is found out, is told, and loses nothing',
  async (sorting) => {
    await using w = await Workshop.open({ sorting, pageSize: 10 });
    for (let i = 0; i < 150; i++) {
      const id = w.shop.place(start - 90_000 + i * 500);
      if (i % 30 === 0) w.shop.change(id, start - 400 - i, { visibleAt: start - 400 - i });
    }
    expect(await w.run()).toMatchObject({ state: 'succeeded' });
    expect(await differences(w)).toEqual([]);
    expect((await w.store.query(oddities, '7490', 'orders'))['unsorted page']).toBeGreaterThan(0);
  },
);

test('T9: an API that ignores update_time_ge is a configuration error after at most three requests', async () => {
  await using w = await Workshop.open({ pageSize: 10 });
  for (let i = 0; i < 60; i++) w.shop.place(start - 90_000 + i * 1000);
  await w.run();
  w.clock.advance(900);
  w.shop.place(w.clock.now - 10);
  const before = [await w.watermark(), await w.coverage(), await w.dump('orders')];
  const oldest = w.shop.visible(w.clock.now).slice(0, 10);
  w.api.set({ bend: () => ({ orders: oldest, total_count: 61, next_page_token: 'offset:10' }) });
  const asked = w.api.requests.length;
  const run = await w.run();
  expect(run).toMatchObject({ state: 'failed', error: { retryable: false } });
  expect(run.error?.message).toContain('the API ignores the filter on update_time');
  expect(w.api.requests.length - asked).toBeLessThanOrEqual(3);
  expect([await w.watermark(), await w.coverage(), await w.dump('orders')]).toEqual(before);
  w.api.set({ bend: (data) => data });
  expect(await w.run()).toMatchObject({ state: 'succeeded', inserted: 1 });
  expect(await differences(w)).toEqual([]);
});

test('T9: an API that ignores page_token is told after the second request that carries one', async () => {
  const world = new OrderWorld();
  world.add(350, () => ({ update_time: day, create_time: day - 100 }));
  world.bend = (data, { size, token }) =>
    token === undefined ? data : { ...data, orders: world.orders.slice(0, size), next_page_token: `offset+${size}` };
  await expect(world.read({ from: day, to: day + 1 })).rejects.toMatchObject({
    class: 'transient',
    message: `the API repeats its page tokens within second ${day}`,
  });
  expect(world.searches.filter(({ token }) => token !== undefined).length).toBeLessThanOrEqual(2);
});

/** Failures that an engine might take for the end of a list. */
test.each<[string, RequestFaultInput]>([
  ['T12: a body cut off at half, against its Content-Length', { kind: 'cut' }],
  ['T12: a body cut off at 60 %, as its Content-Length says', { kind: 'truncate' }],
  ['T12: an answer without orders that counts some', { kind: 'missing' }],
  ['T13: HTTP 200 with code 36009003 and no data', { kind: 'code', code: 36009003, http: 200 }],
])('%s is no last page: nothing is covered, and it is read again', async (_, fault) => {
  const timers = new InstantTimers();
  const world = await engineOverHttp({ timers, sandbox: { orders: 150 } });
  expect(await world.ask()).toMatchObject({ kind: 'full', state: 'succeeded' });
  const { id } = world.shop;
  const watermark = async () => (await world.store.state(id, 'orders'))?.watermark;
  const before = await watermark();
  timers.pass(3_600_000);
  const placed = Array.from({ length: 250 }, (__, i) => BEGAN + 600 + i * 10);
  for (const at of placed) world.sandbox.world.place({ at });
  const requests = world.count(SEARCH);
  // A page, the count that proves the sort, another page: the fault strikes the last one, however often it is asked.
  world.sandbox.faults.add({ ...fault, match: SEARCH, after: 3 });
  const run = await world.ask();
  expect(run).toMatchObject({ state: 'failed', seen: 199, error: { code: 'api', retryable: true } });
  expect(world.count(SEARCH) - requests).toBeGreaterThan(4);
  expect(await watermark()).toBe(before);
  const [covered] = await world.store.coverage(id, 'orders');
  expect(covered?.to).toBe(placed[198]);
  world.sandbox.faults.clear();
  expect(await world.ask()).toMatchObject({ state: 'succeeded' });
  expect(await world.stored()).toEqual(world.shown());
});
