import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import Database from 'better-sqlite3';
import { expect, test } from 'vitest';

import { migrations } from '../../../daemon/store/migrations/list.ts';
import { Store } from '../../../daemon/store/store.ts';
import { Room } from './room.ts';
import { order } from './wire.ts';

const run = promisify(execFile);

const open = (path: string) => Store.open({ path, keepPayload: true, now: () => 0 });

/** What another program reads of the database, read-only, through a SQLite of its own. */
async function readElsewhere(path: string, query: string): Promise<unknown> {
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    const db = new DatabaseSync(process.argv[1], { readOnly: true });
    console.log(JSON.stringify(db.prepare(process.argv[2]).all()));
    db.close();`;
  const { stdout } = await run(process.execPath, ['--no-warnings', '-e', script, path, query]);
  return JSON.parse(stdout);
}

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('a new database: folder and files for its owner alone, WAL mode, everything at its last migration', async () => {
  await using room = new Room();
  const before = process.umask();
  const path = join(room.folder, 'state', 'deeper', 'shopsync.db');
  const store = await open(path);
  try {
    await store.ensureState({ shop: '1', stream: 'orders', liveStart: 0, since: 0, overlap: 0 });
    expect(mode(join(room.folder, 'state'))).toBe('700');
    for (const suffix of ['', '-wal', '-shm']) expect(mode(path + suffix), suffix).toBe('600');
    expect(process.umask()).toBe(before);
    expect(await readElsewhere(path, 'pragma journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await readElsewhere(path, 'select name from shopsync_migrations')).toEqual(
      migrations.map(({ name }) => ({ name })),
    );
    expect(store.takenOver).toEqual([]);
  } finally {
    await store.close();
  }
});

test('another program reads what was committed while a page is being committed', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.page({ runId, records: [order('a')] });
  await room.store.change(async (db) => {
    await db.deleteFrom('orders').execute();
    expect(await readElsewhere(room.path, 'select id from orders')).toEqual([{ id: 'a' }]);
  });
  expect(await readElsewhere(room.path, 'select id from orders')).toEqual([]);
});

test('another program writes before a transaction or after it, never in between', async () => {
  await using room = await Room.open();
  const hand = new Database(room.path, { timeout: 0 });
  try {
    await room.store.change(async (db) => {
      await db.selectFrom('orders').select('id').execute();
      expect(() => hand.exec('delete from sync_metadata')).toThrow(/locked/);
      await db.deleteFrom('doubts').execute();
    });
    hand.exec('delete from sync_metadata');
  } finally {
    hand.close();
  }
});

test('a database that another program holds is a store error that says so', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.rows('pragma busy_timeout = 1');
  const hand = new Database(room.path).exec('begin immediate');
  await expect(room.page({ runId, records: [order('a')] })).rejects.toMatchObject({
    class: 'store',
    hint: expect.stringContaining('another program holds the database'),
  });
  hand.exec('rollback').close();
  await room.page({ runId, records: [order('a')] });
});

test('a database of a newer version is refused, and left as it is', async () => {
  const room = await Room.open();
  await using _ = room;
  await room.sql(`insert into shopsync_migrations (name) values ('Migration20991231000000')`);
  await room.store.close();
  const bytes = readFileSync(room.path);
  await expect(open(room.path)).rejects.toMatchObject({
    class: 'store',
    code: 'store',
    message: expect.stringContaining('Migration20991231000000'),
    hint: expect.stringContaining('start the newer version'),
  });
  expect(readFileSync(room.path)).toEqual(bytes);
});

test('a file that is no database is refused with a cure, and left as it is', async () => {
  await using room = new Room();
  const text = 'dear diary,\n'.repeat(500);
  writeFileSync(room.path, text);
  await expect(open(room.path)).rejects.toMatchObject({
    class: 'store',
    hint: expect.stringContaining('this is no SQLite database'),
  });
  expect(readFileSync(room.path, 'utf8')).toBe(text);
});

test('a path that cannot be made is refused with a cure', async () => {
  await using room = new Room();
  writeFileSync(join(room.folder, 'file'), '');
  mkdirSync(join(room.folder, 'shopsync.db'));
  const cure = { class: 'store', hint: expect.stringContaining('make the folder exist and writable') };
  await expect(open(join(room.folder, 'file', 'below', 'shopsync.db'))).rejects.toMatchObject(cure);
  await expect(open(room.path)).rejects.toMatchObject(cure);
});

test('what SQLite says goes with the error, the data of the statement does not', async () => {
  await using room = await Room.open();
  const { runId } = await room.begin();
  await room.sql(`create trigger fault before insert on orders begin select raise(abort, 'fault'); end`);
  const failed = room.page({ runId, records: [order('a', { status: 'Ada Lovelace' })] });
  await expect(failed).rejects.toMatchObject({ message: expect.stringMatching(/^storing a page: .*fault/) });
  await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('Lovelace') });
});
