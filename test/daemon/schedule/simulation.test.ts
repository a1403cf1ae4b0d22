import { expect, test } from 'vitest';

import { nextSync } from '../../../daemon/schedule/cadence.ts';
import { type Rhythm, learnRhythm } from '../../../daemon/schedule/rhythm.ts';
import { day, hour, ordersOf, stored } from './orders-world.ts';

const timeZone = 'Europe/London';
const start = Date.parse('2026-11-02T00:00:00Z');

interface Figures {
  /** A day. */
  readonly runs: number;
  /** A day, from 00:00 to 06:00. */
  readonly byNight: number;
  /** Minutes from the creation of an order to the run that reads it. */
  readonly meanAge: number;
  readonly p95: number;
}

/** So many days of a shop whose last four weeks are stored, learned anew every day. */
function sync(orders: readonly number[], days: number, adaptive: boolean): Figures {
  const ages: number[] = [];
  let [runs, byNight, read] = [0, 0, orders.findIndex((at) => at >= start)];
  let learned: { readonly day: number; readonly rhythm: Rhythm } | undefined;
  for (let last = start; ;) {
    const today = Math.floor(last / day);
    if (learned?.day !== today)
      learned = { day: today, rhythm: learnRhythm(stored(orders.slice(0, read)), timeZone, last) };
    const recentFrom = last - hour;
    let recentPerHour = 0;
    while ((orders[read - 1 - recentPerHour] ?? 0) > recentFrom) recentPerHour++;
    const { rhythm } = learned;
    const { at } = nextSync({
      pattern: '*/15 * * * *',
      timeZone,
      adaptive,
      rhythm,
      recentPerHour,
      lastRunAt: last,
      now: last,
      leastMs: 0,
      phase: 0.3,
    });
    if (at === null || at >= start + days * day) break;
    runs++;
    if (new Date(at).getUTCHours() < 6) byNight++;
    for (let created = orders[read]; created !== undefined && created < at; created = orders[++read])
      ages.push((at - created) / 60_000);
    last = at;
  }
  ages.sort((a, b) => a - b);
  return {
    runs: runs / days,
    byNight: byNight / days,
    meanAge: ages.reduce((sum, age) => sum + age, 0) / ages.length,
    p95: ages[Math.floor(ages.length * 0.95)] ?? Number.NaN,
  };
}

/** Most of: runs, runs by night, mean age and p95 of it, each against polling every 15 minutes. */
test.each([
  { name: 'a small shop', perDay: 20, days: 28, runs: 1.03, byNight: 0.42, meanAge: 0.88, p95: 1 },
  { name: 'a middle one', perDay: 300, days: 14, runs: 1.03, byNight: 0.52, meanAge: 0.85, p95: 0.9 },
  { name: 'a busy one', perDay: 3000, days: 4, runs: 3.2, byNight: 0.58, meanAge: 0.31, p95: 0.36 },
])('$name of $perDay orders a day is read when its orders come', ({ name, perDay, days, ...most }) => {
  const orders = ordersOf(perDay, timeZone, start - 28 * day, start + days * day, perDay);
  const [polled, adapted] = [sync(orders, days, false), sync(orders, days, true)];
  expect(polled.runs).toBeCloseTo(96, 0);
  const ratio = (key: keyof Figures) => adapted[key] / polled[key];
  for (const key of ['runs', 'byNight', 'meanAge', 'p95'] as const)
    expect(ratio(key), `${name}: ${key}, ${adapted[key]} against ${polled[key]}`).toBeLessThan(most[key]);
  // Polling as often as this ran, evenly over the day, would read them later: age × runs is what counts.
  expect(ratio('runs') * ratio('meanAge')).toBeLessThan(0.9);
});

test('a shop that hardly sells needs half of the runs', () => {
  const orders = ordersOf(3, timeZone, start - 28 * day, start + 14 * day, 3);
  expect(sync(orders, 14, true).runs).toBeLessThan(48);
});
