import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { ClockSpan } from '../../../daemon/config/kinds-time.ts';
import { type NightAsk, nextNightWork } from '../../../daemon/schedule/night-work.ts';
import { isQuiet } from '../../../daemon/schedule/quiet-hours.ts';
import { wallTime } from '../../../daemon/schedule/wall-clock.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const at = Date.parse;
const night: ClockSpan = { fromMinute: 60, toMinute: 360 };

const ask = (now: string, change: Partial<NightAsk> = {}): NightAsk => ({
  what: 'audit',
  pattern: '15 3 * * *',
  quietHours: night,
  timeZone: 'Europe/London',
  doneAt: null,
  since: at('2026-11-22T09:00:00Z'),
  now: at(now),
  phase: 0,
  ...change,
});
const plan = (now: string, change: Partial<NightAsk> = {}) => {
  const { at: planned, ...words } = nextNightWork(ask(now, change));
  return { at: planned === null ? null : new Date(planned).toISOString(), ...words };
};

test('what was done, or first seen, by a clock that was ahead keeps nothing from its night', () => {
  const ahead = at('2027-12-27T03:15:00Z');
  const next = { at: '2026-11-23T03:15:00.000Z', isOverdue: false };
  expect(plan('2026-11-22T14:00:00Z', { doneAt: ahead })).toMatchObject(next);
  expect(plan('2026-11-22T14:00:00Z', { doneAt: at('2026-11-22T09:00:00Z'), since: ahead })).toMatchObject(next);
});

describe('one night', () => {
  test('it starts at the moment that the cron names inside the quiet hours, whatever its phase', () => {
    const planned = {
      at: '2026-11-23T03:15:00.000Z',
      reason: 'cron 15 3 * * *, Europe/London',
      isOverdue: false,
    };
    expect(plan('2026-11-22T10:00:00Z', { phase: 0.9 })).toEqual(planned);
    expect(plan('2026-11-23T03:14:59Z', { phase: 0.9 })).toEqual(planned);
    expect(plan('2026-11-23T03:15:00Z', { phase: 0.9 })).toEqual(planned);
  });

  test('even in the first minutes of them', () => {
    for (const now of ['2026-11-22T10:00:00Z', '2026-11-23T01:01:00Z', '2026-11-23T01:02:00Z'])
      expect(plan(now, { pattern: '2 1 * * *', phase: 1 }).at).toBe('2026-11-23T01:02:00.000Z');
  });

  test('missed by a little it starts now, while it is still quiet', () => {
    expect(plan('2026-11-23T05:59:00Z', { phase: 0.9 })).toEqual({
      at: '2026-11-23T05:59:00.000Z',
      reason: 'due since 2026-11-23 03:15, Europe/London',
      isOverdue: false,
    });
  });

  test('missed by a whole night it waits for the next one', () => {
    expect(plan('2026-11-23T06:00:00Z')).toEqual({
      at: '2026-11-24T01:00:00.000Z',
      reason: 'waits for the quiet hours 01:00-06:00, Europe/London',
      isOverdue: false,
    });
  });

  test('a cron outside the quiet hours makes it due, and they begin it, spread over five minutes', () => {
    const noon = { pattern: '0 12 * * *', phase: 0.5 };
    const planned = {
      at: '2026-11-23T01:02:30.000Z',
      reason: 'waits for the quiet hours 01:00-06:00, Europe/London',
      isOverdue: false,
    };
    expect(plan('2026-11-22T10:00:00Z', noon)).toEqual(planned);
    expect(plan('2026-11-22T20:00:00Z', noon)).toEqual(planned);
    // Quiet already, and not its turn yet.
    expect(plan('2026-11-23T01:01:00Z', noon)).toEqual(planned);
    expect(plan('2026-11-23T01:02:31Z', noon).at).toBe('2026-11-23T01:02:31.000Z');
    expect(plan('2026-11-22T10:00:00Z', { ...noon, quietHours: { fromMinute: 60, toMinute: 62 } }).at).toBe(
      '2026-11-23T01:00:30.000Z',
    );
  });

  test('after a day of waiting it starts at any hour', () => {
    const due = { since: at('2026-11-20T09:00:00Z') };
    expect(plan('2026-11-22T14:00:00Z', due)).toEqual({
      at: '2026-11-22T14:00:00.000Z',
      reason: 'overdue since 2026-11-21 03:15, Europe/London: starts as soon as it can',
      isOverdue: true,
    });
    // The clocks are put forward over the whole of its quiet hours: there are none that night.
    const gap = { pattern: '10 1 * * *', quietHours: { fromMinute: 65, toMinute: 115 } };
    expect(plan('2026-03-28T10:00:00Z', { ...gap, since: at('2026-03-28T10:00:00Z') })).toEqual({
      at: '2026-03-30T00:05:00.000Z',
      reason: 'waits for the quiet hours 01:05-01:55, Europe/London',
      isOverdue: false,
    });
    expect(
      plan('2026-03-28T10:00:00Z', { ...gap, pattern: '0 23 * * *', since: at('2026-03-28T10:00:00Z') }),
    ).toMatchObject({
      at: '2026-03-29T23:00:00.000Z',
      reason: 'without quiet hours within a day the audit starts all the same',
    });
  });

  test('what was done is due again with the next tick behind its start', () => {
    const done = (doneAt: string) => plan('2026-11-23T09:00:00Z', { doneAt: at(doneAt) }).at;
    expect(done('2026-11-23T03:15:00Z')).toBe('2026-11-24T03:15:00.000Z');
    expect(done('2026-11-23T03:14:00Z')).toBe('2026-11-24T01:00:00.000Z');
    // What was done before the daemon looked after it does not make it due in the past.
    expect(done('2025-01-01T00:00:00Z')).toBe('2026-11-24T01:00:00.000Z');
  });

  test('without quiet hours it is the cron, and without a cron nothing', () => {
    expect(plan('2026-11-22T10:00:00Z', { pattern: '0 12 * * *', quietHours: null, phase: 1 })).toEqual({
      at: '2026-11-22T12:00:00.000Z',
      reason: 'cron 0 12 * * *, Europe/London',
      isOverdue: false,
    });
    const off = plan('2026-11-22T10:00:00Z', { pattern: null });
    expect(off).toEqual({ at: null, reason: 'the schedule is off', isOverdue: false });
    expect(plan('2026-11-22T10:00:00Z', { pattern: '0 0 31 2 *' }).at).toBeNull();
  });
});

/** Two days before each of the changes of clocks. */
const places = fc.constantFrom(
  ['Europe/London', '2026-03-27'],
  ['Europe/London', '2026-10-23'],
  ['America/New_York', '2026-03-06'],
  ['America/New_York', '2026-10-30'],
  ['America/Sao_Paulo', '2018-02-16'],
  ['America/Sao_Paulo', '2018-11-02'],
  ['Asia/Jakarta', '2026-11-22'],
);
const quietHours = fc.constantFrom<ClockSpan | null>(
  null,
  night,
  { fromMinute: 22 * 60 + 30, toMinute: 5 * 60 },
  { fromMinute: 0, toMinute: 1440 },
  { fromMinute: 125, toMinute: 128 },
  { fromMinute: 30, toMinute: 90 },
  // What is left of them where clocks are put forward is shorter than the spread.
  { fromMinute: 57, toMinute: 67 },
  { fromMinute: 117, toMinute: 127 },
);
const asks = fc
  .record({
    place: places,
    quietHours,
    pattern: fc.constantFrom('15 3 * * *', '0 12 * * *', '30 1 * * *', '30 2 * * *', '0 4 * * 0', '0 */6 * * *'),
    since: fc.integer({ min: 0, max: 2 * day }),
    done: fc.option(fc.integer({ min: -day, max: 2 * day }), { nil: null }),
    later: fc.integer({ min: 0, max: 3 * day }),
    phase: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ place: [timeZone = '', date = ''], since, done, later, ...one }): NightAsk => {
    const start = at(date);
    return {
      ...one,
      what: 'audit',
      timeZone,
      doneAt: done === null ? null : start + done,
      since: start + since,
      now: start + Math.max(since, done ?? 0) + later,
    };
  });
/** Minutes of the wall, in milliseconds. */
const shown = (timeZone: string, ms: number) => at(`${wallTime(timeZone, ms).slice(0, 16)}Z`);
const options = { numRuns: 500, seed: 20_261_122 };

describe('whatever the place', () => {
  test('it starts in quiet hours, or overdue', () => {
    fc.assert(
      fc.property(asks, (one) => {
        const { at: start } = nextNightWork(one);
        if (start === null) throw new Error('the cron has ticks');
        expect(start).toBeGreaterThanOrEqual(one.now);
        const then = nextNightWork({ ...one, now: start });
        expect(then.at).toBe(start);
        expect(then.isOverdue || isQuiet(one.quietHours, one.timeZone, start)).toBe(true);
      }),
      options,
    );
  });

  test('asked again before it starts, it starts at the same moment', () => {
    fc.assert(
      fc.property(asks, fc.double({ min: 0, max: 1, noNaN: true }), (one, part) => {
        const first = nextNightWork(one);
        if (first.at === null || first.at === one.now) return;
        const now = one.now + Math.floor((first.at - one.now) * part);
        const again = nextNightWork({ ...one, now });
        expect(again.at).toBe(first.at);
        if (now < first.at) expect(again).toEqual(first);
      }),
      options,
    );
  });

  test('where the daemon runs by day only, it is done at least every 48 hours', () => {
    fc.assert(
      fc.property(asks, fc.integer({ min: 7, max: 11 }), fc.integer({ min: 4, max: 10 }), (one, opens, hours) => {
        const start = Math.floor(one.now / day) * day + opens * hour;
        let doneAt = start;
        for (let morning = start; morning < start + 10 * day; morning += day) {
          let now = morning;
          for (let starts = 0; ; starts++) {
            const plans = { ...one, pattern: '15 3 * * *', since: 0, doneAt, now };
            const { at: next } = nextNightWork(plans);
            if (next === null || next >= morning + hours * hour) break;
            // Two days of the wall may be an hour longer.
            const byWall = shown(one.timeZone, next) - shown(one.timeZone, doneAt);
            expect(Math.min(next - doneAt, byWall)).toBeLessThanOrEqual(2 * day);
            expect(starts, 'a start once a day').toBeLessThan(2);
            doneAt = now = next;
          }
          expect(morning - doneAt, 'the last one').toBeLessThan(2 * day);
        }
      }),
      { ...options, numRuns: 60 },
    );
  });
});
