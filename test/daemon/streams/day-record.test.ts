import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { dateOfTime, daysIn, documentedDay, timeOfDate, toDay } from '../../../daemon/streams/day-record.ts';

const sample = z.object({
  response: z.object({ data: z.object({ performance: z.object({ intervals: z.array(z.unknown()) }) }) }),
});
const recorded = (version: string): unknown => {
  const url = new URL(`../../data/tiktok/samples/analytics-shop-performance-${version}-1d.json`, import.meta.url);
  return sample.parse(JSON.parse(readFileSync(url, 'utf8'))).response.data.performance.intervals[0];
};
const recordOf = (raw: unknown, finalBefore = 0) => {
  const result = toDay(raw, finalBefore);
  if ('rejected' in result) throw new Error(result.rejected.reason);
  return result.record;
};
const tenth = Date.UTC(2026, 10, 10) / 1000;

test.each([
  ['202405', '0.00'],
  ['202509', '0'],
])('the recorded day of version %s', (version, refunds) => {
  const raw = recorded(version);
  const { payload, shape, ...record } = recordOf(raw);
  expect(record).toEqual({
    date: '2026-11-10',
    dayTime: tenth,
    gmv: '100.50',
    currency: 'GBP',
    orders: 4,
    unitsSold: 6,
    buyers: 4,
    refunds,
    final: false,
  });
  expect(JSON.parse(payload)).toEqual(raw);
  expect((shape?.() ?? []).map((part) => part.replace(/:\w+$/, '')).filter((part) => !documentedDay.has(part))).toEqual(
    [],
  );
});

test('a day is final before a moment', () => {
  const raw = recorded('202509');
  expect(recordOf(raw, tenth).final).toBe(false);
  expect(recordOf(raw, tenth + 1).final).toBe(true);
});

test('figures of another span than a day, or without an amount, cannot be stored', () => {
  const day = Object(recorded('202509'));
  expect(toDay({ ...day, end_date: '2026-11-12' }, 0)).toMatchObject({ rejected: { recordId: '2026-11-10' } });
  expect(toDay({ ...day, start_date: '2026-02-30' }, 0)).toMatchObject({ rejected: { recordId: '2026-02-30' } });
  expect(toDay({ ...day, sales: { ...day.sales, gmv: {} } }, 0)).toHaveProperty('rejected');
  expect(recordOf({ ...day, sales: { gmv: { overall: {} } } })).toMatchObject({
    gmv: null,
    orders: null,
    refunds: null,
  });
});

test('how many days an interval is about', () => {
  expect(daysIn(recorded('202405'))).toBe(1);
  expect(daysIn({ start_date: '2024-02-28', end_date: '2024-03-01' })).toBe(2);
  expect(daysIn({ start_date: '2024-02-28' })).toBeUndefined();
});

test('a date is a place on the axis, whatever the time zone of the machine', () => {
  expect(dateOfTime(timeOfDate('2024-02-29'))).toBe('2024-02-29');
  expect(timeOfDate('2026-11-10')).toBe(tenth);
  expect(dateOfTime(tenth + 86_399)).toBe('2026-11-10');
});
