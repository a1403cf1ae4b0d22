import { spawn } from 'node:child_process';
import { lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { observeSocket } from '../../shared/paths.ts';
import { daemonEntry, Installation } from '../daemon/daemon-process.ts';
import { exchange } from '../daemon/rpc/harness.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { runClient } from '../tui/client-process.ts';
import { poll } from './world.ts';

/**
 * `systemd-socket-activate`, which opens the sockets as systemd would and becomes the daemon when somebody connects.
 * It passes on nothing of its environment that is not named.
 */
const activate = (place: Installation, names: string, sockets: readonly string[]) => {
  const given = Object.entries(place.env).map(([name, value]) => `--setenv=${name}=${value}`);
  const listening = sockets.map((path) => `--listen=${path}`);
  const command = ['systemd-socket-activate', ...listening, `--fdname=${names}`, ...given] as const;
  const [program, ...args] = command;
  const child = spawn(program, [...args, process.execPath, daemonEntry], {
    env: place.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (data) => (said[name] += String(data)));
  const ended = Promise.withResolvers<number | null>();
  child.on('error', ended.reject).on('close', ended.resolve);
  return { pid: child.pid, said, ended: ended.promise, kill: () => child.kill('SIGTERM') };
};

const status = '{"jsonrpc":"2.0","method":"status","id":1}\n';

test('the first connection to a socket of systemd starts the daemon and is answered by it; the sockets stay when it ends', async () => {
  await using sandbox = await startSandbox({ orders: 300, frozen: true });
  await using place = new Installation(sandbox);
  mkdirSync(dirname(place.socket), { mode: 0o711 });
  const observe = observeSocket(place.socket);
  const daemon = activate(place, 'observe:control', [observe, place.socket]);
  await expect.poll(() => daemon.said.stderr, poll).toContain(`Listening on ${place.socket}`);
  const made = [place.socket, observe].map((path) => lstatSync(path).ino);
  expect(daemon.said.stdout).toBe('');

  const first = await runClient(['status', '--json', '--socket', place.socket]);
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(JSON.parse(first.stdout)).toMatchObject({ pid: daemon.pid });
  await place.call('sync', { wait: true });
  expect(JSON.parse(await exchange(observe, status))).toMatchObject({ id: 1, result: { pid: daemon.pid } });
  expect(JSON.parse(await exchange(observe, status.replace('status', 'sync')))).toMatchObject({
    error: { code: -32012 },
  });

  daemon.kill();
  expect(await daemon.ended).toBe(0);
  expect(daemon.said.stdout).toContain('"listening"');
  expect([place.socket, observe].map((path) => lstatSync(path).ino)).toEqual(made);
  expect(place.rows('select count(*) as n from orders')).toEqual([{ n: 300 }]);
});

test('a socket of systemd whose name means nothing here ends the daemon with 78 and a line that says what to write', async () => {
  await using sandbox = await startSandbox({ orders: 10, frozen: true });
  await using place = new Installation(sandbox);
  mkdirSync(dirname(place.socket), { mode: 0o711 });
  const daemon = activate(place, 'control:http', [place.socket, observeSocket(place.socket)]);
  await expect.poll(() => daemon.said.stderr, poll).toContain(`Listening on ${place.socket}`);
  const client = runClient(['status', '--socket', place.socket]);
  expect(await daemon.ended).toBe(78);
  expect(daemon.said.stderr).toMatch(/\nshopsyncd: socket activation: .*"http".*FileDescriptorName=control.*\n$/);
  expect((await client).status).not.toBe(0);
});
