import { expect, test } from 'vitest';

import { Allowance } from '../../../daemon/sync/allowance.ts';

test('no more than so many within any minute, and the wait is told', () => {
  let now = 5_000_000;
  const allowance = new Allowance(3, () => now);
  expect([allowance.take(), allowance.take()]).toEqual([0, 0]);
  now += 20_000;
  expect([allowance.take(), allowance.take(), allowance.take()]).toEqual([0, 40_000, 40_000]);
  now += 39_999;
  expect(allowance.take()).toBe(1);
  now += 1;
  // The two of the first second have left the minute, the third has not.
  expect([allowance.take(), allowance.take(), allowance.take()]).toEqual([0, 0, 20_000]);
});
