import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Schedule } from '../../../daemon/sync/schedule.ts';
import { timeZoneOf } from '../../../daemon/sync/time-zones.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = (pattern: string | null, timeZone: string, tick: () => void = () => undefined) => {
  const errors: unknown[] = [];
  const schedule = new Schedule({ pattern, timeZone, tick, onError: (error) => errors.push(error) });
  return { schedule, errors };
};
const next = (schedule: Schedule) => (schedule.nextAt === null ? null : new Date(schedule.nextAt).toISOString());

test.each([
  // Summer time begins on 29 March 2026 in London and Berlin, on 8 March in New York, and never in Ho Chi Minh City.
  ['30 6 * * *', 'Europe/London', '2026-03-28T12:00:00Z', '2026-03-29T05:30:00.000Z'],
  ['30 6 * * *', 'Europe/London', '2026-03-27T12:00:00Z', '2026-03-28T06:30:00.000Z'],
  ['0 * * * *', 'Europe/Berlin', '2026-03-29T00:30:00Z', '2026-03-29T01:00:00.000Z'],
  ['15 3 * * *', 'America/New_York', '2026-03-07T12:00:00Z', '2026-03-08T07:15:00.000Z'],
  ['15 3 * * *', 'America/New_York', '2026-03-07T01:00:00Z', '2026-03-07T08:15:00.000Z'],
  ['15 3 * * *', 'Asia/Ho_Chi_Minh', '2026-03-29T00:00:00Z', '2026-03-29T20:15:00.000Z'],
  // It ends on 25 October 2026 in London, on 1 November in New York.
  ['30 6 * * *', 'Europe/London', '2026-10-24T12:00:00Z', '2026-10-25T06:30:00.000Z'],
  ['30 6 * * *', 'America/New_York', '2026-10-31T12:00:00Z', '2026-11-01T11:30:00.000Z'],
])('%s in %s after %s is %s', (pattern, timeZone, now, expected) => {
  vi.setSystemTime(new Date(now));
  const { schedule } = open(pattern, timeZone);
  expect(next(schedule)).toBe(expected);
  schedule.stop();
});

test('a time that summer time leaves out is not lost: it comes within the hour after', () => {
  vi.setSystemTime(new Date('2026-03-28T12:00:00Z'));
  const { schedule } = open('30 1 * * *', 'Europe/London');
  const at = schedule.nextAt ?? 0;
  expect(at).toBeGreaterThanOrEqual(Date.parse('2026-03-29T00:30:00Z'));
  expect(at).toBeLessThanOrEqual(Date.parse('2026-03-29T01:30:00Z'));
  schedule.stop();
});

test('every quarter of an hour ticks 4 times an hour, through both changes of the clock', () => {
  for (const day of ['2026-03-29T00:00:00Z', '2026-10-25T00:00:00Z']) {
    vi.setSystemTime(new Date(day));
    const at: number[] = [];
    const { schedule } = open('*/15 * * * *', 'Europe/London', () => at.push(Date.now()));
    vi.advanceTimersByTime(4 * 3_600_000);
    schedule.stop();
    expect(at.map((ms) => Math.round((ms - Date.parse(day)) / 900_000))).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 1),
    );
  }
});

test('a tick that throws is told, and the next one comes', () => {
  vi.setSystemTime(new Date('2026-06-01T00:00:00Z'));
  let ticks = 0;
  const { schedule, errors } = open('* * * * *', 'UTC', () => {
    ticks += 1;
    throw new Error(`tick ${ticks}`);
  });
  vi.advanceTimersByTime(180_000);
  expect(ticks).toBe(3);
  expect(errors).toHaveLength(3);
  schedule.stop();
});

test('off: no tick, and the reason says so; stopped: no tick any more', () => {
  vi.setSystemTime(new Date('2026-06-01T00:00:00Z'));
  const off = open(null, 'UTC');
  expect(off.schedule.nextAt).toBeNull();
  expect(off.schedule.reason).toBe('the schedule is off');
  let ticks = 0;
  const { schedule } = open('* * * * *', 'UTC', () => (ticks += 1));
  expect(schedule.reason).toMatch(/\* \* \* \* \*.*UTC/);
  schedule.stop();
  vi.advanceTimersByTime(600_000);
  expect(ticks).toBe(0);
});

test('the region of a shop decides its time zone, an unknown one is scheduled in UTC', () => {
  expect(['GB', 'VN', 'US', 'XX'].map(timeZoneOf)).toEqual([
    'Europe/London',
    'Asia/Ho_Chi_Minh',
    'America/New_York',
    'UTC',
  ]);
});
