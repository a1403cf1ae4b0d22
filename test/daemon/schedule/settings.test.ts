import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

import { loadConfig } from '../../../daemon/config/load.ts';
import { ScheduleSettings } from '../../../daemon/schedule/settings.ts';
import { Store } from '../../../daemon/store/store.ts';

/** A database, and daemons that come up on it one after the other. */
async function world() {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  let now = Date.parse('2026-06-01T12:00:00Z');
  const store = await Store.open({ path: join(folder, 'shopsync.db'), keepPayload: true, now: () => now });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const configured = loadConfig({ env: { HOME: folder, SHOPSYNC_SCHEDULE_RETURNS: 'off' }, read: () => null }).config
    .schedule;
  const logged: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => logged.push(line) });
  const load = () => ScheduleSettings.load({ store, configured, now: () => now, log });
  const rows = async () =>
    (await store.query((db) => sql<{ name: string; value: string }>`select * from settings`.execute(db))).rows;
  const insert = (name: string, value: string) =>
    store.change((db) => sql`insert into settings values (${name}, ${value}, '2026-05-01 00:00:00.000')`.execute(db));
  const pass = (ms: number): void => {
    now += ms;
  };
  return { store, configured, logged, load, rows, insert, pass, settings: await load() };
}

test('what nobody has set is as the configuration has it', async () => {
  const { settings, configured, logged } = await world();
  expect(settings.rules).toEqual(configured);
  expect(settings.set).toEqual({});
  expect(settings.changedAt('orders')).toBeUndefined();
  expect(logged).toEqual([]);
});

test('each key is set over the configuration, at once and over a restart, and taken back by null', async () => {
  const { settings, configured, load, rows, pass } = await world();
  const changes = {
    orders: '*/5 * * * *',
    products: 'off',
    analytics: '0 7 * * *',
    returns: '*/10 * * * *',
    cancellations: 'off',
    statements: 'off',
    full: '0 2 * * 0',
    audit: 'off',
    quietHours: '23:30-04:00',
    adaptive: false,
    timeZone: 'Asia/Jakarta',
  };
  pass(5000);
  await settings.change(changes);
  const rules = {
    orders: '*/5 * * * *',
    products: null,
    analytics: '0 7 * * *',
    returns: '*/10 * * * *',
    cancellations: null,
    statements: null,
    full: '0 2 * * 0',
    audit: null,
    quietHours: { fromMinute: 23 * 60 + 30, toMinute: 240 },
    adaptive: false,
    timeZone: 'Asia/Jakarta',
  };
  expect(settings.rules).toEqual(rules);
  expect(settings.set).toEqual(changes);
  const again = await load();
  expect(again.rules).toEqual(rules);
  expect(again.set).toEqual(changes);
  expect(again.changedAt('full')).toBe(Date.parse('2026-06-01T12:00:05Z'));
  expect(again.changedAt('full')).toBe(settings.changedAt('full'));
  expect((await rows()).map(({ name }) => name)).toContain('schedule.quiet_hours');

  await again.change({ orders: null, quietHours: null, audit: undefined });
  expect(again.rules).toEqual({ ...rules, orders: configured.orders, quietHours: configured.quietHours });
  await again.change(Object.fromEntries(Object.keys(changes).map((key) => [key, null])));
  expect(again.rules).toEqual(configured);
  expect(again.set).toEqual({});
  expect(await rows()).toEqual([]);
});

test.each([
  [{ orders: '* * * * * *' }, 'orders: must be a cron pattern of 5 fields', 'schedule.orders'],
  [{ orders: '0 0 31 2 *' }, 'orders: must be a cron pattern', 'schedule.orders'],
  [{ full: 'no' }, 'full: must be a cron pattern', 'schedule.full'],
  [{ quietHours: '25:00-03:00' }, 'quietHours: must be HH:MM-HH:MM', 'schedule.quiet_hours'],
  [{ quietHours: '03:00-03:00' }, 'quietHours: must be HH:MM-HH:MM', 'schedule.quiet_hours'],
  [{ timeZone: 'Mars/Olympus' }, 'timeZone: must be an IANA time zone', 'schedule.time_zone'],
  [{ timeZone: 'off' }, 'timeZone: must be an IANA time zone', 'schedule.time_zone'],
  [{ products: '5 * * * *', audit: '' }, 'audit: must be a cron pattern', 'schedule.audit'],
])('%j is refused with what is allowed, and nothing of it holds', async (changes, message, key) => {
  const { settings, configured, rows } = await world();
  const refused = settings.change(changes);
  await expect(refused).rejects.toMatchObject({
    code: 'invalid_params',
    message: expect.stringContaining(`Invalid params: ${message}`),
    hint: expect.stringContaining(`${key} of the configuration`),
  });
  expect(settings.rules).toEqual(configured);
  expect(await rows()).toEqual([]);
});

test('rows that were written by hand and are not allowed are ignored, each with a line in the log', async () => {
  const { load, insert, configured, logged } = await world();
  await insert('schedule.orders', 'every day');
  await insert('schedule.quiet_hours', '01-06');
  await insert('schedule.nonsense', '1');
  await insert('schedule.products', '7 * * * *');
  await insert('schedule.adaptive', 'off');
  await insert('scheduled', 'something else');
  const settings = await load();
  expect(settings.rules).toEqual({ ...configured, products: '7 * * * *', adaptive: false });
  expect(settings.set).toEqual({ products: '7 * * * *', adaptive: false });
  expect(logged.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual([
    'schedule.nonsense',
    'schedule.orders',
    'schedule.quiet_hours',
  ]);
  // What is set anew counts.
  await settings.change({ orders: '1 * * * *' });
  expect((await load()).rules.orders).toBe('1 * * * *');
});

test('a database that refuses one of several changes leaves all as it was', async () => {
  const { settings, store, configured, rows } = await world();
  const wall = sql`create trigger no before insert on settings when new.name = 'schedule.audit'
    begin select raise(abort, 'full'); end`;
  await store.change((db) => wall.execute(db));
  await expect(settings.change({ orders: '1 * * * *', audit: 'off' })).rejects.toMatchObject({ code: 'store' });
  expect(settings.rules).toEqual(configured);
  expect(await rows()).toEqual([]);
});

test('changes that come at once hold in the order in which they came', async () => {
  const { settings, load } = await world();
  await Promise.all([settings.change({ orders: '1 * * * *', full: '0 1 * * *' }), settings.change({ orders: 'off' })]);
  expect(settings.set).toEqual({ orders: 'off', full: '0 1 * * *' });
  expect((await load()).set).toEqual(settings.set);
});
