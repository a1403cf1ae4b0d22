import { expect, test } from 'vitest';
import { z } from 'zod';

import { day } from '../store/wire.ts';
import { OrderWorld } from '../streams/order-world.ts';
import { Workshop, differences, policy, start } from './workshop.ts';

const many = 3000;
const shown = z.array(z.looseObject({ id: z.string() }));

/** Catches up with 3,000 orders. After each page one that no page has brought yet goes to the tail, if `drifts`. */
async function catchUp(walkers: number, drifts: boolean): Promise<number> {
  await using w = await Workshop.open({ pageSize: 100, walkers, tokens: 'offset' });
  await w.run();
  const unread = new Set(Array.from({ length: many }, (_, i) => w.shop.place(start + 100 + i * 30)));
  w.clock.advance(many * 30 + 1000);
  const before = w.api.requests.length;
  let moved = 0;
  w.api.set({
    bend: (data, n) => {
      for (const { id } of shown.parse(data['orders'])) unread.delete(id);
      const next = [...unread][Math.floor((unread.size * ((n * 37) % 100)) / 100)];
      if (drifts && next !== undefined) {
        w.shop.change(next, w.clock.now, { status: 'SHIPPED' });
        moved += 1;
      }
      return data;
    },
  });
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  const requests = w.api.requests.length - before;
  expect(w.api.requests.some(({ query }) => JSON.stringify(query).includes('page_token'))).toBe(false);
  if (drifts) expect(moved).toBeGreaterThanOrEqual(many / 100);
  w.api.set({ bend: (data) => data });
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  expect(await differences(w)).toEqual([]);
  expect(await w.dump('orders')).toHaveLength(many);
  return requests;
}

test.each([1, 8])(
  'T4: in a catch-up of 3,000 orders by %i walkers one goes to the tail after each page: none is lost, at 1.05x the requests',
  async (walkers) => {
    const calm = await catchUp(walkers, false);
    // A page brings 99 that are new; beside them one count proves the sort, and another half is asked with each split.
    expect(calm).toBeLessThanOrEqual(many / 99 + 4);
    expect(await catchUp(walkers, true)).toBeLessThanOrEqual(calm * 1.05);
  },
);

test('T5: an API that sorts downwards, with one old order at the end of its first page: the other nine are read', async () => {
  const world = new OrderWorld();
  world.add(1000, (n) => ({ update_time: day + 5000 + n, n }));
  world.add(1, () => ({ update_time: day + 10 }));
  const window = { from: day, to: day + 10_000 };
  // The old one stands where the hundredth would, whatever the window.
  const place = (order: Readonly<Record<string, unknown>>) => Number(order['n'] ?? 900.5);
  world.compare = (a, b) => place(b) - place(a);
  const { ids, covered } = await world.read(window);
  expect(new Set(ids).size).toBe(1001);
  expect(covered).toEqual([window]);
  expect(world.oddities).toEqual(['unsorted page']);
});

test('T6 by span: 600 orders are re-read while one leaves the span after each page: none that stayed is lost, and none that left', async () => {
  await using w = await Workshop.open({ pageSize: 100, tokens: 'offset' });
  await w.run();
  w.clock.advance(100_000);
  const [from, to] = [start + 1000, start + 7000];
  const inside = Array.from({ length: 600 }, (_, i) => w.shop.place(from + i * 10, { status: 'AWAITING_SHIPMENT' }));
  const left = new Set<string>();
  w.api.set({
    bend: (data, n) => {
      const leaving = inside[(n * 97) % 600];
      if (leaving !== undefined && !left.has(leaving)) {
        w.shop.change(leaving, w.clock.now, { status: 'IN_TRANSIT' });
        left.add(leaving);
      }
      return data;
    },
  });
  const watermark = await w.watermark();
  const partial = await w.reread(from, to);
  expect(partial).toMatchObject({ kind: 'partial', state: 'succeeded' });
  expect(left.size).toBeGreaterThanOrEqual(6);
  w.api.set({ bend: (data) => data });
  const waiting = async () =>
    (await w.dump('orders')).filter((row) => row['status'] === 'AWAITING_SHIPMENT').map((row) => row['id']);
  expect(await waiting()).toEqual(expect.arrayContaining(inside.filter((id) => !left.has(id))));
  expect(await w.watermark()).toBe(watermark);
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  expect(await waiting()).toEqual(inside.filter((id) => !left.has(id)));
  expect(await differences(w)).toEqual([]);
});

test('T47 by span, F7, rule 7: a span of noon moves neither watermark nor coverage, and the next run finds the morning', async () => {
  await using w = await Workshop.open();
  await w.run();
  const hour = 3600;
  const morning = Array.from({ length: 35 }, (_, i) => w.shop.place(start + 2 * hour + i * 100));
  w.shop.place(start + 12 * hour);
  w.clock.advance(13 * hour);
  const before = [await w.watermark(), await w.coverage(), await w.dump('sync_metadata')];
  expect(await w.reread(start + 11 * hour, w.clock.now)).toMatchObject({ kind: 'partial', seen: 1, inserted: 1 });
  expect([await w.watermark(), await w.coverage(), await w.dump('sync_metadata')]).toEqual(before);
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded', inserted: morning.length });
  expect(await differences(w)).toEqual([]);
  expect(await w.watermark()).toBe(w.clock.now - policy.settle);
});
