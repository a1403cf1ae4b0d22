import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { ClockSpan } from '../../../daemon/config/kinds-time.ts';
import { isQuiet, quietFrom } from '../../../daemon/schedule/quiet-hours.ts';

const minute = 60_000;
const hour = 60 * minute;
const night: ClockSpan = { fromMinute: 60, toMinute: 360 };
const overMidnight: ClockSpan = { fromMinute: 22 * 60 + 30, toMinute: 5 * 60 };

/** Moments at which clocks are changed, and days on which they are not. */
const places = [
  ['Europe/London', '2026-03-29T01:00:00Z'],
  ['Europe/London', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['America/Sao_Paulo', '2018-02-18T02:00:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  ['Asia/Jakarta', '2026-11-22T00:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Asia/Kathmandu', '2026-11-22T00:00:00Z'],
] as const;

/** What the wall shows, minute by minute: another way to the same answer. */
function minutesOfDay(timeZone: string, from: number, count: number): readonly number[] {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return Array.from({ length: count }, (_, index) => {
    const [hours = 0, minutes = 0] = clock
      .format(from + index * minute)
      .split(':')
      .map(Number);
    return hours * 60 + minutes;
  });
}

const isIn = ({ fromMinute, toMinute }: ClockSpan, shown: number): boolean => {
  const end = toMinute > fromMinute ? toMinute : toMinute + 1440;
  return (shown >= fromMinute && shown < end) || (shown + 1440 >= fromMinute && shown + 1440 < end);
};

const spans = fc.oneof(
  fc.constantFrom(night, overMidnight, { fromMinute: 0, toMinute: 1440 }, { fromMinute: 150, toMinute: 151 }),
  fc
    .record({ fromMinute: fc.integer({ min: 0, max: 1439 }), toMinute: fc.integer({ min: 0, max: 1440 }) })
    .filter(({ fromMinute, toMinute }) => fromMinute !== toMinute),
);

describe.each(places)('in %s around %s', (zone, change) => {
  const from = Date.parse(change) - 24 * hour;
  const shown = minutesOfDay(zone, from, 4 * 1440);

  test('quiet is what the wall shows, and begins with the first minute that is', () => {
    fc.assert(
      fc.property(spans, fc.integer({ min: 0, max: 2 * 1440 }), fc.integer({ min: 0, max: 59_999 }), (span, at, ms) => {
        const moment = from + at * minute + ms;
        const now = isIn(span, shown[at] ?? 0);
        expect(isQuiet(span, zone, moment)).toBe(now);
        const first = shown.findIndex((one, index) => index > at && isIn(span, one));
        expect(quietFrom(span, zone, moment)).toBe(now ? moment : from + first * minute);
      }),
      { numRuns: 150, seed: 20_261_122 },
    );
  });
});

test('hours over midnight are quiet on both sides of it', () => {
  const quietAt = (time: string) => isQuiet(overMidnight, 'Europe/London', Date.parse(`2026-11-22T${time}Z`));
  expect(['22:29:59', '22:30:00', '23:59:59', '00:00:00', '04:59:59', '05:00:00'].map(quietAt)).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
});

test('hours that the change of clocks leaves out begin where the wall goes on, or a day later', () => {
  const evening = Date.parse('2026-03-08T04:00:00Z');
  const begins = (span: ClockSpan) => new Date(quietFrom(span, 'America/New_York', evening)).toISOString();
  expect(begins({ fromMinute: 150, toMinute: 360 })).toBe('2026-03-08T07:00:00.000Z');
  expect(begins({ fromMinute: 125, toMinute: 175 })).toBe('2026-03-09T06:05:00.000Z');
});

test('without quiet hours every hour is quiet', () => {
  expect(isQuiet(null, 'Europe/London', 12 * hour)).toBe(true);
  expect(quietFrom(null, 'Europe/London', 12 * hour + 7)).toBe(12 * hour + 7);
});
