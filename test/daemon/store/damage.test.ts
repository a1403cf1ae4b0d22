import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';

import { damageOf } from '../../../daemon/store/damage.ts';

const aDatabase = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'shopsync-damage-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'x.db');
  const database = new Database(path).exec('create table t (a text)');
  database.exec(
    "with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000) insert into t select 'row ' || i from n",
  );
  database.close();
  return path;
};

test('a whole database has no damage, and is left as it was', () => {
  const path = aDatabase();
  const before = statSync(path).mtimeMs;
  expect(damageOf(path)).toBeNull();
  expect(statSync(path).mtimeMs).toBe(before);
});

test('one that another process writes to is read beside it', () => {
  const path = aDatabase();
  const writer = new Database(path).exec('pragma journal_mode = wal');
  onTestFinished(() => void writer.close());
  writer.exec("begin immediate; insert into t values ('open')");
  expect(damageOf(path)).toBeNull();
});

test('one that lost its end, and a file that is none, are told with a cure', () => {
  const path = aDatabase();
  truncateSync(path, statSync(path).size - 8192);
  expect(damageOf(path)).toMatchObject({ code: 'store', hint: expect.stringContaining('restore a backup') });
  writeFileSync(path, 'no database at all '.repeat(500));
  expect(damageOf(path)).toMatchObject({ code: 'store', hint: expect.stringContaining('this is no SQLite database') });
});
