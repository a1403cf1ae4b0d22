import { expect, test } from 'vitest';

import { markDamaged } from '../../../daemon/store/audit-scan.ts';
import { orderTable } from '../../../daemon/store/orders.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import { auditWorld, clean } from './audit-world.ts';
import { differences } from './workshop.ts';

test.each([3, 8, 14, 19])('cancelled or killed after %i requests, an audit leaves nothing behind', async (requests) => {
  let left = Number.POSITIVE_INFINITY;
  await using world = await auditWorld(1000, {
    before: async () => {
      left -= 1;
      if (left === 0) void world.workshop.sync.stop(new Stopped('cancelled'));
    },
  });
  await world.erase(world.some(6));
  const aged = world.some(4);
  for (const id of aged) await world.setBack(id, 2);
  left = requests;
  const cut = await world.run();
  left = Number.POSITIVE_INFINITY;
  expect(cut).toMatchObject({ state: 'cancelled', inserted: expect.any(Number) });
  expect(cut.audit).toBeUndefined();
  const rest = await world.audit();
  expect(cut.inserted + rest.missing).toBe(6);
  expect(await differences(world.workshop)).toEqual([]);
  expect(await world.audit()).toMatchObject(clean);
});

test('a row that was being mended when the daemon was killed is found again', async () => {
  await using world = await auditWorld(200);
  const [id = ''] = world.some(1);
  await world.sql(`update orders set status = 'UNPAID', update_time = 5 where id = '${id}'`);
  await world.workshop.store.change(markDamaged, orderTable, '7490', 'killed', [id]);
  await world.workshop.restart();
  expect(await world.audit()).toMatchObject({ stale: 1, missing: 0 });
  expect(await differences(world.workshop)).toEqual([]);
  expect(await world.audit()).toMatchObject(clean);
});

test('killed in the middle, the next daemon finds a store that an audit makes whole', async () => {
  await using world = await auditWorld(1000);
  const { workshop } = world;
  await world.erase(world.some(8));
  const stopped = Promise.withResolvers<void>();
  const before = workshop.api.requests.length;
  workshop.api.set({
    before: () => {
      if (workshop.api.requests.length - before < 15) return undefined;
      stopped.resolve();
      return new Promise(() => undefined);
    },
  });
  await workshop.sync.request({ what: 'audit', repair: true }, 'manual');
  await stopped.promise;
  await workshop.restart();
  const kinds = (await workshop.store.history({ limit: 5 })).filter(({ state }) => state === 'interrupted');
  expect(kinds).toMatchObject([{ kind: 'audit' }]);
  const { inserted = 0 } = kinds[0] ?? {};
  expect(inserted).toBeLessThan(8);
  expect((await world.audit()).missing).toBe(8 - inserted);
  expect(await differences(workshop)).toEqual([]);
});

test('cancelled while it looks through the rows, it ends as cancelled', async () => {
  let isAuditing = false;
  await using world = await auditWorld(1000, {
    ran: (run) => {
      if (!isAuditing || run.kind !== 'incremental' || run.state !== 'succeeded') return;
      setImmediate(() => void world.workshop.sync.stop(new Stopped('cancelled')));
    },
  });
  isAuditing = true;
  const before = world.workshop.api.requests.length;
  expect(await world.run()).toMatchObject({ state: 'cancelled', requests: 0 });
  // The live run's alone.
  expect(world.workshop.api.requests.length - before).toBeLessThanOrEqual(2);
});
