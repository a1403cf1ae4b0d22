import { expect, test } from 'vitest';

import { createAsked } from '../../../daemon/asked.ts';
import { systemTimers } from '../../../daemon/tiktok/timers.ts';
import { engineOverHttp } from './taxonomy-world.ts';

const hour = 3600;

test('T6, T47 over HTTP: orders of some statuses are read alone, and the next run brings the others', async () => {
  let ahead = 0;
  const timers = { ...systemTimers, now: () => systemTimers.now() + ahead };
  const world = await engineOverHttp({ timers, sandbox: { orders: 400, days: 30 } });
  await world.ask();
  const { world: shop } = world.sandbox;
  const settled = Math.floor(world.now());
  ahead += 6 * hour * 1000;
  const open = [...shop.orders()].filter(({ status }) => !['COMPLETED', 'CANCELLED'].includes(status)).slice(0, 60);
  expect(open).toHaveLength(60);
  for (const [i, { id }] of open.entries())
    shop.move(id, i % 2 === 0 ? 'AWAITING_COLLECTION' : 'CANCELLED', { at: settled + (i + 1) * 60, still: true });
  const has = (status: string) => [...world.shown()].filter(([, shown]) => shown.startsWith(`${status} `));
  const { ended } = await world.engine.request(
    { what: 'span', span: { from: 0, to: settled + 6 * hour }, statuses: ['AWAITING_COLLECTION'] },
    {},
    'manual',
  );
  const [run] = await ended;
  expect(run).toMatchObject({ kind: 'partial', state: 'succeeded', updated: 30, statuses: ['AWAITING_COLLECTION'] });
  expect(run?.seen).toBe(has('AWAITING_COLLECTION').length);
  const stored = await world.stored();
  for (const [id, shown] of has('AWAITING_COLLECTION')) expect(stored.get(id)).toBe(shown);
  for (const [i, { id, status, updateTime }] of open.entries())
    if (i % 2 === 1) expect(stored.get(id)).toBe(`${status} ${updateTime}`);
  expect(await world.ask()).toMatchObject({ kind: 'incremental', state: 'succeeded', updated: 30 });
  expect(await world.stored()).toEqual(world.shown());
});

test('T51 over HTTP: addresses that buyers correct are stored with the next recheck', async () => {
  const nextAsked = createAsked(0, systemTimers.now);
  const world = await engineOverHttp({ timers: systemTimers, nextAsked, sandbox: { orders: 300, days: 30 } });
  const addresses = async () => {
    const rows = await world.store.query((db) => db.selectFrom('orders').select(['id', 'payload']).execute());
    return rows.filter(({ payload }) => payload?.includes('"has_updated_recipient_address":true')).map(({ id }) => id);
  };
  await world.ask();
  const before = await addresses();
  const open = [...world.sandbox.world.orders()].filter(({ status }) => !['COMPLETED', 'CANCELLED'].includes(status));
  const moved = open.slice(0, 7).map(({ id }) => id);
  for (const id of moved) world.sandbox.world.touch(id);
  await world.ask();
  expect(await addresses()).toEqual(before);
  const { ended } = await world.engine.request({ what: 'recheck' }, {}, 'schedule');
  expect(await ended).toMatchObject([{ kind: 'recheck', state: 'succeeded', seen: open.length, updated: 7 }]);
  expect((await addresses()).toSorted()).toEqual([...new Set([...before, ...moved])].toSorted());
});
