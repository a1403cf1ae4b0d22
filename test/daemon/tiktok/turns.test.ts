import { expect, test } from 'vitest';

import { createTurns } from '../../../daemon/tiktok/turns.ts';

test('who comes together is let through one on each turn of the event loop, in order', async () => {
  const ownTurn = createTurns();
  const order: string[] = [];
  const work = [1, 2, 3].map(async (n) => {
    await ownTurn();
    order.push(`work ${n}`);
  });
  // What others do on each turn comes in between.
  const others = (async () => {
    for (let turn = 1; turn <= 3; turn++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      order.push(`turn ${turn}`);
    }
  })();
  await Promise.all([...work, others]);
  expect(order.filter((one) => one.startsWith('work'))).toEqual(['work 1', 'work 2', 'work 3']);
  for (const [at, one] of order.entries()) if (at > 0 && one.startsWith('work')) expect(order[at - 1]).toMatch(/^turn/);
});
