import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { AppError } from '../../daemon/errors.ts';
import { acquireLock, AlreadyRunningError } from '../../daemon/lock.ts';

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

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** A process that takes the lock and holds it without holding on to the Lock object. Answers `held` or the error. */
async function contender(): Promise<{ child: ChildProcess; answer: string }> {
  const lock = fileURLToPath(new URL('../../daemon/lock.ts', import.meta.url));
  const program = `const { acquireLock } = await import(${JSON.stringify(lock)});
    process.stdin.once('data', () => {
      try { acquireLock(${JSON.stringify(folder)}); }
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
    acquireLock(folder, { waitMs: 0 }).release();
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
  const lock = acquireLock(folder);
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
  const lock = acquireLock(folder, { waitMs: 0 });
  expect(denied().holder?.pid).toBe(process.pid);
  lock.release();
  expect(other.exitCode).toBeNull();
});

test('of twenty that start at once exactly one gets the lock', { timeout: 60_000 }, async () => {
  const answers = (await Promise.all(Array.from({ length: 20 }, contender))).map((one) => one.answer);
  expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
  expect(answers.filter((answer) => answer.startsWith('AlreadyRunningError: another daemon'))).toHaveLength(19);
});

test('refuses within one process, and what a refused one does takes nothing from the holder', async () => {
  const lock = acquireLock(folder, { now: new Date('2026-01-02T03:04:05.678Z') });
  expect(denied().holder).toEqual({ pid: process.pid, startedAt: '2026-01-02T03:04:05.678Z' });
  expect((await contender()).answer).toContain(`AlreadyRunningError: another daemon, pid ${process.pid}`);
  lock.release();
  lock.release();
  expect((await contender()).answer).toBe('held');
});

test('what is written about the holder is never trusted', () => {
  writeFileSync(join(folder, 'daemon.json'), `{"pid": ${process.ppid}, "startedAt": "2026-01-01T00:00:00Z"}`);
  const lock = acquireLock(folder);
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

test('makes the folder for its user alone, and leaves nothing behind but the lock file', () => {
  const state = join(folder, 'a', 'b');
  const lock = acquireLock(state);
  expect(statSync(state).mode & 0o777).toBe(0o700);
  for (const name of ['daemon.lock', 'daemon.json']) expect(statSync(join(state, name)).mode & 0o777).toBe(0o600);
  lock.release();
  expect(readdirSync(state)).toEqual(['daemon.lock']);
});

test('a folder that cannot be used is a failure of the store', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => acquireLock(join(file, 'state'))).toThrow(AppError);
  writeFileSync(join(folder, 'daemon.lock'), 'this is no database, whatever its name says'.repeat(100));
  expect(() => acquireLock(folder)).toThrow(expect.objectContaining({ class: 'store', hint: expect.any(String) }));
});
