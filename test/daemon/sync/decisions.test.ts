import { expect, test } from 'vitest';

import { Decisions } from '../../../daemon/sync/decisions.ts';

test('who asks for the same while it is being decided shares the decision, however fast it is', async () => {
  const decisions = new Decisions<number>();
  let made = 0;
  const decide = () => Promise.resolve(++made);
  const both = await Promise.all([decisions.make({ what: 'sync' }, decide), decisions.make({ what: 'sync' }, decide)]);
  expect(both).toEqual([
    { decided: 1, isShared: false },
    { decided: 1, isShared: true },
  ]);
  expect(await decisions.make({ what: 'sync' }, decide)).toEqual({ decided: 2, isShared: false });
});

test('other asks are decided one after the other, also behind one that fails, in the order of asking', async () => {
  const decisions = new Decisions<string>();
  const gate = Promise.withResolvers<void>();
  const order: string[] = [];
  const first = decisions.make({ statuses: ['UNPAID'] }, async () => {
    order.push('first');
    await gate.promise;
    order.push('failed');
    throw new Error('refused');
  });
  const second = decisions.make({ statuses: ['ON_HOLD'] }, async () => {
    order.push('second');
    return 'ok';
  });
  const settled = decisions.settled().then(() => order.push('settled'));
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual(['first']);
  gate.resolve();
  await expect(first).rejects.toThrow('refused');
  expect(await second).toEqual({ decided: 'ok', isShared: false });
  await settled;
  expect(order).toEqual(['first', 'failed', 'second', 'settled']);
});

test('one that failed is decided anew when it is asked for again', async () => {
  const decisions = new Decisions<string>();
  const refuse = () => Promise.reject(new Error('refused'));
  await expect(Promise.all([decisions.make({}, refuse), decisions.make({}, refuse)])).rejects.toThrow('refused');
  expect(await decisions.make({}, async () => 'ok')).toEqual({ decided: 'ok', isShared: false });
});
