import { closeSync, copyFileSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { expect, test } from 'vitest';

import type { StreamStatus } from '../../shared/views.ts';
import { type DaemonProcess, Installation } from '../daemon/daemon-process.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { SmallDisk, holdLock } from './disk.ts';
import { inDatabase, inWorld, integrity, listening, poll, synced } from './world.ts';

const shopOf = (orders: number): Promise<Sandbox> => startSandbox({ orders, frozen: true, latencyMs: 10, seed: 9 });
/** A retry after a failure of the store begins after 10 s, 20 s, … */
const patient = { ...poll, timeout: 90_000 };

const failure = async (place: Installation): Promise<StreamStatus['lastError']> =>
  (await place.status()).streams[0]?.lastError ?? null;

/** What is stored is right, though not all of it is there. */
function expectNothingWrong(place: Installation, sandbox: Sandbox): void {
  expect(integrity(place)).toBe('ok');
  const world = new Set(inWorld(sandbox));
  expect(inDatabase(place).filter((line) => !world.has(line))).toEqual([]);
}

const recovered = async (place: Installation, sandbox: Sandbox): Promise<void> => {
  await expect.poll(() => inDatabase(place).length, patient).toBe(sandbox.world.size);
  await expect.poll(() => failure(place), patient).toBeNull();
  expect(inDatabase(place)).toEqual(inWorld(sandbox));
  expect(integrity(place)).toBe('ok');
  await expect.poll(() => place.rows(`select id from sync_runs where state = 'running'`), patient).toEqual([]);
};

const refused = async (daemon: DaemonProcess): Promise<string> => {
  expect(await daemon.exited).toEqual({ status: 74, signal: null });
  expect(daemon.stderr.trim().split('\n')).toHaveLength(1);
  return daemon.stderr;
};

test('T15: a disk that fills up in the first sync is told with its cure, loses nothing, and the sync goes on once there is space', async () => {
  await using sandbox = await shopOf(3000);
  await using place = new SmallDisk(sandbox);
  place.mount('6m');
  const daemon = place.start();
  await listening(daemon);
  await expect.poll(() => daemon.stdout.includes('run failed') || !daemon.isRunning, patient).toBe(true);
  expect(daemon.log.find(({ msg }) => String(msg).startsWith('run failed'))).toMatchObject({
    level: 'error',
    msg: expect.stringContaining('disk is full'),
    failure: {
      code: 'store',
      hint: expect.stringContaining('free some disk space'),
      nextAttemptAt: expect.any(String),
    },
  });
  await expect
    .poll(() => failure(place), patient)
    .toMatchObject({
      code: 'store',
      hint: expect.stringContaining('free some disk space'),
      nextAttemptAt: expect.any(String),
    });
  expectNothingWrong(place, sandbox);
  expect(inDatabase(place).length).toBeLessThan(3000);
  expect(daemon.isRunning).toBe(true);
  place.remount('size=128m');
  await recovered(place, sandbox);
});

test('a read-only folder is refused in one line with its cure, and the sync goes on once it is writable', async () => {
  await using sandbox = await shopOf(2000);
  await using place = new SmallDisk(sandbox);
  place.mount('64m');
  const first = place.start();
  await synced(place, first);
  await first.kill('SIGTERM');
  place.remount('ro');
  expect(await refused(place.start())).toMatch(/writable/);

  place.remount('rw');
  const daemon = place.start();
  await synced(place, daemon);
  await recovered(place, sandbox);
});

test('T15: a database that another program has locked for 20 s is waited for or told with its cure, and then synced', async () => {
  await using sandbox = await shopOf(2000);
  await using place = new Installation(sandbox);
  const daemon = place.start([], { SHOPSYNC_SCHEDULE_ORDERS: 'off' });
  await synced(place, daemon);
  sandbox.world.burst(300);
  const began = performance.now();
  const other = await holdLock(place.database);
  const asked = place.call('sync', { wait: true }).then(
    () => 'done',
    (error: unknown) => String(error),
  );
  await expect.poll(() => performance.now() - began, { ...poll, timeout: 25_000 }).toBeGreaterThan(20_000);
  expect(daemon.isRunning).toBe(true);
  await other.release();
  if ((await asked) !== 'done') {
    expect(await asked).toContain('locked');
    expect(daemon.stdout).toContain('another program holds the database');
  }
  await place.call('sync', { wait: true });
  await recovered(place, sandbox);
});

/** Bytes of nobody at a place of a file. */
function overwrite(file: string, at: number, length: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(length, 0xa5), 0, length, at);
  closeSync(handle);
}

test.each([
  { what: 'its header', at: 0, length: 100 },
  { what: 'its first page', at: 100, length: 16_000 },
])(
  'T16: a database damaged in $what is refused in one line with its cure, and read again once moved away',
  async ({ at, length }) => {
    await using sandbox = await shopOf(500);
    await using place = new Installation(sandbox);
    const first = place.start();
    await synced(place, first);
    await first.kill('SIGTERM');
    overwrite(place.database, at, length);
    const damaged = readFileSync(place.database);
    expect(await refused(place.start())).toMatch(/move the file away/);
    expect(readFileSync(place.database).equals(damaged)).toBe(true);
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${place.database}${suffix}`, { force: true });
    await synced(place, place.start());
    await recovered(place, sandbox);
  },
);

test('T16: a database damaged in its middle is told with its cure, nothing wrong is stored in its place, and the daemon lives', async () => {
  await using sandbox = await shopOf(3000);
  await using place = new Installation(sandbox);
  const first = place.start();
  await synced(place, first);
  await first.kill('SIGTERM');
  const { size } = statSync(place.database);
  const whole = join(place.folder, 'whole.db');
  copyFileSync(place.database, whole);
  overwrite(place.database, Math.floor(size / 10), Math.floor(size * 0.8));
  sandbox.world.burst(300);
  const daemon = place.start();
  await expect.poll(() => !daemon.isRunning || daemon.stdout.includes('restore a backup'), patient).toBe(true);
  const said = daemon.isRunning ? daemon.stdout : await refused(daemon);
  expect(said).toContain('restore a backup, or move the file away');
  if (daemon.isRunning) await daemon.kill('SIGTERM');

  for (const suffix of ['-wal', '-shm']) rmSync(`${place.database}${suffix}`, { force: true });
  writeFileSync(place.database, readFileSync(whole));
  await synced(place, place.start());
  await recovered(place, sandbox);
});

test('T16: a database of a newer version is refused in one line and not touched', async () => {
  await using sandbox = await shopOf(500);
  await using place = new Installation(sandbox);
  const first = place.start();
  await synced(place, first);
  await first.kill('SIGTERM');
  const database = new Database(place.database);
  database.exec(`insert into shopsync_migrations (name) values ('Migration29990101000000')`).close();
  const before = inDatabase(place);
  expect(await refused(place.start())).toMatch(/newer version/);
  expect(inDatabase(place)).toEqual(before);
});
