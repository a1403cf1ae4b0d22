import { expect, test } from 'vitest';

import { leastBetweenMs, phaseOf } from '../../../daemon/schedule/rules.ts';

const minute = 60_000;

test.each([
  [null, minute],
  [1_000_000, minute],
  [10_000, 86_400],
  [2000, 432_000],
  [100, 60 * minute],
  [1, 60 * minute],
])('of a quota of %s requests a day, what runs between the ticks takes a tenth: %i ms apart', (perDay, expected) => {
  expect(leastBetweenMs(perDay)).toBe(expected);
});

test('the jitter of a stream is its own, and always the same', () => {
  const all = Array.from({ length: 200 }, (_, i) => phaseOf('7491', `stream ${i}`));
  expect(phaseOf('7491', 'stream 7')).toBe(all[7]);
  expect(new Set(all).size).toBe(all.length);
  for (const phase of all) expect(phase >= 0 && phase < 1).toBe(true);
  expect(all.reduce((sum, phase) => sum + phase, 0) / all.length).toBeCloseTo(0.5, 1);
});
