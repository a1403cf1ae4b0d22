import { describe, expect, test } from 'vitest';

import { type SyncAsk, nextSync } from '../../../daemon/schedule/cadence.ts';
import { changing, steady } from './rhythms.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const noon = Date.parse('2026-11-23T12:00:00Z');

const ask = (change: Partial<SyncAsk> = {}): SyncAsk => ({
  pattern: '*/15 * * * *',
  timeZone: 'Europe/London',
  adaptive: true,
  rhythm: steady(1),
  recentPerHour: 0,
  lastRunAt: noon,
  now: change.lastRunAt ?? noon,
  leastMs: 0,
  phase: 0,
  ...change,
});
const plan = (change: Partial<SyncAsk> = {}) => nextSync(ask(change));
const after = (change: Partial<SyncAsk> = {}) => ((plan(change).at ?? Number.NaN) - noon) / minute;

describe('what it says', () => {
  test('a busy shop is read between the ticks', () => {
    expect(plan({ rhythm: steady(42, 12) })).toEqual({
      at: noon + Math.ceil(15 * Math.sqrt(12 / 42) * minute),
      reason: 'about 42 orders an hour now: every 8 minutes, between the ticks of */15 * * * *',
    });
  });

  test('a very busy one finds ten orders a run, and is left alone for a minute', () => {
    expect(after({ rhythm: steady(300) })).toBeCloseTo(2, 3);
    const { at, reason } = plan({ rhythm: steady(6000) });
    expect(at).toBe(noon + minute);
    expect(reason).toBe('about 6000 orders an hour now: every minute, between the ticks of */15 * * * *');
  });

  test('a shop that is a little busier than usual is read a little more often, not at each tick as well', () => {
    const { at, reason } = plan({ rhythm: steady(14, 12), lastRunAt: noon + 4 * minute, now: noon + 4 * minute });
    expect(at).toBeGreaterThan(noon + 15 * minute);
    expect(reason).toMatch(/^about 14 orders an hour now: every 1[34] minutes, instead of at the ticks of/);
  });

  test('ticks are left out while nothing is expected, within an hour', () => {
    expect(plan({ rhythm: steady(0.3, 1) })).toEqual({
      at: noon + 45 * minute,
      reason: 'about 0.3 orders an hour at this time: 2 ticks of */15 * * * * are left out',
    });
    expect(plan({ rhythm: steady(0.4, 2) })).toMatchObject({
      at: noon + 30 * minute,
      reason: 'about 0.4 orders an hour at this time: 1 tick of */15 * * * * is left out',
    });
    expect(after({ rhythm: steady(0) })).toBe(60);
  });

  test('a shop as busy as ever keeps to its cron', () => {
    expect(plan()).toEqual({ at: noon + 15 * minute, reason: 'cron */15 * * * *, Europe/London' });
  });

  test('until its rhythm is known, runs are only added', () => {
    const words = 'cron */15 * * * *, Europe/London; the rhythm of the shop is known after 7 days of orders';
    for (const rhythm of [undefined, { ...steady(0.01), isLearned: false }]) {
      expect(plan({ rhythm })).toEqual({ at: noon + 15 * minute, reason: words });
      expect(after({ rhythm, recentPerHour: 120 })).toBeLessThan(6);
    }
    // A few orders are no reason for runs where the cron has none.
    const evening = { pattern: '*/5 8-11 * * *', lastRunAt: noon };
    expect(after({ ...evening, rhythm: undefined, recentPerHour: 2 })).toBe(20 * 60);
  });

  test('without a cron nothing starts', () => {
    expect(plan({ pattern: null })).toEqual({ at: null, reason: 'the schedule is off' });
    expect(plan({ pattern: '0 0 31 2 *', rhythm: steady(0) }).at).toBeNull();
  });

  test('after downtime one run is due, and says since when', () => {
    expect(plan({ now: noon + 9 * hour, adaptive: false })).toEqual({
      at: noon + 9 * hour,
      reason: 'due since 2026-11-23 12:15, Europe/London: one run for all that was missed',
    });
    expect(plan({ now: noon + 9 * hour }).at).toBe(noon + 9 * hour);
  });

  test('before the first run, and after one in a future that a clock was put back from, the cron decides', () => {
    for (const lastRunAt of [null, noon + 5 * hour]) {
      expect(plan({ lastRunAt, now: noon + minute, rhythm: steady(300) })).toEqual({
        at: noon + 15 * minute,
        reason: 'cron */15 * * * *, Europe/London',
      });
    }
  });
});

describe('what it weighs', () => {
  test('a rush that the rhythm does not know of brings runs, and fades over about an hour', () => {
    const rush = { rhythm: steady(2), recentPerHour: 60 };
    expect(after(rush)).toBeCloseTo(15 * Math.sqrt(2 / 60), 0);
    expect(after({ rhythm: steady(0.1), recentPerHour: 2 })).toBeLessThan(16);
    expect(after({ rhythm: steady(20), recentPerHour: 2 })).toBe(15);
    // 20 an hour, a fraction of e left after an hour: ten of them are there after ln 2 hours.
    expect(after({ rhythm: undefined, pattern: '30 6 * * *', recentPerHour: 20 })).toBeCloseTo(60 * Math.LN2, 1);
  });

  test('a run before a rush waits for its share of the rush', () => {
    // Idle until 13:00, then 20 times as busy: the moment lies behind the hour, sooner than an idle shop would wait.
    const rates = Array.from({ length: 24 }, (_, at) => (at === 13 ? 40 : 0.5));
    const from = noon + 50 * minute;
    const at = plan({ rhythm: changing(rates), lastRunAt: from, now: from }).at ?? 0;
    expect(at).toBeGreaterThan(noon + hour);
    expect(at).toBeLessThan(noon + hour + 5 * minute);
  });

  test('ticks are no runs more while runs are as close as they are', () => {
    const from = noon + 10 * minute;
    expect(plan({ rhythm: steady(9, 4), lastRunAt: from, now: from }).at).toBe(from + 10 * minute);
  });

  test('a cron rarer than hourly is not run more often while idle, and more often while busy', () => {
    const daily = { pattern: '30 6 * * *' };
    expect(plan({ ...daily, rhythm: steady(0.1) })).toEqual({
      at: noon + 18.5 * hour,
      reason: 'cron 30 6 * * *, Europe/London',
    });
    expect(after({ ...daily, rhythm: steady(40) })).toBeCloseTo(15, 3);
  });

  test('no tick follows a run by less than the least distance', () => {
    const from = noon - 20 * second;
    expect(after({ lastRunAt: from, rhythm: steady(1) })).toBeGreaterThan(13);
    expect(after({ leastMs: 20 * minute, rhythm: steady(300) })).toBe(20);
  });

  test('jitter is a tenth of the interval and half a minute at most, and none without adaptation', () => {
    expect(after({ phase: 1 })).toBe(15.5);
    expect(after({ phase: 0.5, rhythm: steady(6000) })).toBe(1.05);
    expect(after({ phase: 1, adaptive: false })).toBe(15);
  });

  test('a run a little late by its jitter does not lose its place among the ticks', () => {
    let last = noon + 30 * second;
    for (let runs = 0; runs < 20; runs++) {
      const at = plan({ lastRunAt: last, rhythm: steady(0.9, 1), phase: 0.95 }).at ?? 0;
      expect((at - noon) % (15 * minute)).toBe(28.5 * second);
      last = at + second;
    }
  });
});
