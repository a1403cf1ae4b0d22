import { expect, test } from 'vitest';

import { ShopBudget } from '../../../daemon/tiktok/budget.ts';
import { DailyQuota } from '../../../daemon/tiktok/daily-quota.ts';
import { DailyUsage } from '../../../daemon/tiktok/daily-usage.ts';
import { ManualTimers } from './manual-timers.ts';
import { BEGAN, SEARCH, taxonomyWorld } from './taxonomy-world.ts';
import { WireTimers } from './wire-timers.ts';

const HOUR = 3_600_000;

/** An account with a hundred requests a day, 8 hours before midnight UTC. */
async function hundredADay(saved?: { readonly day: string; readonly requests: number }) {
  const timers = new WireTimers();
  const id = '7490000000000000000';
  const world = await taxonomyWorld({
    timers,
    requestsPerDay: 100,
    sandbox: { orders: 5, accessTtl: 30 * 86_400 },
    onAttempt: timers.answered,
    ...(saved !== undefined && { saved: { [id]: { levels: {}, usage: saved } } }),
  });
  timers.sent();
  const ask = (priority: 'live' | 'history') => world.search(undefined, { priority, onAttempt: timers.sent });
  const asked = () => world.sandbox.requests.of(SEARCH).total;
  const hours = () => (world.now() - BEGAN) / 3600;
  return { ...world, timers, ask, asked, hours };
}

test('T23: history stops at its share of the day and goes on after midnight; live work goes on all the time', async () => {
  const { timers, ask, asked, hours, account, shop } = await hundredADay();
  const order: string[] = [];
  const history = Array.from({ length: 90 }, () =>
    ask('history').then(() => order.push(`history ${Math.floor(hours())}`)),
  );
  await timers.until(Promise.all(history.slice(0, 80)));
  expect([asked(), account.budget(shop.id)?.usedToday]).toEqual([80, 80]);
  expect(account.budget(shop.id)?.throttledUntil).toBe(BEGAN + 8 * 3600);
  await timers.until(Promise.all(Array.from({ length: 15 }, () => ask('live'))));
  expect(asked()).toBe(95);
  expect(hours()).toBeLessThan(0.1);
  await timers.until(Promise.all(history));
  expect(order).toEqual([...Array(80).fill('history 0'), ...Array(10).fill('history 8')]);
  expect(account.budget(shop.id)).toMatchObject({ usedToday: 10, throttledUntil: null });
});

test('T23: live work that finds the whole day used up is told when it may go on, and sends nothing', async () => {
  const { timers, ask, asked, hours, account, shop } = await hundredADay();
  const results = await timers.until(Promise.allSettled(Array.from({ length: 110 }, () => ask('live'))));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
  const [refused] = results.filter((result) => result.status === 'rejected');
  expect(refused?.reason).toMatchObject({
    class: 'throttled',
    code: 'limit',
    hint: expect.stringContaining('midnight UTC'),
  });
  expect(asked()).toBe(100);
  await expect(ask('live')).rejects.toMatchObject({ retryAfterMs: expect.toSatisfy((ms: number) => ms <= 8 * HOUR) });
  expect(account.budget(shop.id)?.throttledUntil).toBe(BEGAN + 8 * 3600);
  await timers.until(ask('history'));
  expect(hours()).toBeGreaterThanOrEqual(8);
  await timers.until(ask('live'));
  expect(account.budget(shop.id)?.usedToday).toBe(2);
});

test('T23: what was used before a restart counts, that of another day does not', async () => {
  const today = await hundredADay({ day: '2025-11-24', requests: 99 });
  await today.timers.until(today.ask('live'));
  await expect(today.ask('live')).rejects.toMatchObject({ class: 'throttled' });
  const yesterday = await hundredADay({ day: '2025-11-23', requests: 99 });
  await yesterday.timers.until(Promise.all(Array.from({ length: 5 }, () => yesterday.ask('history'))));
  expect(yesterday.hours()).toBeLessThan(0.1);
});

test('T23: history that is called off before midnight leaves no timer behind', async () => {
  const timers = new ManualTimers();
  const usage = new DailyUsage(() => BEGAN, { day: '2025-11-24', requests: 80 });
  const quota = new DailyQuota(100, usage, () => BEGAN);
  const budget = new ShopBudget({ ceiling: 10, start: () => 10, concurrency: 1, timers, quota });
  const stop = new AbortController();
  const waiting = budget.acquire('/orders', 'history', stop.signal);
  expect([timers.pending, budget.pausedUntil]).toEqual([1, timers.now() + 8 * HOUR]);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect([timers.pending, budget.pausedUntil]).toEqual([0, undefined]);
});

test.each([
  { limit: 100, used: 0, underWay: 0, perDay: 80, leftToday: 80 },
  { limit: 100, used: 30, underWay: 5, perDay: 80, leftToday: 45 },
  { limit: 100, used: 90, underWay: 0, perDay: 80, leftToday: 0 },
  { limit: 1, used: 0, underWay: 0, perDay: 1, leftToday: 1 },
])(
  'T23: of $limit requests a day with $used used and $underWay under way, history has $leftToday left',
  ({ limit, used, underWay, perDay, leftToday }) => {
    const usage = new DailyUsage(() => BEGAN, { day: '2025-11-24', requests: used });
    const quota = new DailyQuota(limit, usage, () => BEGAN);
    expect(quota.historyShare(underWay)).toEqual({ perDay, leftToday, nextDayMs: 8 * HOUR });
    expect(quota.waitMs('history', underWay) === 0).toBe(leftToday > 0);
  },
);
