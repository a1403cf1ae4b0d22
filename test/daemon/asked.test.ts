import { expect, test } from 'vitest';

import { createAsked } from '../../daemon/asked.ts';

test('positions follow the clock, and grow when it stands still or is set back', () => {
  let now = 1000;
  const asked = createAsked(0, () => now);
  expect([asked(), asked(), asked()]).toEqual([1000, 1001, 1002]);
  now = 5000;
  expect(asked()).toBe(5000);
  now = 10;
  expect([asked(), asked()]).toEqual([5001, 5002]);
});

test('after a restart they are greater than every one that was stored', () => {
  expect(createAsked(9000, () => 1000)()).toBe(9001);
  expect(createAsked(9000, () => 20_000)()).toBe(20_000);
});
