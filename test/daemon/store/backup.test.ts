import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';

import { Backups } from '../../../daemon/store/backup.ts';
import { fileIdOf } from '../../../daemon/store/file-id.ts';
import { saveSetting } from '../../../daemon/store/settings.ts';
import { Store } from '../../../daemon/store/store.ts';

const never = new AbortController().signal;

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'shopsync-'));
  const store = await Store.open({ path: join(folder, 'shopsync.db'), keepPayload: true, now: Date.now });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const out = join(folder, 'out');
  mkdirSync(out);
  return { store, out, backups: new Backups(store) };
}

const at = (path: string) => ({ path, file: fileIdOf(path) });

const fill = (store: Store, rows: number) =>
  store.change(async (db) => {
    await sql`create table if not exists filler (n integer primary key, x blob)`.execute(db);
    await sql`with recursive c(i) as (select 1 union all select i + 1 from c where i < ${rows})
      insert into filler (x) select randomblob(4000) from c`.execute(db);
  });

const rowsOf = (file: string, question: string): unknown[] => {
  const database = new Database(file);
  try {
    return database.prepare(question).all([]);
  } finally {
    database.close();
  }
};

test('a copy is whole, for its owner alone, and says its size; what is not committed to the file yet is in it', async () => {
  const { store, out, backups } = await open();
  await store.change(saveSetting, 'paused_at', '2026-11-22T10:00:00Z', Date.now());
  const file = join(out, 'b.db');
  const made = await backups.write(file, never);
  expect(made).toEqual({ file, bytes: statSync(file).size });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(out)).toEqual(['b.db']);
  expect(rowsOf(file, 'select name, value from settings')).toEqual([
    { name: 'paused_at', value: '2026-11-22T10:00:00Z' },
  ]);
  expect(rowsOf(file, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
});

test('while it is made others write and read, and it is of one moment; a second one is told to wait', async () => {
  const { store, out, backups } = await open();
  await fill(store, 8000);
  let changes = 0;
  const copying = backups.write(join(out, 'b.db'), never);
  const refused = backups.write(join(out, 'c.db'), never);
  await expect(refused).rejects.toMatchObject({ code: 'busy', retryable: true });
  let isDone = false;
  const watched = copying.finally(() => (isDone = true));
  while (!isDone) {
    // Two changes of one transaction: a copy has both or none.
    await store.change(async (db) => {
      await sql`update filler set x = ${changes + 1} where n in (1, 8000)`.execute(db);
    });
    changes += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await watched;
  expect(changes).toBeGreaterThan(3);
  const ends = rowsOf(join(out, 'b.db'), 'select count(distinct x) as n from filler where n in (1, 8000)');
  const { n } = Object(ends[0]);
  // Before the first change the two differed: both are random.
  const before = rowsOf(join(out, 'b.db'), 'select length(x) as l from filler where n = 1');
  expect([1, 2]).toContain(n);
  expect(n === 2).toBe(Object(before[0]).l === 4000);
  await backups.write(join(out, 'c.db'), never);
});

test('a file that exists, also a link to nothing, a relative path and a missing folder are refused, nothing is touched', async () => {
  const { out, backups } = await open();
  const file = join(out, 'kept');
  writeFileSync(file, 'mine');
  symlinkSync('/nowhere/at/all', join(out, 'link'));
  const invalid = { code: 'invalid_params', class: 'usage' };
  await expect(backups.write(file, never)).rejects.toMatchObject({ ...invalid, message: /a file of that name/ });
  await expect(backups.write('b.db', never)).rejects.toMatchObject({ ...invalid, message: /absolute/ });
  await expect(backups.write(join(out, 'no', 'b.db'), never)).rejects.toMatchObject({
    ...invalid,
    message: /no folder/,
  });
  await expect(backups.write(out, never)).rejects.toMatchObject(invalid);
  await expect(backups.write(join(out, 'link'), never)).rejects.toMatchObject(invalid);
  expect(readdirSync(out)).toEqual(['kept', 'link']);
  expect(statSync(file).size).toBe(4);
});

test('a copy that is broken off leaves nothing, and the next one is made', async () => {
  const { store, out, backups } = await open();
  await fill(store, 8000);
  const caller = new AbortController();
  const broken = backups.write(join(out, 'b.db'), caller.signal);
  await expect.poll(() => existsSync(join(out, 'b.db.partial')), { interval: 1, timeout: 5000 }).toBe(true);
  caller.abort();
  await expect(broken).rejects.toMatchObject({ code: 'shutting_down' });
  expect(readdirSync(out)).toEqual([]);
  await expect(backups.write(join(out, 'b.db'), AbortSignal.abort())).rejects.toMatchObject({ code: 'shutting_down' });
  // Left by a daemon that was killed.
  for (const left of ['b.db.partial', 'b.db.partial-journal']) writeFileSync(join(out, left), 'half');
  await backups.write(join(out, 'b.db'), never);
  expect(readdirSync(out)).toEqual(['b.db']);
});

test('a database that is damaged gives no copy, and says so', async () => {
  const { store, out } = await open();
  await fill(store, 200);
  await store.close();
  const broken = join(out, 'broken.db');
  const whole = new Database(store.path);
  whole.exec(`vacuum into '${broken}'`).close();
  const bytes = statSync(broken).size;
  const fd = openSync(broken, 'r+');
  // Most of the file: a smaller hole may happen to lie in pages that hold nothing.
  const hole = Buffer.alloc(Math.floor(bytes * 0.6), 0x5a);
  writeSync(fd, hole, 0, hole.length, Math.floor(bytes * 0.3));
  closeSync(fd);
  await expect(new Backups(at(broken)).write(join(out, 'b.db'), never)).rejects.toMatchObject({
    code: 'store',
    message: expect.stringMatching(/backup failed: .*(malformed|damaged)/),
    hint: expect.stringContaining('disk'),
  });
  expect(readdirSync(out)).toEqual(['broken.db']);
});

test('a copy is read through before it gets its name: one that breaks its own rules is none', async () => {
  const { out } = await open();
  const path = join(out, 'odd.db');
  const database = new Database(path);
  database
    .exec('create table shopsync_migrations (name); create table t(a          ); insert into t values (null)')
    .close();
  // An edit of the file by hand.
  const bytes = readFileSync(path);
  bytes.write('(a NOT NULL )', bytes.indexOf('(a          )'));
  writeFileSync(path, bytes);
  await expect(new Backups(at(path)).write(join(out, 'b.db'), never)).rejects.toMatchObject({
    code: 'store',
    message: 'the backup failed: the copy is damaged: [{"integrity_check":"NULL value in t.a"}]',
  });
  expect(readdirSync(out)).toEqual(['odd.db']);
});

test('a copy that cannot even begin is broken off at once', async () => {
  const { out } = await open();
  const path = join(out, 'locked.db');
  const holder = new Database(path);
  onTestFinished(() => void holder.close());
  holder.exec('create table t (a); begin exclusive');
  const caller = new AbortController();
  const broken = new Backups(at(path)).write(join(out, 'b.db'), caller.signal);
  await expect.poll(() => existsSync(join(out, 'b.db.partial')), { interval: 1, timeout: 5000 }).toBe(true);
  const began = performance.now();
  caller.abort();
  await expect(broken).rejects.toMatchObject({ code: 'shutting_down' });
  // It would have waited for the lock for five seconds.
  expect(performance.now() - began).toBeLessThan(2500);
});

test.each([
  ['moved away', () => undefined, 'was moved or deleted while it is open'],
  [
    'replaced by an empty one',
    (path: string) => writeFileSync(path, ''),
    'is another file than the database that is open',
  ],
])('a database that was %s under the daemon is not backed up as if it were whole', async (_, replace, words) => {
  const { store, out, backups } = await open();
  const aside = join(out, 'aside.db');
  renameSync(store.path, aside);
  replace(store.path);
  await expect(backups.write(join(out, 'b.db'), never)).rejects.toMatchObject({
    code: 'store',
    message: expect.stringContaining(words),
    hint: expect.stringContaining('put the file back'),
  });
  expect(readdirSync(out)).toEqual(['aside.db']);
  renameSync(aside, store.path);
  await expect(backups.write(join(out, 'b.db'), never)).resolves.toMatchObject({ file: join(out, 'b.db') });
});

test('a database that holds none of our migrations is no backup', async () => {
  const { out } = await open();
  const path = join(out, 'strange.db');
  new Database(path).exec('create table t (a)').close();
  await expect(new Backups(at(path)).write(join(out, 'b.db'), never)).rejects.toMatchObject({
    code: 'store',
    message: expect.stringContaining('is no database of shopsync'),
  });
  expect(readdirSync(out)).toEqual(['strange.db']);
});
