import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { learnRhythm } from '../../../daemon/schedule/rhythm.ts';
import type { Arrivals } from '../../../daemon/store/arrivals.ts';
import { day, hour, ordersOf, stored, trueRate } from './orders-world.ts';

const zone = 'Europe/London';
/** A Monday. */
const now = Date.parse('2026-11-23T00:00:00Z');
const weeks = (count: number) => count * 7 * day;
const hourOf = (text: string) => Math.floor(Date.parse(text) / hour);

/** The same number of orders in every hour of the last 4 weeks, but for some hours. */
function even(count: number, others: Readonly<Record<string, number>> = {}): Arrivals {
  const perHour = new Map<number, number>();
  for (let at = now - weeks(4); at < now; at += hour) perHour.set(at / hour, count);
  for (const [text, other] of Object.entries(others)) perHour.set(hourOf(text), other);
  return { perHour, oldest: (now - weeks(4)) / 1000 - 1 };
}

describe.each([
  [20, 0.7],
  [300, 0.25],
  [3000, 0.08],
])('a shop of %i orders a day', (perDay, most) => {
  test('is known after 4 weeks, hour by hour', () => {
    const orders = ordersOf(perDay, zone, now - weeks(4), now, 5);
    const rhythm = learnRhythm(stored(orders), zone, now);
    expect(rhythm.isLearned).toBe(true);
    expect(rhythm.meanPerHour / (orders.length / (28 * 24))).toBeCloseTo(1, 1);
    let off = 0;
    for (let at = now; at < now + weeks(1); at += hour)
      off += Math.abs(rhythm.perHour(at) - trueRate(perDay, zone, at));
    // The error of all hours of the week against all orders of the week.
    expect(off / (perDay * 7)).toBeLessThan(most);
  });
});

test('smoothing beats counting: the error of a small shop is less than that of its bare counts', () => {
  const perDay = 20;
  let [smooth, bare] = [0, 0];
  const { perHour, oldest } = stored(ordersOf(perDay, zone, now - weeks(4), now, 11));
  const rhythm = learnRhythm({ perHour, oldest }, zone, now);
  for (let at = now; at < now + weeks(1); at += hour) {
    const truth = trueRate(perDay, zone, at);
    let count = 0;
    for (let week = 1; week <= 4; week++) count += perHour.get((at - weeks(week)) / hour) ?? 0;
    bare += (count / 4 - truth) ** 2;
    smooth += (rhythm.perHour(at) - truth) ** 2;
  }
  expect(smooth / bare).toBeLessThan(0.5);
});

test('nobody is known before the store holds 7 days of orders', () => {
  const since = (ms: number) => learnRhythm({ perHour: new Map(), oldest: (now - ms) / 1000 }, zone, now).isLearned;
  expect(since(weeks(1) - 1000)).toBe(true);
  expect(since(weeks(1) - hour)).toBe(false);
  const empty = learnRhythm({ perHour: new Map(), oldest: null }, zone, now);
  expect([empty.isLearned, empty.meanPerHour, empty.perHour(now)]).toEqual([false, 0, 0]);
});

test('hours before the oldest order are not taken for idle ones', () => {
  const perHour = new Map<number, number>();
  for (let at = now - weeks(1); at < now; at += hour) perHour.set(at / hour, 6);
  expect(learnRhythm({ perHour, oldest: (now - weeks(1)) / 1000 }, zone, now).meanPerHour).toBeCloseTo(6, 9);
});

test('what is older than 4 weeks, and what may not have been read yet, says nothing', () => {
  const known = even(6);
  const more = new Map(known.perHour);
  more.set(hourOf('2026-10-20T12:00:00Z'), 10_000).set(hourOf('2026-11-22T23:00:00Z'), 0);
  const rhythm = learnRhythm({ ...known, perHour: more }, zone, now);
  expect(rhythm.meanPerHour).toBeCloseTo(6, 9);
});

test('a single wild week moves its hour by a part of it, and an empty one does not silence it', () => {
  const saturday = Date.parse('2026-11-28T12:30:00Z');
  const wild = learnRhythm(even(8, { '2026-11-14T12:00:00Z': 108 }), zone, now);
  expect(wild.perHour(saturday)).toBeGreaterThan(8 + 100 / 8);
  expect(wild.perHour(saturday)).toBeLessThan(8 + 100 / 6);
  expect(wild.perHour(saturday - 2 * day)).toBeLessThan(8 * 1.2);
  const gone = ['2026-10-31', '2026-11-07', '2026-11-14', '2026-11-21'].map(
    (date) => [`${date}T12:00:00Z`, 0] as const,
  );
  expect(learnRhythm(even(8, Object.fromEntries(gone)), zone, now).perHour(saturday)).toBeGreaterThan(3);
});

test('a day of the week without orders is known for it', () => {
  const perHour = new Map([...even(8).perHour].filter(([at]) => new Date(at * hour).getUTCDay() !== 0));
  const rhythm = learnRhythm({ perHour, oldest: (now - weeks(4)) / 1000 - 1 }, zone, now);
  expect(rhythm.perHour(now + 6.5 * day) / rhythm.perHour(now + 5.5 * day)).toBeLessThan(0.2);
});

test('hours are those of the wall, through a change of clocks and where they begin at half past', () => {
  // A rush at nine by the wall, every day: at 08:00 UTC before the 25th of October, at 09:00 UTC from then on.
  const perHour = new Map<number, number>();
  for (let at = Date.parse('2026-10-12T00:00:00Z'); at < Date.parse('2026-11-08T00:00:00Z'); at += day) {
    const isSummer = at < Date.parse('2026-10-25T00:00:00Z');
    perHour.set((at + (isSummer ? 8 : 9) * hour) / hour, 90);
  }
  const later = Date.parse('2026-11-09T00:00:00Z');
  const rhythm = learnRhythm({ perHour, oldest: later / 1000 - 28 * 86_400 }, zone, later);
  const [eight, nine, ten] = [8, 9, 10].map((clock) => rhythm.perHour(later + clock * hour));
  expect(nine).toBeGreaterThan(60);
  expect(eight).toBeCloseTo(ten ?? 0, 9);
  expect(eight).toBeLessThan(20);

  const daily = Array.from({ length: 28 }, (_, back) => [(later - (back + 1) * day + 8 * hour) / hour, 90] as const);
  const half = { perHour: new Map(daily), oldest: later / 1000 - 28 * 86_400 };
  const india = learnRhythm(half, 'Asia/Kolkata', later);
  const at = (clock: string) => india.perHour(Date.parse(`2026-11-10T${clock}:00+05:30`));
  // 08:00 UTC is 13:30 there: half of its orders belong to 13:00, half to 14:00.
  expect(at('14:15')).toBeGreaterThan(at('12:15') * 2);
  expect(at('14:15')).toBeCloseTo(at('13:15'), 9);
});

test('whatever the orders, rates are finite, grow with them evenly, and add up to what was seen', () => {
  const counts = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 4000 })), {
    minLength: 672,
    maxLength: 672,
  });
  fc.assert(
    fc.property(counts, fc.constantFrom('Europe/London', 'America/New_York', 'Asia/Kolkata'), (all, timeZone) => {
      const of = (factor: number) =>
        learnRhythm(
          { perHour: new Map(all.map((count, i) => [now / hour - 672 + i, count * factor])), oldest: 0 },
          timeZone,
          now,
        );
      const [once, twice] = [of(1), of(2)];
      const mean = all.slice(0, -1).reduce((sum, count) => sum + count, 0) / 671;
      expect(once.meanPerHour).toBeGreaterThanOrEqual(mean * 0.75);
      expect(once.meanPerHour).toBeLessThanOrEqual(mean * 1.25);
      for (let at = now; at < now + weeks(1); at += hour) {
        expect(once.perHour(at)).toBeGreaterThanOrEqual(0);
        expect(twice.perHour(at)).toBeCloseTo(once.perHour(at) * 2, 6);
      }
    }),
    { numRuns: 25, seed: 20_261_122 },
  );
});
