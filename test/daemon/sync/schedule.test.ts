import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Schedule } from '../../../daemon/sync/schedule.ts';
import { timeZoneOf } from '../../../daemon/sync/time-zones.ts';

const hourMs = 3_600_000;

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

/** Ticks of a pattern from one moment to another, unix milliseconds. */
function ticks(pattern: string, timeZone: string, from: number, hours: number): number[] {
  vi.setSystemTime(from);
  const at: number[] = [];
  const { schedule } = open(pattern, timeZone, () => at.push(Date.now()));
  vi.advanceTimersByTime(hours * hourMs);
  schedule.stop();
  return at;
}

// When the clocks change, and the daily ticks of that night.
const changes = [
  {
    timeZone: 'America/New_York',
    change: '2026-03-08T07:00:00Z',
    daily: { '30 0': '05:30', '30 1': '06:30', '30 2': '07:00', '15 3': '07:15' },
  },
  {
    timeZone: 'America/New_York',
    change: '2026-11-01T06:00:00Z',
    daily: { '30 0': '04:30', '30 1': '05:30', '30 2': '07:30', '15 3': '08:15' },
  },
  {
    timeZone: 'Europe/Berlin',
    change: '2026-03-29T01:00:00Z',
    daily: { '30 1': '00:30', '30 2': '01:00', '15 3': '01:15', '30 4': '02:30' },
  },
  {
    timeZone: 'Europe/Berlin',
    change: '2026-10-25T01:00:00Z',
    daily: { '30 1': '23:30', '30 2': '00:30', '15 3': '02:15', '30 4': '03:30' },
  },
];

describe.each(changes)('T20: in $timeZone around $change', ({ timeZone, change, daily }) => {
  const from = Date.parse(change) - 4 * hourMs;

  test('a quarter of an hour is one', () => {
    const at = ticks('*/15 * * * *', timeZone, from, 8);
    expect(at).toEqual(Array.from({ length: 32 }, (_, i) => from + (i + 1) * (hourMs / 4)));
  });

  test('an hour is one, be it left out or repeated', () => {
    const at = ticks('30 * * * *', timeZone, from, 8);
    expect(at).toEqual(Array.from({ length: 8 }, (_, i) => from + (i + 0.5) * hourMs));
  });

  test('a pattern of several hours leaves none of them out, and has none twice but the one that is repeated', () => {
    const at = ticks('30 0-4 * * *', timeZone, from, 8);
    expect(at.length).toBeGreaterThanOrEqual(4);
    expect(at.length).toBeLessThanOrEqual(6);
    for (const [i, ms] of at.slice(1).entries()) expect(ms - (at[i] ?? 0)).toBe(hourMs);
  });

  test.each(Object.entries(daily))(
    '%s * * * comes at %sZ, once: a time that is left out at the change, one that is repeated the first time',
    (pattern, expected) => {
      const at = ticks(`${pattern} * * *`, timeZone, from, 8);
      expect(at.map((ms) => new Date(ms).toISOString().slice(11, 16))).toEqual([expected]);
    },
  );
});

/** The local clock is set, or the process is stopped and goes on: timers have not moved meanwhile. */
const jump = (ms: number) => vi.setSystemTime(Date.now() + ms);

test.each([1, 3, 26])(
  'T36: after %i hours in which nothing ran there is one tick, and then the usual ones',
  (hours) => {
    vi.setSystemTime(new Date('2026-06-01T00:07:00Z'));
    const at: number[] = [];
    const { schedule } = open('*/15 * * * *', 'UTC', () => at.push(Date.now()));
    jump(hours * hourMs);
    const woke = Date.now();
    vi.advanceTimersByTime(38 * 60_000);
    schedule.stop();
    expect(at[0]).toBeLessThanOrEqual(woke + 30_000);
    expect(at.slice(1)).toEqual([woke + 8 * 60_000, woke + 23 * 60_000, woke + 38 * 60_000]);
  },
);

test('T17: a local clock set back by an hour postpones no tick by an hour', () => {
  vi.setSystemTime(new Date('2026-06-01T12:07:00Z'));
  const ahead: number[] = [];
  const { schedule } = open('*/15 * * * *', 'UTC', () => ahead.push(Date.now()));
  jump(-hourMs);
  const set = Date.now();
  vi.advanceTimersByTime(hourMs);
  schedule.stop();
  expect(ahead).toEqual([8, 23, 38, 53].map((minutes) => set + minutes * 60_000));
});

test('T17: a local clock that jumps to and fro makes one tick at each jump forward, not a storm', () => {
  vi.setSystemTime(new Date('2026-06-01T12:07:00Z'));
  let count = 0;
  const { schedule } = open('*/15 * * * *', 'UTC', () => (count += 1));
  for (let i = 0; i < 10; i++) {
    jump(hourMs);
    vi.advanceTimersByTime(60_000);
    jump(-hourMs);
    vi.advanceTimersByTime(60_000);
  }
  schedule.stop();
  expect(count).toBeGreaterThanOrEqual(10);
  expect(count).toBeLessThanOrEqual(12);
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
