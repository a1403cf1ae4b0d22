import { expect, test } from 'vitest';

import { DailyUsage } from '../../../daemon/tiktok/daily-usage.ts';

const MIDNIGHT = Date.UTC(2026, 10, 22) / 1000;

test('counts by days of UTC, and goes on with what was saved on the same day', () => {
  let now = MIDNIGHT - 1;
  const usage = new DailyUsage(() => now);
  usage.count();
  usage.count();
  expect(usage.today).toEqual({ day: '2026-11-21', requests: 2 });
  const same = new DailyUsage(() => now, usage.today);
  same.count();
  expect(same.today.requests).toBe(3);
  now += 1;
  expect(same.today).toEqual({ day: '2026-11-22', requests: 0 });
  same.count();
  expect(same.today).toEqual({ day: '2026-11-22', requests: 1 });
});
