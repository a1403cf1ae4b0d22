import { expect, test } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { auditWorld, clean } from './audit-world.ts';
import { start } from './workshop.ts';

const day = 86_400;

test.each([24, 30])('an audit that has failed at request %i asks and stores no more', async (at) => {
  await using world = await auditWorld(6000);
  const { api, store } = world.workshop;
  await world.erase(world.some(20));
  const before = api.requests.length;
  let underWay = 0;
  api.set({
    before: async (count) => {
      if (count === before + at) throw new AppError('transient', 'api', 'this one fails');
      underWay += 1;
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    },
  });
  const run = await world.run();
  expect([run.state, underWay]).toEqual(['failed', 0]);
  const asked = api.requests.length;
  for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(api.requests).toHaveLength(asked);
  expect(await store.run(run.runId)).toEqual(run);
});

test.each([1, 4, 7, 11])('an audit that repairs nothing tells what a repairing one does (%i)', async (seed) => {
  await using world = await auditWorld(400, { seed });
  const ids = world.some(24);
  await world.erase(ids.slice(0, 12));
  for (const id of ids.slice(12, 18)) await world.age(id, 1 + Math.floor(world.random() * 40 * day));
  for (const id of ids.slice(18)) await world.setBack(id, 1 + Math.floor(world.random() * 3));
  const told = await world.audit(false);
  const { missing, stale } = await world.audit();
  expect(told).toMatchObject({ undecided: 0, missing, stale });
});

test('an order that tells a line item twice is not stale for ever', async () => {
  await using world = await auditWorld(100);
  const [id = ''] = world.some(1);
  const { workshop } = world;
  workshop.api.set({
    bend: (data) => ({
      ...data,
      ...(Array.isArray(data['orders']) && {
        orders: data['orders'].map((order: { id: string; line_items: unknown[] }) =>
          order.id === id ? { ...order, line_items: [...order.line_items, ...order.line_items] } : order,
        ),
      }),
    }),
  });
  workshop.shop.change(id, Math.floor(workshop.clock.now));
  workshop.clock.advance(3600);
  await workshop.run();
  workshop.clock.advance(3600);
  await world.audit();
  workshop.clock.advance(day);
  expect(await world.audit()).toMatchObject(clean);
});

test('of more old open orders than one audit asks for, others are asked from audit to audit', async () => {
  await using world = await auditWorld(10);
  const { workshop } = world;
  for (let i = 0; i < 700; i++) workshop.shop.place(start - 200 * day + i * 60, { status: 'AWAITING_SHIPMENT' });
  await workshop.sync.request({ what: 'resync', anew: true }, 'manual').then(({ ended }) => ended);
  workshop.clock.advance(7200);
  const asked = new Set<string>();
  for (let night = 0; night < 3; night++) {
    const before = workshop.api.requests.length;
    await world.audit();
    for (const { query } of workshop.api.requests.slice(before))
      for (const id of String(new Map(Object.entries(query ?? {})).get('ids') ?? '').split(','))
        if (id !== '') asked.add(id);
    workshop.clock.advance(day);
  }
  expect(asked.size).toBeGreaterThan(600);
});
