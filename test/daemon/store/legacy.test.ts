import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { expect, test } from 'vitest';

import { Room, shop } from './room.ts';
import { order } from './wire.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../data/legacy/${name}.sql`, import.meta.url), 'utf8');

const indexes = (room: Room, table: string) =>
  room.rows(
    `select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name = '${table}' order by 1`,
  );

/** Ours are there, empty, and work. */
async function expectOurs(room: Room): Promise<void> {
  for (const table of ['orders', 'sync_metadata', 'order_line_items', 'sync_runs'])
    expect(await room.rows(`select count(*) as n from ${table}`)).toEqual([{ n: 0 }]);
  expect((await indexes(room, 'orders')).map((index) => index['name'])).toEqual([
    'orders_shop_create',
    'orders_shop_update',
  ]);
  const { runId, kind } = await room.begin({ kind: 'full' });
  await room.page({ runId, records: [order('a')] });
  expect(kind).toBe('full');
  expect(await room.store.metadata(shop, 'orders')).toBeUndefined();
}

/** Opening again finds nothing to do, and changes nothing. */
async function expectOnce(room: Room): Promise<void> {
  const before = await room.dump();
  const schema = await room.rows('select name, sql from sqlite_master order by 1');
  expect((await room.open()).takenOver).toEqual([]);
  expect(await room.dump()).toEqual(before);
  expect(await room.rows('select name, sql from sqlite_master order by 1')).toEqual(schema);
}

test('the older dashboard: both tables are kept whole under new names, with their indexes', async () => {
  await using room = await Room.open(fixture('dashboard'));
  expect(room.store.takenOver).toEqual(['legacy_orders', 'legacy_sync_metadata']);
  expect(await room.rows('select * from legacy_orders')).toEqual([
    {
      order_id: 1,
      number: '576460000000000101',
      shop_id: '7490000000000000001',
      status: 'NEW',
      total: 12.5,
      update_time: '2026-09-20 09:00:00',
      raw: '{"a":1}',
    },
    expect.objectContaining({ order_id: 2, status: 'DONE' }),
    {
      order_id: 3,
      number: '576460000000000103',
      shop_id: null,
      status: 'on hold',
      total: null,
      update_time: null,
      raw: null,
    },
  ]);
  expect(
    await room.rows('select sync_type, last_sync_time, records_synced from legacy_sync_metadata order by 1'),
  ).toEqual([
    { sync_type: 'orders', last_sync_time: '2026-09-20 10:00:00', records_synced: 3 },
    { sync_type: 'products', last_sync_time: '2026-09-19 08:00:00', records_synced: 0 },
  ]);
  expect(await indexes(room, 'legacy_orders')).toEqual([
    { name: 'legacy_by status on day', sql: expect.stringMatching(/\(status, date\(update_time\)\)$/) },
    {
      name: 'legacy_orders_shop_create',
      sql: expect.stringMatching(/^create unique index .*desc\) where status <> 'on hold'$/is),
    },
    { name: 'legacy_orders_shop_update', sql: expect.stringMatching(/\(shop_id, update_time\)$/) },
  ]);
  expect(await indexes(room, 'legacy_sync_metadata')).toHaveLength(1);
  expect(await room.rows('select number from open_orders')).toEqual([{ number: '576460000000000101' }]);
  expect(await room.rows('pragma foreign_key_check')).toEqual([]);
  await expectOurs(room);
  await expectOnce(room);
});

test('somebody else’s orders alone, whatever their columns', async () => {
  await using room = await Room.open(fixture('orders-alone'));
  expect(room.store.takenOver).toEqual(['legacy_orders']);
  expect(await room.rows('select id, status, hex(payload) as payload from legacy_orders order by 1, 2')).toEqual([
    { id: null, status: null, payload: '' },
    { id: '1', status: 1, payload: '00FF' },
    { id: '1', status: 2, payload: '' },
  ]);
  await expectOurs(room);
  await expectOnce(room);
});

test('tables that are called legacy_… already stay what they are', async () => {
  await using room = await Room.open(fixture('taken-names'));
  expect(room.store.takenOver).toEqual(['legacy_orders_3', 'legacy_sync_metadata']);
  expect(await room.rows('select * from legacy_orders')).toEqual([{ id: 'old', n: 3 }]);
  expect(await room.rows('select * from legacy_orders_2')).toEqual([{ note: 'mine' }]);
  expect(await room.rows('select * from legacy_orders_3')).toEqual([
    { id: 'new', n: 1 },
    { id: 'newer', n: 2 },
  ]);
  expect(await indexes(room, 'legacy_orders')).toMatchObject([{ name: 'legacy_orders_shop_update' }]);
  expect(await indexes(room, 'legacy_orders_3')).toMatchObject([{ sql: expect.stringContaining('(n)') }]);
  await expectOurs(room);
  await expectOnce(room);
});

test('a database that holds nothing contested is made ours without a word', async () => {
  await using room = await Room.open('create table notes (note); insert into notes values (1)');
  expect(room.store.takenOver).toEqual([]);
  expect(await room.rows('select * from notes')).toEqual([{ note: 1 }]);
  await expectOurs(room);
});

test('a view under a name of ours is refused with a cure, and nothing is renamed', async () => {
  const room = new Room();
  await using _ = room;
  const view = 'create table kept (id); create view sync_metadata as select id from kept';
  new Database(room.path).exec(`${fixture('orders-alone')}; ${view}`).close();
  await expect(room.open()).rejects.toMatchObject({ class: 'store', hint: expect.stringContaining('drop or rename') });
  const db = new Database(room.path);
  expect(db.prepare('select name from sqlite_master order by 1').all([])).toEqual([
    { name: 'Orders' },
    { name: 'kept' },
    { name: 'sync_metadata' },
  ]);
  db.exec('drop view sync_metadata').close();
  expect((await room.open()).takenOver).toEqual(['legacy_orders']);
});

test('other tables that are called like ours are kept as well', async () => {
  await using room = await Room.open(
    'create table shops (a); insert into shops values (1); create table sync_runs (b)',
  );
  expect(room.store.takenOver).toEqual(['legacy_shops', 'legacy_sync_runs']);
  expect(await room.rows('select * from legacy_shops')).toEqual([{ a: 1 }]);
  await expectOurs(room);
  await expectOnce(room);
});

test('a database of the older dashboard is from then on readable by nobody else', async () => {
  const room = new Room();
  await using _ = room;
  new Database(room.path).exec(fixture('dashboard')).close();
  chmodSync(room.path, 0o644);
  await room.open();
  await room.begin();
  for (const file of ['shopsync.db', 'shopsync.db-wal', 'shopsync.db-shm'])
    expect((statSync(join(room.folder, file)).mode & 0o777).toString(8), file).toBe('600');
});
