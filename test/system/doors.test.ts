import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { observeSocket } from '../../shared/paths.ts';
import { daemonEntry, Installation } from '../daemon/daemon-process.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { integrity, listening, poll } from './world.ts';

const noApi = {
  SHOPSYNC_API_APP_KEY: 'key',
  SHOPSYNC_APP_SECRET: 'secret',
  SHOPSYNC_API_BASE_URL: 'http://127.0.0.1:9',
};
/** Groups and users that need no entry anywhere. */
const [operators, observers, strangers] = [4321, 4322, 4323];
const user = 4500;

/** A folder that everybody may pass through, for sockets that others are to reach. */
const openFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'shopsync-doors-'));
  chmodSync(folder, 0o711);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

test('lesson 10: of 20 daemons that start at once one stays, and each of the others names it and ends with 79', async () => {
  await using sandbox = await startSandbox({ orders: 300, frozen: true });
  await using place = new Installation(sandbox);
  const all = Array.from({ length: 20 }, () => place.start());
  await expect.poll(() => all.filter(({ isRunning }) => isRunning).length, { ...poll, timeout: 120_000 }).toBe(1);
  const [winner] = all.filter(({ isRunning }) => isRunning);
  if (winner === undefined) throw new Error('none of them stayed');
  for (const loser of all.filter((one) => one !== winner)) {
    expect(await loser.exited).toEqual({ status: 79, signal: null });
    expect(loser.stdout).toBe('');
    expect(loser.stderr).toMatch(new RegExp(String.raw`^shopsyncd: another daemon, pid ${winner.pid}, .*\n$`));
  }
  await listening(winner);
  expect((await place.status()).pid).toBe(winner.pid);
  await place.call('sync', { wait: true });
  expect(await winner.kill('SIGTERM')).toEqual({ status: 0, signal: null });
  expect(place.rows('select count(*) as n from orders')).toEqual([{ n: 300 }]);
  expect(integrity(place)).toBe('ok');
});

test('lesson 8: after SIGKILL the next daemon answers within 2 s, whatever pid is written there', async () => {
  await using sandbox = await startSandbox({ orders: 3000, frozen: true, latencyMs: 10 });
  await using place = new Installation(sandbox);
  for (const isForeign of [false, true]) {
    const killed = place.start();
    await listening(killed);
    await expect.poll(async () => (await place.status()).streams[0]?.total ?? 0, poll).toBeGreaterThan(0);
    await killed.kill('SIGKILL');
    expect(lstatSync(place.socket).isSocket()).toBe(true);
    const info = join(place.folder, 'daemon.json');
    if (isForeign) writeFileSync(info, readFileSync(info, 'utf8').replace(String(killed.pid), String(process.pid)));
    const began = performance.now();
    const next = place.start();
    await expect
      .poll(
        () =>
          place.status().then(
            ({ pid }) => pid,
            () => 0,
          ),
        { timeout: 20_000, interval: 5 },
      )
      .toBe(next.pid);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(await next.kill('SIGTERM')).toEqual({ status: 0, signal: null });
  }
});

/** Looks at every name in a folder in a tight loop until told to stop; gives each "name mode group" that was seen. */
const watchFolder = async (folder: string) => {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const watcher = new Worker(
    `const { workerData: { folder, shared }, parentPort } = require('node:worker_threads');
     const { lstatSync, readdirSync } = require('node:fs');
     const seen = new Set();
     parentPort.postMessage('ready');
     while (Atomics.load(shared, 0) === 0)
       for (const name of readdirSync(folder)) {
         const found = lstatSync(folder + '/' + name, { throwIfNoEntry: false });
         if (found === undefined) continue;
         const known = name.endsWith('.sock') ? name : 'temporary ' + name.replace(/\\.\\d+$/, '');
         seen.add([known, (found.mode & 0o7777).toString(8), found.gid].join(' '));
       }
     parentPort.postMessage([...seen]);`,
    { eval: true, workerData: { folder, shared } },
  );
  onTestFinished(async () => {
    await watcher.terminate();
  });
  await once(watcher, 'message');
  const found = once(watcher, 'message');
  return async (): Promise<string[]> => {
    Atomics.store(shared, 0, 1);
    return z.tuple([z.array(z.string())]).parse(await found)[0];
  };
};

test('lesson 11: over 20 starts no socket is ever wider than 0660, or of another group than is configured', async () => {
  await using place = new Installation();
  const folder = openFolder();
  const env = {
    ...noApi,
    SHOPSYNC_RPC_SOCKET: join(folder, 'control.sock'),
    SHOPSYNC_RPC_GROUP: String(operators),
    SHOPSYNC_RPC_OBSERVE_GROUP: String(observers),
  };
  const stop = await watchFolder(folder);
  for (let round = 0; round < 20; round++) {
    const daemon = place.start([], env);
    await listening(daemon);
    // Every other one is killed, so that a stale socket is replaced too.
    await daemon.kill(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
  }
  const names = [
    ['control.sock', operators],
    ['observe.sock', observers],
  ] as const;
  const narrow = names.flatMap(([name, gid]) => [
    `${name} 660 ${gid}`,
    `temporary ${name} 600 0`,
    `temporary ${name} 600 ${gid}`,
    `temporary ${name} 660 ${gid}`,
  ]);
  const seen = await stop();
  expect(seen.filter((one) => !narrow.includes(one))).toEqual([]);
  expect(seen).toEqual(expect.arrayContaining(names.map(([name, gid]) => `${name} 660 ${gid}`)));
});

/** What somebody of a user and groups gets who asks for the status on a socket: the answer's pid, or an error's code. */
const asks = async (socket: string, uid: number, groups: readonly number[]): Promise<string> => {
  const program = `
    const socket = require('node:net').connect(process.argv[1]);
    socket.end('{"jsonrpc":"2.0","id":1,"method":"status"}');
    let text = '';
    socket.on('data', (data) => (text += data)).on('error', ({ code }) => console.log(code));
    socket.on('end', () => console.log(JSON.parse(text).result.pid));`;
  const child = asUser(uid, groups, [process.execPath, '-e', program, socket], {});
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  return said.trim();
};

const asUser = (
  uid: number,
  groups: readonly number[],
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess => {
  const ids = [
    `--reuid=${uid}`,
    `--regid=${uid}`,
    groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`,
  ];
  const child = spawn('setpriv', [...ids, ...command], { env, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
};

test('lesson 12: members of a group may use its socket and no other', async () => {
  await using place = new Installation();
  const folder = join(openFolder(), 'run');
  const control = join(folder, 'control.sock');
  const daemon = place.start([], {
    ...noApi,
    SHOPSYNC_RPC_SOCKET: control,
    SHOPSYNC_RPC_GROUP: String(operators),
    SHOPSYNC_RPC_OBSERVE_GROUP: String(observers),
  });
  await listening(daemon);
  const pid = String(daemon.pid);
  const tried = async (groups: readonly number[]) => [
    await asks(control, user, groups),
    await asks(observeSocket(control), user, groups),
  ];
  expect(await tried([operators])).toEqual([pid, 'EACCES']);
  expect(await tried([observers])).toEqual(['EACCES', pid]);
  expect(await tried([operators, observers])).toEqual([pid, pid]);
  expect(await tried([strangers])).toEqual(['EACCES', 'EACCES']);
  expect((lstatSync(folder).mode & 0o7777).toString(8)).toBe('711');
});

test('a daemon without rights gives its sockets to a group that it is a member of, and says so in a line of any other', async () => {
  const folder = openFolder();
  const state = join(folder, 'state');
  mkdirSync(state);
  const run = join(folder, 'run');
  mkdirSync(run, { mode: 0o711 });
  for (const own of [state, run]) chownSync(own, user, user);
  const control = join(run, 'control.sock');
  const start = (group: number) => {
    const env = {
      ...noApi,
      HOME: state,
      SHOPSYNC_STATE_DIR: state,
      SHOPSYNC_RPC_SOCKET: control,
      SHOPSYNC_RPC_GROUP: String(group),
    };
    const child = asUser(user, [operators], [process.execPath, daemonEntry], env);
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', (data) => (said[name] += String(data)));
    return { child, said };
  };
  const stranger = start(strangers);
  expect(await once(stranger.child, 'close')).toEqual([78, null]);
  expect(stranger.said.stderr).toMatch(
    new RegExp(`^shopsyncd: rpc\\.group: shopsyncd may not give a socket to the group ${strangers}; .*member.*\n$`),
  );
  expect(lstatSync(control, { throwIfNoEntry: false })).toBeUndefined();

  const { child, said } = start(operators);
  await expect.poll(() => said.stdout.includes('"listening"') || child.exitCode !== null, poll).toBe(true);
  expect(lstatSync(control)).toMatchObject({ mode: 0o140660, uid: user, gid: operators });
  expect(lstatSync(observeSocket(control))).toMatchObject({ mode: 0o140660, uid: user, gid: user });
  expect(await asks(control, user + 1, [operators])).toBe(String(child.pid));
  expect(await asks(observeSocket(control), user + 1, [operators])).toBe('EACCES');
});
