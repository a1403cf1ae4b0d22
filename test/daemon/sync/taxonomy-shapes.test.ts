import { expect, test } from 'vitest';

import { oddities } from '../../../daemon/store/watch.ts';
import { orders } from '../../../daemon/streams/orders.ts';
import { Board } from '../../../daemon/sync/board.ts';
import { walk } from '../../../daemon/sync/walk.ts';
import { ShopBudget } from '../../../daemon/tiktok/budget.ts';
import { sleep } from '../../../daemon/tiktok/timers.ts';
import { Random } from '../../sandbox/world/random.ts';
import { InstantTimers } from '../tiktok/manual-timers.ts';
import { BEGAN, SEARCH } from '../tiktok/taxonomy-world.ts';
import { WireTimers } from '../tiktok/wire-timers.ts';
import { ModelApi } from './model-api.ts';
import { ModelShop } from './model-shop.ts';
import { engineOverHttp } from './taxonomy-world.ts';
import { start, Workshop } from './workshop.ts';

/** What an order of the API may turn into one day. */
const drift: Readonly<Record<string, (order: Record<string, unknown>) => Record<string, unknown>>> = {
  'an unknown status': (order) => ({ ...order, status: 'TELEPORTED' }),
  'a new nested object': (order) => ({ ...order, customs: { lines: [{ code: '42', duty: { amount: '1.20' } }] } }),
  'text that became a number': (order) => ({ ...order, payment: { currency: 'GBP', total_amount: 12.5 } }),
  'a number that became text': (order) => ({ ...order, paid_time: '1790000000' }),
  'a time of the order that became text': (order) => ({ ...order, create_time: String(order['create_time']) }),
  'fields that vanished': ({ payment: _payment, line_items: _items, buyer_message: _message, ...order }) => order,
};

test.each(Object.entries(drift))('T48: %s leaves the sync green, and nothing is lost', async (_, turn) => {
  await using w = await Workshop.open();
  for (let i = 0; i < 30; i++) w.shop.place(start - 90_000 + i * 1000);
  const turned = new Map<string, unknown>();
  w.api.set({
    bend: (data) => {
      const list = data['orders'];
      if (!Array.isArray(list)) return data;
      const bent = list.map((order: Record<string, unknown>) => {
        if (!String(order['id']).endsWith('7')) return order;
        const next = turn(order);
        turned.set(String(order['id']), next);
        return next;
      });
      return { ...data, orders: bent };
    },
  });
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  expect(turned.size).toBe(3);
  const stored = new Map<string, unknown>();
  for (const table of ['orders', 'rejected_records']) {
    for (const { id, record_id: recordId, payload } of await w.dump(table))
      stored.set(String(recordId ?? id), JSON.parse(String(payload)));
  }
  expect(stored.size).toBe(30);
  for (const [id, order] of turned) expect(stored.get(id)).toEqual(order);
});

test('T48, rule 14: what is new in the shape of orders is told once each in status, and a blank address is kept', async () => {
  await using w = await Workshop.open();
  const address = { full_address: 'Elm Street 1' };
  let turn = (order: Record<string, unknown>): Record<string, unknown> => order;
  w.api.set({
    bend: (data) => {
      const list = data['orders'];
      if (!Array.isArray(list)) return data;
      return {
        ...data,
        orders: list.map((order: Record<string, unknown>) => turn({ ...order, recipient_address: address })),
      };
    },
  });
  for (let i = 0; i < 30; i++) w.shop.place(start - 90_000 + i * 1000);
  await w.run();
  expect(await w.store.query(oddities, '7490', 'orders')).toEqual({});

  const turns = [
    ...Object.values(drift).slice(0, 3),
    (order: Record<string, unknown>) => ({ ...order, recipient_address: { full_address: '' } }),
  ];
  turn = (order) => turns[Number(String(order['id']).slice(-1))]?.(order) ?? order;
  w.clock.advance(900);
  const told = {
    'new status TELEPORTED': 1,
    'new field customs': 1,
    'new field customs.lines': 1,
    'payment.total_amount became number': 1,
    'personal fields came back blank': 3,
    'silent edit': 9,
  };
  expect(await w.reread(start - 100_000, start)).toMatchObject({ state: 'succeeded', updated: 9 });
  expect(await w.store.query(oddities, '7490', 'orders')).toEqual(told);
  const blank = (await w.dump('orders')).filter(({ payload }) => !String(payload).includes('Elm Street'));
  expect(blank).toEqual([]);
  await w.reread(start - 100_000, start);
  expect(await w.store.query(oddities, '7490', 'orders')).toMatchObject({
    ...told,
    'personal fields came back blank': 6,
  });
});

test.each(['repeat', 'cycle'] as const)(
  'T26: page tokens that %s are named, waste few requests, and the next run reads it all',
  async (how) => {
    const world = await engineOverHttp({ timers: new InstantTimers() });
    // Ties in both times: the one place where page tokens are needed.
    world.sandbox.world.burst(350, BEGAN - 5000);
    expect(await world.ask()).toMatchObject({ state: 'succeeded' });
    expect(await world.stored()).toEqual(world.shown());
    const clean = world.count(SEARCH);
    const again = await engineOverHttp({ timers: new InstantTimers() });
    again.sandbox.world.burst(350, BEGAN - 5000);
    again.sandbox.faults.add({ kind: 'token', how, match: SEARCH });
    const run = await again.ask();
    expect(run).toMatchObject({ state: 'failed', error: { code: 'api', retryable: true } });
    expect(run.error?.message).toMatch(/token/);
    expect(again.count(SEARCH)).toBeLessThanOrEqual(clean + 5);
    again.sandbox.faults.clear();
    expect(await again.ask()).toMatchObject({ state: 'succeeded' });
    expect(await again.stored()).toEqual(again.shown());
  },
);

/** Forty windows through a budget of one request at a time, with commits that take as long as they like. */
async function oneAtATime(seed: number): Promise<number> {
  const timers = new WireTimers();
  const random = new Random(seed);
  const shop = new ModelShop();
  for (let i = 0; i < 400; i++) shop.place(start - 40_000 + i * 100);
  const model = new ModelApi({ shop, now: () => start, pageSize: 7 });
  const budget = new ShopBudget({ ceiling: 50, start: () => 50, concurrency: 1, timers });
  const { signal } = new AbortController();
  const api: typeof model.call = async (request, options) => {
    const lease = await budget.acquire(request.path, options.priority, options.signal);
    try {
      await sleep(timers, random.between(0, 300), options.signal);
      return await model.call(request, options);
    } finally {
      lease.release();
    }
  };
  const windows = Array.from({ length: 40 }, (_, i) => ({
    from: start - 40_000 + i * 1000,
    to: start - 39_000 + i * 1000,
  }));
  const ids = new Set<string>();
  const work = walk({
    stream: orders,
    board: new Board(windows, orders.pageSize),
    context: { api: { shop: model.shop, call: api }, priority: 'history', signal, proof: {}, odd: () => undefined },
    walkers: () => (seed % 2 === 0 ? 1 : 8),
    store: async (page) => {
      await sleep(timers, random.chance(0.2) ? random.between(0, 5000) : 0, signal);
      for (const { id } of page.records) ids.add(id);
    },
    advanced: () => undefined,
  });
  await timers.until(work);
  expect([budget.underWay, budget.waiting]).toEqual([0, 0]);
  return ids.size;
}

test('T31: one request at a time, forty windows and slow commits always come to an end', async () => {
  for (let seed = 0; seed < 200; seed += 1) expect([seed, await oneAtATime(seed)]).toEqual([seed, 400]);
}, 60_000);
