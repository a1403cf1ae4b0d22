import fc from 'fast-check';
import { expect, test } from 'vitest';

import { lastTickIn, tickAfter, usualInterval } from '../../../daemon/schedule/ticks.ts';

const at = Date.parse;
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test('the next tick is later than the moment asked about, to the millisecond', () => {
  const tick = at('2026-11-22T10:15:00Z');
  expect(tickAfter('*/15 * * * *', 'Europe/London', tick - 1)).toBe(tick);
  expect(tickAfter('*/15 * * * *', 'Europe/London', tick)).toBe(tick + 15 * minute);
  expect(tickAfter('*/15 * * * *', 'Europe/London', tick + 999)).toBe(tick + 15 * minute);
});

test('ticks go by the clock of the time zone, through both of its changes', () => {
  const daily = (zone: string, after: string) => new Date(tickAfter('30 2 * * *', zone, at(after)) ?? 0).toISOString();
  expect(daily('Asia/Jakarta', '2026-11-22T00:00:00Z')).toBe('2026-11-22T19:30:00.000Z');
  // 02:30 is left out: the first moment behind the gap stands for it. When it occurs twice, it comes once.
  expect(daily('America/New_York', '2026-03-08T05:00:00Z')).toBe('2026-03-08T07:00:00.000Z');
  expect(daily('America/New_York', '2026-03-08T07:00:00Z')).toBe('2026-03-09T06:30:00.000Z');
  expect(new Date(tickAfter('30 1 * * *', 'Europe/London', at('2026-10-25T00:30:00Z')) ?? 0).toISOString()).toBe(
    '2026-10-26T01:30:00.000Z',
  );
});

test('the last tick of a span is the one that counting forward ends on', () => {
  const begin = at('2026-03-28T20:00:00Z');
  fc.assert(
    fc.property(
      fc.constantFrom('*/15 * * * *', '7,52 * * * *', '0 */2 * * *', '30 1 * * *'),
      fc.integer({ min: 0, max: 8 * hour }),
      fc.integer({ min: 0, max: 4 * hour }),
      (pattern, after, length) => {
        const from = begin + after;
        let last: number | null = null;
        for (let tick = tickAfter(pattern, 'Europe/London', from); tick !== null && tick <= from + length;) {
          last = tick;
          tick = tickAfter(pattern, 'Europe/London', tick);
        }
        expect(lastTickIn(pattern, 'Europe/London', from, from + length)).toBe(last);
      },
    ),
    { numRuns: 200, seed: 20_261_122 },
  );
  const tick = at('2026-11-22T10:15:00Z');
  expect(lastTickIn('*/15 * * * *', 'Europe/London', tick - 1, tick)).toBe(tick);
  expect(lastTickIn('*/15 * * * *', 'Europe/London', tick, tick + 15 * minute - 1)).toBeNull();
});

test.each([
  ['*/15 * * * *', 'Europe/London', 15 * minute],
  ['* * * * *', 'Asia/Jakarta', minute],
  ['10 * * * *', 'Asia/Kolkata', hour],
  ['*/15 * * * *', 'Asia/Kathmandu', 15 * minute],
  ['7,52 8-19 * * *', 'America/New_York', hour],
  ['0 */6 * * *', 'Europe/London', 6 * hour],
  ['30 6 * * *', 'Europe/London', day],
  ['0 4 * * 1,4', 'Europe/London', 3.5 * day],
  ['0 4 * * 1', 'Europe/London', 7 * day],
  ['0 4 1 * *', 'Europe/London', 31 * day],
])('ticks of %s in %s are usually so far apart', (pattern, zone, interval) => {
  expect(usualInterval(pattern, zone, at('2026-11-22T10:20:30Z'))).toBe(interval);
});

test('a weekly pattern is a weekly one on its own day', () => {
  expect(usualInterval('0 4 * * 1', 'Europe/London', at('2026-11-23T03:00:00Z'))).toBe(7 * day);
});

test('a pattern that never comes true has no tick, and no interval that could end', () => {
  expect(tickAfter('0 0 31 2 *', 'Europe/London', at('2026-11-22T10:20:30Z'))).toBeNull();
  expect(usualInterval('0 0 31 2 *', 'Europe/London', at('2026-11-22T10:20:30Z'))).toBe(Infinity);
});
