import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { startSandbox } from '../sandbox/sandbox.ts';
import { Installation } from './daemon-process.ts';

const poll = { timeout: 15_000, interval: 20 };
/** Enough for a daemon that has no API to speak to. */
const credentials = {
  SHOPSYNC_API_APP_KEY: 'key',
  SHOPSYNC_APP_SECRET: 'secret',
  SHOPSYNC_API_BASE_URL: 'http://127.0.0.1:9',
};

async function ends(args: readonly string[], env: Readonly<Record<string, string>> = {}, place = new Installation()) {
  await using room = place;
  const daemon = room.start(args, env);
  const { status } = await daemon.exited;
  return { status, stdout: daemon.stdout, lines: daemon.stderr.split('\n').filter((line) => line !== '') };
}

test.each([['--colour'], ['status']])('%s: 64, and one line says what is wrong', async (argument) => {
  const { status, stdout, lines } = await ends([argument], credentials);
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^shopsyncd: /);
});

test('--help and --version go to stdout and are no failure', async () => {
  expect(await ends(['--help'])).toMatchObject({ status: 0, lines: [] });
  const told = await ends(['--version']);
  expect(told).toMatchObject({ status: 0, lines: [] });
  expect(told.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('a bad key in the file: 78, and a line each with file, line and key', async () => {
  const place = new Installation();
  const file = join(place.folder, 'shopsync.toml');
  writeFileSync(file, '[api]\napp_key = "key"\nrequests_per_secnd = 5\n\n[sync]\nsettle = "soon"\n');
  const { status, stdout, lines } = await ends(['--config', file], { SHOPSYNC_APP_SECRET: 'secret' }, place);
  expect({ status, stdout }).toEqual({ status: 78, stdout: '' });
  expect(lines).toHaveLength(2);
  expect(lines.find((line) => line.includes('requests_per_secnd'))).toContain(`${file}:3`);
  expect(lines.find((line) => line.includes('sync.settle'))).toContain(`${file}:6`);
});

test('without key and secret: 78, and a line each says where they may stand', async () => {
  const { status, lines } = await ends([]);
  expect(status).toBe(78);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('api.app_key');
  expect(lines[1]).toContain('SHOPSYNC_APP_SECRET');
});

test('--check-config says nothing when all is well, and starts nothing', async () => {
  expect(await ends(['--check-config'], credentials)).toEqual({ status: 0, stdout: '', lines: [] });
  expect(await ends(['--check-config'], { ...credentials, SHOPSYNC_SYNC_SETTLE: 'soon' })).toMatchObject({
    status: 78,
  });
});

test('a variable that is unknown is a warning, and no more', async () => {
  const { status, lines } = await ends(['--check-config'], { ...credentials, SHOPSYNC_COLOUR: 'red' });
  expect(status).toBe(0);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^shopsyncd: warning: .*SHOPSYNC_COLOUR/);
});

test.each([
  ['a folder', (path: string) => mkdirSync(path)],
  [
    'no database',
    (path: string) => writeFileSync(path, 'This is a letter, and it is much longer than a header. '.repeat(99)),
  ],
])('store.path is %s: 74, and one line says so', async (_, make) => {
  const place = new Installation();
  make(join(place.folder, 'shopsync.db'));
  const { status, lines } = await ends([], credentials, place);
  expect(status).toBe(74);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('shopsync.db');
});

test('a state folder that cannot be made: 74', async () => {
  const place = new Installation();
  writeFileSync(join(place.folder, 'file'), '');
  const { status, lines } = await ends(
    [],
    { ...credentials, SHOPSYNC_STATE_DIR: join(place.folder, 'file', 'state') },
    place,
  );
  expect(status).toBe(74);
  expect(lines).toHaveLength(1);
});

test('a socket that cannot be opened: 78, and what was opened before does not keep the process', async () => {
  const place = new Installation();
  writeFileSync(join(place.folder, 'here'), '');
  const { status, lines } = await ends([], { ...credentials, SHOPSYNC_RPC_SOCKET: join(place.folder, 'here') }, place);
  expect(status).toBe(78);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('exists and is no socket');
});

test('T34: a second daemon on the same folder: 79, and it names the first by its pid; the first goes on', async () => {
  await using sandbox = await startSandbox({ orders: 100, frozen: true });
  await using place = new Installation(sandbox);
  const first = place.start();
  await expect.poll(() => first.stdout.includes('"listening"'), poll).toBe(true);
  const second = place.start();
  expect(await second.exited).toEqual({ status: 79, signal: null });
  expect(second.stderr).toMatch(new RegExp(String.raw`^shopsyncd: .*\bpid ${first.pid}\b.*\n$`));
  expect(second.stdout).toBe('');
  expect((await place.status()).pid).toBe(first.pid);
});

test('lesson 10: a second daemon with another folder and the same database: 79, and it names the first by its pid', async () => {
  await using place = new Installation();
  await using other = new Installation();
  const first = place.start([], credentials);
  await expect.poll(() => first.stdout.includes('"listening"'), poll).toBe(true);
  const second = other.start([], { ...credentials, SHOPSYNC_STORE_PATH: place.database });
  expect(await second.exited).toEqual({ status: 79, signal: null });
  expect(second.stderr).toMatch(new RegExp(String.raw`^shopsyncd: .*\bpid ${first.pid}\b.*store\.path\n$`));
  expect(second.stdout).toBe('');
  expect((await place.status()).pid).toBe(first.pid);
});

test('lesson 10: of three that start at once one stays, and the others name it and end with 79', async () => {
  await using place = new Installation();
  const all = Array.from({ length: 3 }, () => place.start([], credentials));
  await expect.poll(() => all.filter(({ isRunning }) => isRunning).length, { ...poll, timeout: 60_000 }).toBe(1);
  const [winner, ...more] = all.filter(({ isRunning }) => isRunning);
  expect(more).toEqual([]);
  for (const loser of all.filter((one) => one !== winner)) {
    expect(await loser.exited).toEqual({ status: 79, signal: null });
    expect(loser.stderr).toMatch(new RegExp(String.raw`^shopsyncd: another daemon, pid ${winner?.pid}, .*\n$`));
  }
  await expect.poll(() => winner?.stdout.includes('"listening"'), poll).toBe(true);
  expect((await place.status()).pid).toBe(winner?.pid);
}, 60_000);

test('an API that cannot be reached keeps no daemon from starting, answering and stopping', async () => {
  await using place = new Installation();
  const daemon = place.start([], {
    ...credentials,
    SHOPSYNC_API_AUTH_URL: 'http://127.0.0.1:9',
    SHOPSYNC_ACCESS_TOKEN: 'token',
  });
  await expect.poll(() => daemon.stdout.includes('"listening"') || !daemon.isRunning, poll).toBe(true);
  expect(await place.status()).toMatchObject({ pid: daemon.pid, shops: [], streams: [] });
  const began = performance.now();
  expect(await daemon.kill('SIGTERM')).toEqual({ status: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(5000);
});
