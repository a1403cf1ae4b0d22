import { expect, test } from 'vitest';

import { AppError } from '../../daemon/errors.ts';
import { explainOrder } from '../../daemon/why.ts';
import { EngineWorld } from './sync/engine-world.ts';
import { start } from './sync/workshop.ts';

const settled = async (world: EngineWorld): Promise<void> => {
  await world.engine.start();
  const { ended } = await world.engine.request({ what: 'sync' }, {}, 'manual');
  await ended;
};

test('rule 16: a stored order tells its runs, its statuses, and who read its span last', async () => {
  await using world = await EngineWorld.open(['1', '2']);
  const id = world.model('2').place(start - 5000, { status: 'UNPAID' });
  await settled(world);
  world.clock.advance(20);
  world.model('2').change(id, start + 10, { status: 'CANCELLED' });
  await (
    await world.engine.request({ what: 'sync' }, {}, 'manual')
  ).ended;
  const why = await explainOrder(world.store, world.engine, { id });
  expect(why).toMatchObject({ verdict: 'stored', shop: '2', updateTime: new Date((start + 10) * 1000).toISOString() });
  expect(why.events.map((event) => event.status)).toEqual(['UNPAID', 'CANCELLED']);
  const incremental = (await world.store.history({ shop: '2', kind: 'incremental', limit: 1 }))[0];
  expect(why.runId).toBe(incremental?.runId);
  expect(why.covered).toMatchObject({ runId: incremental?.runId, whole: false });
  expect(why.firstSeenAt).not.toBe(why.changedAt);
});

test('rule 16: a record set aside, one not covered yet, and one that is not there at all', async () => {
  await using world = await EngineWorld.open(['1']);
  const bad = world.model('1').place(start - 5000);
  world.api('1').set({
    bend: (data) => ({
      ...data,
      orders: (data['orders'] as { id: string }[]).map((o) => (o.id === bad ? { ...o, create_time: 'yesterday' } : o)),
    }),
  });
  await settled(world);
  expect(await explainOrder(world.store, world.engine, { id: bad })).toMatchObject({
    verdict: 'rejected',
    rejected: { reason: expect.stringContaining('create_time') },
  });
  const fresh = world.model('1').place(start);
  expect(await explainOrder(world.store, world.engine, { id: fresh })).toMatchObject({
    verdict: 'not_covered',
    shop: '1',
  });
  expect(await explainOrder(world.store, world.engine, { id: '99', shop: '1' })).toEqual({
    verdict: 'not_at_remote',
    shop: null,
    events: [],
    updateTime: null,
    covered: null,
  });
});

test('rule 16: that a record was set aside is told also while the API cannot be asked, and nothing else is', async () => {
  await using world = await EngineWorld.open(['1']);
  const bad = world.model('1').place(start - 5000);
  world.api('1').set({
    bend: (data) => ({
      ...data,
      orders: (data['orders'] as { id: string }[]).map((o) => (o.id === bad ? { ...o, create_time: 'yesterday' } : o)),
    }),
  });
  await settled(world);
  const expired = new AppError('token', 'not_authorized', 'the consent has ended');
  world.api('1').set({ before: () => Promise.reject(expired) });
  expect(await explainOrder(world.store, world.engine, { id: bad })).toMatchObject({
    verdict: 'rejected',
    shop: '1',
    rejected: { reason: expect.stringContaining('create_time') },
    updateTime: null,
    covered: null,
  });
  await expect(explainOrder(world.store, world.engine, { id: '99' })).rejects.toBe(expired);
});

test('rule 16: an order whose time is covered and that is not here is called missed', async () => {
  await using world = await EngineWorld.open(['1']);
  const id = world.model('1').place(start - 5000);
  await settled(world);
  await world.store.change((db) => db.deleteFrom('orders').execute());
  expect(await explainOrder(world.store, world.engine, { id })).toMatchObject({
    verdict: 'missed',
    covered: { whole: true },
  });
});
