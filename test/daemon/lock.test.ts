import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { AppError } from '../../daemon/errors.ts';
import { acquireLocks, AlreadyRunningError, type Lock, type LockOptions } from '../../daemon/lock.ts';

let folder: string;
let children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shopsync-'));
});
afterEach(async () => {
  await Promise.all(children.map(killed));
  children = [];
  rmSync(folder, { recursive: true });
});

const placesIn = (stateDir: string) => ({ stateDir, storePath: join(stateDir, 'shopsync.db') });
const acquire = (stateDir: string, options: LockOptions = {}): Lock => acquireLocks(placesIn(stateDir), options);

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** A process that takes the lock and holds it without holding on to the Lock object. Answers `held` or the error. */
async function contender(places = placesIn(folder)): Promise<{ child: ChildProcess; answer: string }> {
  const lock = fileURLToPath(new URL('../../daemon/lock.ts', import.meta.url));
  const program = `const { acquireLocks } = await import(${JSON.stringify(lock)});
    process.stdin.once('data', () => {
      try { acquireLocks(${JSON.stringify(places)}); }
      catch (error) { console.log(error.name + ': ' + error.message); process.exit(79); }
      globalThis.gc();
      console.log('held');
    });
    console.log('ready');`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [ready] = await once(child.stdout, 'data');
  expect(String(ready)).toBe('ready\n');
  const data = once(child.stdout, 'data');
  child.stdin.write('go\n');
  const [answer] = await data;
  return { child, answer: String(answer).trim() };
}

const denied = (): AlreadyRunningError => {
  try {
    acquire(folder, { waitMs: 0 }).release();
  } catch (error) {
    if (error instanceof AlreadyRunningError) return error;
    throw error;
  }
  throw new Error('The lock was free.');
};

test('T34: a second daemon is refused and told who holds the folder, until the first one is killed', async () => {
  const { child, answer } = await contender();
  expect(answer).toBe('held');
  const error = denied();
  expect(error.holder?.pid).toBe(child.pid);
  expect(error.message).toContain(`pid ${child.pid}`);
  expect(error.message).toContain(folder);

  await killed(child);
  const lock = acquire(folder);
  expect(JSON.parse(readFileSync(join(folder, 'daemon.json'), 'utf8'))).toMatchObject({ pid: process.pid });
  lock.release();
});

test('T34: after SIGKILL the folder is free at once, although the pid that is written there is now that of another program', async () => {
  const { child, answer } = await contender();
  expect(answer).toBe('held');
  await killed(child);
  const info = join(folder, 'daemon.json');
  const left = readFileSync(info, 'utf8');
  expect(JSON.parse(left)).toMatchObject({ pid: child.pid });
  const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] });
  children.push(other);
  await once(other, 'spawn');
  writeFileSync(info, left.replace(String(child.pid), String(other.pid)));
  const lock = acquire(folder, { waitMs: 0 });
  expect(denied().holder?.pid).toBe(process.pid);
  lock.release();
  expect(other.exitCode).toBeNull();
});

test(
  'lesson 10: of ten that start at once exactly one gets the lock, and the others name it',
  { timeout: 60_000 },
  async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => contender()));
    const [winner, ...more] = all.filter(({ answer }) => answer === 'held');
    expect(more).toEqual([]);
    const losers = all.filter((one) => one !== winner).map(({ answer }) => answer);
    for (const answer of losers)
      expect(answer).toContain(`AlreadyRunningError: another daemon, pid ${winner?.child.pid},`);
  },
);

test('refuses within one process, and what a refused one does takes nothing from the holder', async () => {
  const lock = acquire(folder, { now: new Date('2026-01-02T03:04:05.678Z') });
  expect(denied().holder).toEqual({ pid: process.pid, startedAt: '2026-01-02T03:04:05.678Z' });
  expect((await contender()).answer).toContain(`AlreadyRunningError: another daemon, pid ${process.pid}`);
  lock.release();
  lock.release();
  expect((await contender()).answer).toBe('held');
});

test('one database has one daemon, whatever their state folders are and by whatever link it is reached', async () => {
  const storePath = join(folder, 'data', 'shopsync.db');
  const { child, answer } = await contender({ stateDir: join(folder, 'first'), storePath });
  expect(answer).toBe('held');
  symlinkSync('data', join(folder, 'link'));
  const second = join(folder, 'second');
  for (const path of [
    storePath,
    join(folder, 'link', 'shopsync.db'),
    join(folder, 'first', '..', 'data', 'shopsync.db'),
  ])
    expect(() => acquireLocks({ stateDir: second, storePath: path }, { waitMs: 0 })).toThrow(
      expect.objectContaining({
        name: 'AlreadyRunningError',
        message: expect.stringContaining(`pid ${child.pid}, started at`),
        holder: expect.objectContaining({ pid: child.pid }),
      }),
    );
  // What a refused one had taken already is free again.
  acquire(second, { waitMs: 0 }).release();

  writeFileSync(storePath, '');
  symlinkSync(storePath, join(folder, 'other.db'));
  expect(() => acquireLocks({ stateDir: second, storePath: join(folder, 'other.db') }, { waitMs: 0 })).toThrow(
    `keeps the database ${join(folder, 'other.db')}; stop it first, or choose another with store.path`,
  );
  await killed(child);
  acquireLocks({ stateDir: second, storePath }).release();
});

test('what is written about the holder is never trusted', () => {
  writeFileSync(join(folder, 'daemon.json'), `{"pid": ${process.ppid}, "startedAt": "2026-01-01T00:00:00Z"}`);
  const lock = acquire(folder);
  for (const text of [
    '',
    '{',
    '{"pid": -1, "startedAt": "2026-01-01T00:00:00Z"}',
    '{"pid": 99999999, "startedAt": "2026-01-01T00:00:00Z"}',
  ]) {
    writeFileSync(join(folder, 'daemon.json'), text);
    expect(denied().holder).toBeNull();
  }
  lock.release();
});

test('makes the folder for its user alone, and leaves nothing behind but the lock files', () => {
  const state = join(folder, 'a', 'b');
  const lock = acquire(state);
  expect(statSync(state).mode & 0o777).toBe(0o700);
  for (const name of ['daemon.lock', 'daemon.json', 'shopsync.db.lock', 'shopsync.db.lock.json'])
    expect(statSync(join(state, name)).mode & 0o777).toBe(0o600);
  lock.release();
  expect(readdirSync(state)).toEqual(['daemon.lock', 'shopsync.db.lock']);
});

test('a folder that cannot be used is a failure of the store', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => acquire(join(file, 'state'))).toThrow(AppError);
  expect(() => acquireLocks({ stateDir: folder, storePath: join(file, 'shopsync.db') })).toThrow(
    expect.objectContaining({ class: 'store', hint: expect.stringContaining('store.path') }),
  );
  writeFileSync(join(folder, 'daemon.lock'), 'this is no database, whatever its name says'.repeat(100));
  expect(() => acquire(folder)).toThrow(expect.objectContaining({ class: 'store', hint: expect.any(String) }));
});
