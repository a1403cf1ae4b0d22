import { expect, test } from 'vitest';

import { NightHouse } from './night-house.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const noon = '2026-06-01T12:00:00Z';

test('work is done once a night, at its tick in the quiet hours, and is not overdue on the day it is first seen', async () => {
  await using house = await NightHouse.open(noon, { orders: ['audit'] });
  expect(house.plan('orders', 'audit')).toBe('06-02T03:15 cron 15 3 * * *, UTC');
  await house.live(3 * day, 'succeeded');
  expect(house.begun).toEqual(['orders audit 06-02T03:15', 'orders audit 06-03T03:15', 'orders audit 06-04T03:15']);
});

test('one at a time over all streams of the shop: full resyncs, then rechecks, then audits', async () => {
  await using house = await NightHouse.open(noon, {
    products: ['full', 'audit'],
    orders: ['full', 'recheck', 'audit'],
  });
  house.rules = { ...house.rules, full: '0 3 * * *', quietHours: { fromMinute: 180, toMinute: 360 } };
  house.rules = { ...house.rules, audit: '0 3 * * *' };
  house.shift.rescheduled();
  await house.live(16 * hour);
  const order: string[] = [];
  for (let i = 0; i < 5; i++) {
    expect(house.begun).toHaveLength(i + 1);
    order.push(house.begun[i]?.split(' ').slice(0, 2).join(' ') ?? '');
    if (i === 0) {
      expect(house.plan('products', 'full')).toBe('– under way');
      expect(house.plan('orders', 'audit')).toBe('– waits until the full run of products has ended');
    }
    await house.end();
  }
  expect(order).toEqual(['products full', 'orders full', 'orders recheck', 'products audit', 'orders audit']);
  await house.live(hour);
  expect(house.begun).toHaveLength(5);
});

test('heavy work that somebody else began keeps it waiting, until it has ended', async () => {
  await using house = await NightHouse.open(noon, { orders: ['audit'], products: ['full'] });
  const hands = house.hands.get('products');
  if (hands === undefined) throw new Error('no products');
  hands.activeRuns = [{ kind: 'full' }, { kind: 'incremental' }];
  await house.live(18 * hour, 'succeeded');
  expect(house.begun).toEqual([]);
  hands.activeRuns = [{ kind: 'incremental' }];
  house.shift.noticed(await house.run('products', 'full'));
  // The quiet hours are over at six.
  expect(house.begun).toEqual([]);
  await house.live(20 * hour, 'succeeded');
  expect(house.begun).toEqual([expect.stringMatching(/^orders audit 06-03T01:0/)]);
});

test('after three days in which no daemon ran, each overdue piece of work runs once, one after the other', async () => {
  await using house = await NightHouse.open(noon, { orders: ['recheck', 'audit'], products: ['audit'] });
  await house.live(day, 'succeeded');
  const before = house.begun.length;
  house.wall.stop(3 * day);
  await house.start();
  await house.live(2 * hour);
  expect(house.begun.slice(before)).toEqual(['orders recheck 06-05T12:00']);
  expect(house.plan('products', 'audit')).toBe('– waits until the recheck of orders has ended');
  await house.live(6 * hour, 'succeeded');
  expect(house.begun.slice(before)).toEqual([
    'orders recheck 06-05T12:00',
    'orders audit 06-05T14:01',
    'products audit 06-05T14:01',
  ]);
});

test('what is due by day waits for the quiet hours, in words; where there are none it begins at its tick', async () => {
  await using house = await NightHouse.open(noon, { orders: ['audit'] });
  house.rules = { ...house.rules, audit: '0 14 * * *' };
  house.shift.rescheduled();
  expect(house.plan('orders', 'audit')).toMatch(/^06-02T01:0\d waits for the quiet hours 01:00-06:00, UTC$/);
  house.rules = { ...house.rules, quietHours: null };
  house.shift.rescheduled();
  await house.live(3 * hour, 'succeeded');
  expect(house.begun).toEqual(['orders audit 06-01T14:00']);
  expect(house.shift.mayTryAgain()).toBe(true);
});

test('rechecks are due when the quiet hours begin, at three where they are off', async () => {
  await using house = await NightHouse.open(noon, { orders: ['recheck'] });
  house.rules = { ...house.rules, quietHours: { fromMinute: 23 * 60 + 10, toMinute: 60 } };
  house.shift.rescheduled();
  expect(house.shift.plans('orders')[0]?.pattern).toBe('10 23 * * *');
  await house.live(day, 'succeeded');
  expect(house.begun).toEqual([expect.stringMatching(/^orders recheck 06-01T23:1\d$/)]);
  house.rules = { ...house.rules, quietHours: null };
  house.shift.rescheduled();
  await house.live(day, 'succeeded');
  // That of the night is due by the new rule.
  expect(house.begun.slice(1)).toEqual(['orders recheck 06-02T12:00', 'orders recheck 06-03T03:00']);
});

test('what fails is tried again by the stream; without that not before 15 minutes have passed, and only at night', async () => {
  await using house = await NightHouse.open(noon, { orders: ['audit'] });
  await house.live(15 * hour + 16 * minute);
  const hands = house.hands.get('orders');
  if (hands === undefined) throw new Error('no orders');
  hands.retryAt = house.wall.local + 40 * minute;
  await house.end('failed');
  expect(house.plan('orders', 'audit')).toBe('06-02T03:56 waits until what failed was tried again');
  await house.live(30 * minute);
  expect(house.begun).toHaveLength(1);
  hands.retryAt = null;
  await house.live(11 * minute);
  expect(house.begun).toEqual(['orders audit 06-02T03:15', 'orders audit 06-02T03:56']);
  await house.end('failed');
  expect(house.plan('orders', 'audit')).toBe(`06-02T04:12 tries again after a failure`);
  await house.live(day, 'failed');
  const times = house.begun.slice(2).map((one) => one.slice(-11));
  expect(times.filter((time) => time < '06-02T06:00').length).toBeGreaterThan(4);
  expect(times.filter((time) => time > '06-02T06:00' && time < '06-03T01:00')).toEqual([]);
  for (const [i, time] of times.slice(1).entries())
    expect(Date.parse(`2026-${time}Z`) - Date.parse(`2026-${times[i]}Z`)).toBeGreaterThanOrEqual(15 * minute);
});

test('what a person cancels waits for its next tick', async () => {
  await using house = await NightHouse.open(noon, { orders: ['audit'] });
  await house.live(16 * hour, 'cancelled');
  expect(house.begun).toEqual(['orders audit 06-02T03:15']);
  expect(house.plan('orders', 'audit')).toBe('06-03T03:15 cron 15 3 * * *, UTC');
  // Over a restart too.
  await house.start();
  expect(house.plan('orders', 'audit')).toBe('06-03T03:15 cron 15 3 * * *, UTC');
});

test('what a person has done themselves need not be done again that night', async () => {
  await using house = await NightHouse.open(noon, { orders: ['audit'] });
  await house.live(15 * hour + 20 * minute);
  await house.end('failed');
  house.shift.noticed(await house.run('orders', 'audit'));
  expect(house.plan('orders', 'audit')).toBe('06-03T03:15 cron 15 3 * * *, UTC');
});

test('nothing begins during a pause, and its end begins what is due, once', async () => {
  await using house = await NightHouse.open(noon, { orders: ['audit'] });
  house.isPaused = true;
  await house.live(3 * day, 'succeeded');
  expect(house.begun).toEqual([]);
  house.isPaused = false;
  house.shift.check();
  house.shift.check();
  await house.live(2 * hour, 'succeeded');
  expect(house.begun).toEqual(['orders audit 06-04T12:00']);
});

test('before everything has been read once there is nothing to hold against it', async () => {
  await using house = await NightHouse.open(noon, { orders: [], products: ['audit'] });
  await house.room.store.change((db) => db.deleteFrom('sync_metadata').where('sync_type', '=', 'products').execute());
  await house.start();
  await house.live(17 * hour, 'succeeded');
  expect(house.begun).toEqual([]);
  expect(house.plan('products', 'audit')).toMatch(/waits until everything has been read once$/);
  const run = await house.run('products', 'incremental');
  await house.whole('products', run.runId);
  house.shift.noticed(run);
  await expect.poll(() => house.begun).toEqual(['products audit 06-02T05:00']);
});

test('what has just been switched on is not overdue for the time before, and what is off has no plan', async () => {
  await using house = await NightHouse.open(noon, { orders: ['full'] });
  await house.live(10 * day);
  expect(house.shift.plans('orders')).toEqual([]);
  house.rules = { ...house.rules, full: '0 3 * * *' };
  house.changedAt = house.wall.local;
  house.shift.rescheduled();
  expect(house.begun).toEqual([]);
  expect(house.plan('orders', 'full')).toBe('06-12T03:00 cron 0 3 * * *, UTC');
});

test('a history that cannot be read keeps the work waiting, and is read again', async () => {
  await using house = await NightHouse.open('2026-06-01T03:00:00Z', { orders: ['audit'] });
  const rename = (from: string, to: string) =>
    house.room.store.change((db) => db.schema.alterTable(from).renameTo(to).execute());
  await rename('sync_runs', 'gone');
  await house.start();
  expect(house.plan('orders', 'audit')).toBe('– waits for what the store tells of the last time');
  await rename('gone', 'sync_runs');
  await house.live(10 * minute);
  await expect.poll(() => house.plan('orders', 'audit')).toBe('06-01T03:15 cron 15 3 * * *, UTC');
  await house.live(10 * minute);
  expect(house.begun).toEqual(['orders audit 06-01T03:15']);
});
