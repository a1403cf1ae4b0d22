import { expect, test } from 'vitest';

import { systemTimers } from '../../../daemon/tiktok/timers.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { engineOverHttp } from './taxonomy-world.ts';

const hour = 3600;

/** A shop behind a socket, the real client, engine and database, and a clock that a test puts forward. */
async function shopOf(orders: number, days: number) {
  let ahead = 0;
  const timers = { ...systemTimers, now: () => systemTimers.now() + ahead };
  const world = await engineOverHttp({ timers, sandbox: { orders, days } });
  // The world itself has asked which shops there are.
  world.sandbox.requests.reset();
  const pass = (seconds: number): void => {
    ahead += seconds * 1000;
  };
  return { ...world, pass };
}

/** Every request that came in since the counters were set to nothing, whatever it asked. */
const counted = ({ requests }: Sandbox): number =>
  Object.values(requests.toJSON().paths).reduce((sum, { total }) => sum + total, 0);

test('the first sync of a shop of last month with 20 orders takes at most 4 requests, the list of shops included', async () => {
  const { sandbox, ask, stored, shown } = await shopOf(20, 30);
  expect(await ask()).toMatchObject({ kind: 'full', state: 'succeeded', inserted: 20 });
  expect(await stored()).toEqual(shown());
  console.log(`first sync of 20 orders: ${counted(sandbox)} requests`);
  expect(counted(sandbox)).toBeLessThanOrEqual(4);
});

test.each([
  { changes: 0, most: 2 },
  { changes: 50, most: 2 },
  { changes: 500, most: 7 },
])('an incremental run with $changes changes takes at most $most requests', async ({ changes, most }) => {
  const { sandbox, ask, stored, shown, now, pass } = await shopOf(1500, 400);
  await ask();
  const settled = Math.floor(now());
  pass(hour);
  const open = [...sandbox.world.orders()].filter(({ status }) => !['COMPLETED', 'CANCELLED'].includes(status));
  const moved = open.slice(0, changes / 2);
  // Spread over the hour, old orders that move on between new ones.
  for (let i = 0; i < changes; i += 1) {
    const change = { at: settled + Math.floor(((i + 1) * (hour - 1)) / (changes + 1)), still: true };
    const [order] = i % 2 === 0 ? moved.splice(0, 1) : [];
    if (order === undefined) sandbox.world.place(change);
    else sandbox.world.move(order.id, undefined, change);
  }
  sandbox.requests.reset();
  const run = await ask();
  expect(run).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  expect(run.inserted + run.updated).toBe(changes);
  expect(await stored()).toEqual(shown());
  console.log(`incremental run with ${changes} changes (${run.updated} of known orders): ${counted(sandbox)} requests`);
  expect(run.requests).toBe(counted(sandbox));
  expect(counted(sandbox)).toBeLessThanOrEqual(most);
});
