import { expect, test } from 'vitest';

import { Pace, walkersFor } from '../../../daemon/sync/pace.ts';

/** Monotonic milliseconds in the test's hand. */
function clock() {
  const time = { now: 5000 };
  return { time, now: () => time.now };
}

test.each([
  [10, 400, 8, 4],
  [50, 1000, 8, 8],
  [3, 20, 8, 1],
  [10, 0, 8, 1],
  [10, 450, 8, 5],
])('%i requests a second at %i ms, %i at once: %i walkers', (rate, latency, concurrency, walkers) => {
  expect(walkersFor(rate, latency, concurrency)).toBe(walkers);
});

test('the rate is that of the last seconds, not of the whole run', () => {
  const { time, now } = clock();
  const pace = new Pace(now);
  for (let i = 1; i <= 60; i++) {
    time.now += 1000;
    pace.mark(i * 100);
  }
  expect(pace.perSecond).toBeCloseTo(100, 0);
  for (let i = 1; i <= 30; i++) {
    time.now += 1000;
    pace.mark(6000 + i * 10);
  }
  expect(pace.perSecond).toBeCloseTo(10, 0);
  expect(pace.etaSeconds(50)).toBeCloseTo(5, 0);
});

test('many marks a second measure the same as few', () => {
  const { time, now } = clock();
  const pace = new Pace(now);
  for (let i = 1; i <= 50_000; i++) {
    time.now += 1;
    pace.mark(i);
  }
  expect(pace.perSecond).toBeCloseTo(1000, -1);
});

test('a run that stands still is not shown at the rate it once had', () => {
  const { time, now } = clock();
  const pace = new Pace(now);
  for (let i = 1; i <= 10; i++) {
    time.now += 1000;
    pace.mark(i * 100);
  }
  time.now += 90_000;
  expect(pace.perSecond).toBeLessThan(11);
  expect(pace.etaSeconds(1000)).toBeGreaterThan(90);
});

test('what an earlier run has read is no speed of this one', () => {
  const { time, now } = clock();
  const pace = new Pace(now, { done: 50_000 });
  time.now += 1000;
  pace.mark(50_100);
  expect(pace.perSecond).toBe(100);
});

test('without a rate or a total there is no time of arrival', () => {
  const { time, now } = clock();
  const pace = new Pace(now);
  expect(pace.perSecond).toBe(0);
  expect(pace.etaSeconds(100)).toBeNull();
  time.now += 1000;
  pace.mark(10);
  expect(pace.etaSeconds(null)).toBeNull();
  expect(pace.etaSeconds(0)).toBe(0);
});
