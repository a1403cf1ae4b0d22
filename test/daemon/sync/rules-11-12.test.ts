import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test, vi } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { EngineWorld } from './engine-world.ts';
import type { Held } from './heap-probe.ts';
import { Workshop, differences, start } from './workshop.ts';

const shop = '7490';
const orderId = (data: unknown) => (data as { id: string }).id;
const withOrders =
  (change: (order: Record<string, unknown>) => Record<string, unknown>) => (data: Record<string, unknown>) => ({
    ...data,
    orders: (data['orders'] as Record<string, unknown>[]).map(change),
  });

/** What the engine of a process of its own held while it read so many orders, and over so many runs after that. */
async function held(orders: number, cycles: number): Promise<Held> {
  const probe = fileURLToPath(new URL('heap-probe.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', probe, String(orders), String(cycles)],
    { timeout: 60_000 },
  );
  return JSON.parse(stdout) as Held;
}

test('rule 11, T32: what the engine holds does not grow with the number of orders, nor with the number of runs', async () => {
  const few = await held(2000, 50);
  const many = await held(40_000, 0);
  expect([few.stored, many.stored]).toEqual([12_000, 40_000]);
  // Twenty times the orders, whose text alone is 120 MB.
  expect(many.historyMiB - few.historyMiB).toBeLessThan(4);
  const [first = 0] = few.cyclesMiB;
  const last = few.cyclesMiB.at(-1) ?? Number.POSITIVE_INFINITY;
  expect(few.cyclesMiB).toHaveLength(10);
  expect((last - first) / 45).toBeLessThan(0.1);
}, 60_000);

/*
 * Rule 12: webhooks are not built: there is no listener, no signature that is verified, no inbox. What is there, and what
 * these tests hold, is the path that a nudge will take: orders are read by id and stored through the commit that pages go
 * through, runs are asked for as often as anybody likes, and the schedule ticks on.
 */

/** A shop that is synced, but for one order that was set aside: each run asks for it by its id. */
async function withOneToAsk(): Promise<{ readonly w: Workshop; readonly id: string }> {
  const w = await Workshop.open();
  for (let i = 0; i < 15; i++) w.shop.place(start - 9000 + i);
  const id = w.shop.place(start - 8000);
  w.api.set({ bend: withOrders((o) => ({ ...o, recipient_address: { name: 'A***' } })) });
  await w.run();
  w.api.set({ bend: withOrders((o) => (orderId(o) === id ? { ...o, status: 7 } : o)) });
  await w.reread(start - 8000, start - 7999);
  expect(await w.dump('rejected_records')).toMatchObject([{ record_id: id }]);
  w.api.set({ bend: (data) => data });
  w.clock.advance(900);
  return { w, id };
}

const rowOf = async (w: Workshop, id: string) => (await w.dump('orders')).find((row) => row['id'] === id);

test('rule 12: what is read by id is stored and counted like a page, and covers nothing', async () => {
  const { w, id } = await withOneToAsk();
  await using _ = w;
  w.shop.change(id, start + 100, { status: 'SHIPPED' });
  const before = { coverage: await w.coverage(), watermark: await w.watermark() };
  w.api.set({
    before: (_n, { method }) => {
      if (method === 'POST') throw new AppError('transient', 'api', 'down');
    },
  });
  // The pages fail, so that all this run stored came by id.
  const numbers = { seen: 1, inserted: 0, updated: 1, unchanged: 0, rejected: 0 };
  expect(await w.run()).toMatchObject({ state: 'failed', ...numbers });
  expect(await rowOf(w, id)).toMatchObject({ status: 'SHIPPED', update_time: start + 100 });
  expect(await w.dump('order_events')).toHaveLength(17);
  expect(await w.dump('rejected_records')).toEqual([]);
  expect({ coverage: await w.coverage(), watermark: await w.watermark() }).toEqual(before);
});

test.each([
  ['an older version', { update_time: start - 8500, status: 'UNPAID', note: 'old' }, 'unchanged'],
  ['one with blank personal fields', { recipient_address: { name: '' } }, 'unchanged'],
  ['one without status', { status: null }, 'rejected'],
])('rule 12: %s that is read by id replaces nothing', async (_name, answered, counted) => {
  const { w, id } = await withOneToAsk();
  await using _ = w;
  const before = await rowOf(w, id);
  w.api.set({
    bend: (data) => ('total_count' in data ? data : withOrders((o) => ({ ...o, ...answered }))(data)),
  });
  expect(await w.run()).toMatchObject({ state: 'succeeded', seen: 1, [counted]: 1 });
  expect(await rowOf(w, id)).toEqual(before);
});

test('rule 12: an order that a full resync was not shown is read by id, and its new version stored', async () => {
  const { w, id } = await withOneToAsk();
  await using _ = w;
  await w.run();
  w.shop.change(id, w.clock.now - 1, { status: 'SHIPPED' });
  w.api.set({
    pageSize: 100,
    bend: (data) => {
      if (!('total_count' in data)) return data;
      const orders = (data['orders'] as unknown[]).filter((o) => orderId(o) !== id);
      return { ...data, orders, total_count: orders.length };
    },
  });
  const { ended } = await w.sync.request({ what: 'resync' }, 'manual');
  expect(await ended).toMatchObject({ state: 'succeeded', updated: 1, localOnly: 0 });
  expect(await rowOf(w, id)).toMatchObject({ status: 'SHIPPED' });
  expect(await differences(w)).toEqual([]);
});

test('rule 12: polling goes on: nine nudges neither move a tick of the schedule nor take its place', async () => {
  await using w = await EngineWorld.open([shop]);
  w.model(shop).place(start - 5000);
  w.pattern = '*/15 * * * *';
  await w.engine.start();
  await w.settled(shop);
  const [unit] = w.engine.units;
  const tick = Math.ceil(start / 900) * 900_000;
  expect(unit?.schedule.nextAt).toBe(tick);
  for (let nudge = 0; nudge < 9; nudge++) {
    w.clock.advance(10);
    await (
      await w.engine.request({ what: 'sync' }, {}, 'manual')
    ).ended;
    expect(unit?.schedule.nextAt).toBe(tick);
  }
  const triggers = () => w.runs.filter((run) => run.state === 'succeeded').map((run) => run.trigger);
  expect(triggers().filter((trigger) => trigger === 'schedule')).toEqual([]);
  w.clock.advance(tick / 1000 - w.clock.now);
  await vi.waitFor(() => expect(triggers().at(-1)).toBe('schedule'));
  expect(unit?.schedule.nextAt).toBe(tick + 900_000);
});
