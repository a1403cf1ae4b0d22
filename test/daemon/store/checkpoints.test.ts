import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';

import { type Checkpoints, spareCheckpoints, startCheckpoints } from '../../../daemon/store/checkpoints.ts';
import { findSetting, saveSetting } from '../../../daemon/store/settings.ts';
import { Store } from '../../../daemon/store/store.ts';

const page = 4096;
const poll = { timeout: 20_000, interval: 20 };

function database(errors: string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'shopsync-'));
  const path = join(folder, 'x.db');
  const writer = new Database(path);
  writer.exec(`pragma journal_mode = wal; pragma ${spareCheckpoints}; create table t (x blob)`);
  let checkpoints: Checkpoints | undefined;
  let held: Promise<void> | undefined;
  onTestFinished(async () => {
    await checkpoints?.stop();
    writer.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const fill = (rows: number) =>
    writer.exec(`with recursive c(i) as (select 1 union all select i + 1 from c where i < ${rows})
      insert into t select randomblob(3900) from c`);
  return {
    path,
    writer,
    fill,
    start: () => {
      checkpoints = startCheckpoints(path, {
        hold: () => {
          const { promise, resolve } = Promise.withResolvers<void>();
          held = promise;
          return resolve;
        },
        onError: (message) => errors.push(message),
      });
      return checkpoints;
    },
    held: () => held,
  };
}

test('a long log goes into the database by itself, and the next write begins it anew', async () => {
  const { path, fill, start, held } = database();
  fill(2500);
  const before = statSync(path).size;
  const long = statSync(`${path}-wal`).size;
  expect(long).toBeGreaterThan(2500 * page);
  expect(before).toBeLessThan(100 * page);
  start();
  await expect.poll(() => statSync(path).size, poll).toBeGreaterThan(2500 * page);
  await expect.poll(() => held() !== undefined, poll).toBe(true);
  await held();
  for (let i = 0; i < 5; i++) fill(100);
  expect(statSync(`${path}-wal`).size).toBe(long);
});

test('a short log is left alone', async () => {
  const { path, fill, start, held } = database();
  fill(1000);
  const before = statSync(path).size;
  const checkpoints = start();
  fill(1500);
  await expect.poll(() => held() !== undefined, poll).toBe(true);
  await held();
  fill(1000);
  const after = statSync(path).size;
  // Two looks at it later.
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(statSync(path).size).toBe(after);
  expect(before).toBeLessThan(after);
  await checkpoints.stop();
});

test('rule 11: the log stays short while somebody writes without a break, because they are held off for its end', async () => {
  const { path, writer, fill, start, held } = database();
  start();
  let most = 0;
  let written = 0;
  const began = performance.now();
  while (performance.now() - began < 2000 || written < 20_000) {
    await held();
    fill(50);
    written += 50;
    most = Math.max(most, statSync(`${path}-wal`).size);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(written * page).toBeGreaterThan(2 * most);
  expect(writer.prepare('select count(*) as n from t').all([])).toEqual([{ n: written }]);
}, 60_000);

test('what fails is told once, and tried again until it works', async () => {
  const errors: string[] = [];
  const { path, fill, start } = database(errors);
  fill(2500);
  const folder = dirname(path);
  renameSync(folder, `${folder}-away`);
  start();
  await expect.poll(() => errors.length, poll).toBe(1);
  expect(errors[0]).toMatch(/directory does not exist/);
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(errors).toHaveLength(1);
  renameSync(`${folder}-away`, folder);
  await expect.poll(() => statSync(path).size, poll).toBeGreaterThan(2500 * page);
}, 30_000);

test('while writers are held off, changes wait in order, and what is stored can be read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shopsync-'));
  const store = await Store.open({
    path: join(folder, 'shopsync.db'),
    keepPayload: true,
    now: Date.now,
    checkpointsElsewhere: true,
  });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const release = store.holdWrites();
  const ended: string[] = [];
  const changes = ['a', 'b'].map(async (value) => {
    await store.change(saveSetting, 'paused_at', value, Date.now());
    ended.push(value);
  });
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  expect(ended).toEqual([]);
  expect(await store.query(findSetting, 'paused_at')).toBeUndefined();
  release();
  await Promise.all(changes);
  expect(ended).toEqual(['a', 'b']);
  expect(await store.query(findSetting, 'paused_at')).toBe('b');
  expect(await store.query(async (db) => (await sql`pragma wal_autocheckpoint`.execute(db)).rows)).toEqual([
    { wal_autocheckpoint: 16_000 },
  ]);
});
