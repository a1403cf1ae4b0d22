import { expect, test } from 'vitest';

import { Pace, historySeconds, walkersFor } from '../../../daemon/sync/pace.ts';

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

const [hour, day] = [3600, 86_400];

test.each([
  { what: 'no quota', requests: 100, expected: 10 },
  { what: 'a quota that is not reached', requests: 100, left: 100, expected: 10 },
  { what: 'one request too many for today', requests: 101, left: 100, expected: 8 * hour + 0.1 },
  { what: 'the whole of tomorrow', requests: 580, left: 100, expected: 8 * hour + 48 },
  { what: 'two nights', requests: 581, left: 100, expected: 8 * hour + day + 0.1 },
  { what: 'nothing left today', requests: 480, left: 0, expected: 8 * hour + 48 },
  { what: 'a rate that never fills a day', requests: 2 * day, left: 480, rate: 0.001, expected: 2000 * day },
  { what: 'a rate that midnight stops', requests: 200, left: 480, rate: 0.005, expected: 200 / 0.005 },
])('the time that history needs, with $what', ({ requests, left, rate = 10, expected }) => {
  const history = left === undefined ? undefined : { perDay: 480, leftToday: left, nextDayMs: 8 * hour * 1000 };
  expect(historySeconds(requests, { requestsPerSecond: rate, latencyMs: 300, history })).toBeCloseTo(expected, 6);
});

test('T23: the time of arrival counts the nights that a run waits for its quota, and the wait is not taken for its speed', () => {
  const { time, now } = clock();
  let [requests, done, leftToday, midnight] = [0, 0, 480, 8 * hour * 1000 + 5000];
  const api = () => ({
    requestsPerSecond: 10,
    latencyMs: 300,
    history: { perDay: 480, leftToday, nextDayMs: midnight - time.now },
  });
  const pace = new Pace(now, { api, requests: () => requests });
  const read = (pages: number): void => {
    for (let i = 0; i < pages; i += 1) {
      time.now += 100;
      requests += 1;
      leftToday -= 1;
      done += 100;
      pace.mark(done);
    }
  };
  const total = 100_000;
  read(19);
  expect(pace.etaSeconds(total - done)).toBeNull();
  read(81);
  expect(pace.etaSeconds(total - done)).toBeCloseTo(8 * hour - 10 + day + 4, 0);
  read(380);
  time.now += 4 * hour * 1000;
  expect(pace.etaSeconds(total - done)).toBeCloseTo((midnight - time.now) / 1000 + day + 4, 0);
  expect(pace.perSecond).toBeLessThan(4);
  time.now = midnight;
  [leftToday, midnight] = [480, midnight + day * 1000];
  read(1);
  expect(pace.perSecond).toBeCloseTo(1000, 0);
  read(479);
  time.now = midnight;
  [leftToday, midnight] = [480, midnight + day * 1000];
  // Nothing is read yet today, so that there is no speed but the one the API allows.
  expect(pace.etaSeconds(total - done)).toBeCloseTo(4, 1);
  read(20);
  expect(pace.etaSeconds(total - done)).toBeCloseTo(2, 1);
});

test('T23: a share that is used up before the requests say much is waited for all the same', () => {
  const { time, now } = clock();
  const history = { perDay: 4, leftToday: 0, nextDayMs: hour * 1000 };
  const pace = new Pace(now, {
    api: () => ({ requestsPerSecond: 10, latencyMs: 300, history }),
    requests: () => 4,
  });
  expect(pace.etaSeconds(600)).toBeNull();
  time.now += 400;
  pace.mark(300);
  expect(pace.etaSeconds(600)).toBeCloseTo(hour + day + 0.4, 6);
});
