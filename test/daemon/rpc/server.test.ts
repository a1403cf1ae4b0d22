import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { AppError } from '../../../daemon/errors.ts';
import { exchange, newFolder, RawPeer, startRig, until } from './harness.ts';

const echo = '{"jsonrpc":"2.0","method":"echo","params":["x"],"id":1}\n';
const answer = '{"jsonrpc":"2.0","result":"x","id":1}\n';

/** A socket that nobody listens on, as a killed daemon leaves it behind. */
const leaveStale = (path: string): number => {
  const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', code]);
  return lstatSync(path).ino;
};

test('lesson 8: a stale socket is replaced', async () => {
  const path = join(newFolder(), 'control.sock');
  const stale = leaveStale(path);
  await startRig({ path });
  expect(lstatSync(path).ino).not.toBe(stale);
  expect(await exchange(path, echo)).toBe(answer);
});

test('lesson 9: an old server that closes leaves the newer one in place', async () => {
  const path = join(newFolder(), 'control.sock');
  const old = await startRig({ path });
  const connected = new RawPeer(path).send(echo);
  await connected.receive(1);
  const newer = await startRig({ path });
  await old.server.close({ graceMs: 1000 });
  expect(await exchange(path, echo)).toBe(answer);
  await newer.server.close({ graceMs: 1000 });
  expect(readdirSync(join(path, '..'))).toEqual([]);
});

/** A group that this process may give files to, and which is not its own where that is possible. */
const someGroup = (): number => {
  if (process.getuid?.() === 0) return 4321;
  const own = process.getegid?.() ?? 0;
  return process.getgroups?.().find((gid) => gid !== own) ?? own;
};

/** Looks at some names in a tight loop, from a thread of its own, until told to stop. */
const watchFiles = async (names: readonly string[]) => {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const watcher = new Worker(
    `const { workerData: { names, shared }, parentPort } = require('node:worker_threads');
     const { lstatSync } = require('node:fs');
     const seen = new Set();
     parentPort.postMessage('ready');
     for (let isLast = false; !isLast; ) {
       isLast = Atomics.load(shared, 0) !== 0;
       for (const [index, name] of names.entries()) {
         const found = lstatSync(name, { throwIfNoEntry: false });
         if (found === undefined) continue;
         seen.add([index, (found.mode & 0o7777).toString(8), found.gid].join(' '));
         if (index === 0) Atomics.add(shared, 1, 1);
       }
     }
     parentPort.postMessage([...seen]);`,
    { eval: true, workerData: { names, shared } },
  );
  onTestFinished(async () => {
    await watcher.terminate();
  });
  await new Promise((resolve) => watcher.once('message', resolve));
  const found = new Promise<unknown>((resolve) => watcher.once('message', resolve));
  return {
    /** How often the first name was seen so far. */
    sightings: () => Atomics.load(shared, 1),
    /** Each "index mode group" that was seen. */
    stop: async () => {
      Atomics.store(shared, 0, 1);
      return z.array(z.string()).parse(await found);
    },
  };
};

test.each([
  ['its own group', undefined],
  ['a group that was asked for', someGroup()],
])('lesson 11: the socket is never wider than 0660 for %s, at no instant of 1,500 starts', async (_, gid) => {
  const path = join(newFolder(), 'control.sock');
  const umask = process.umask(0);
  onTestFinished(() => {
    process.umask(umask);
  });
  const group = gid === undefined ? undefined : { gid, key: 'rpc.group' };
  const watch = await watchFiles([`${path}.${process.pid}`, path]);
  for (let round = 0; round < 1500 || watch.sightings() < 3000; round++) {
    const { server } = await startRig({ path, group });
    expect(statSync(path)).toMatchObject({ mode: 0o140660, gid: gid ?? process.getegid?.() });
    await server.close({ graceMs: 1000 });
  }
  await startRig({ path, group });
  const own = process.getegid?.();
  const narrow = [`0 600 ${own}`, `0 600 ${gid ?? own}`, `0 660 ${gid ?? own}`, `1 660 ${gid ?? own}`];
  const seen = await watch.stop();
  expect(seen.filter((one) => !narrow.includes(one))).toEqual([]);
  expect(seen).toContain(`1 660 ${gid ?? own}`);
  expect(process.umask()).toBe(0);
});

test('every folder on the way is made so that the socket can be reached, whatever the umask; one that was there stays', async () => {
  const folder = newFolder();
  chmodSync(folder, 0o700);
  const umask = process.umask(0o077);
  onTestFinished(() => {
    process.umask(umask);
  });
  const { path } = await startRig({ path: join(folder, 'deep', 'run', 'control.sock') });
  const mode = (of: string): string => (statSync(of).mode & 0o7777).toString(8);
  expect([folder, join(folder, 'deep'), join(folder, 'deep', 'run'), path].map(mode)).toEqual([
    '700',
    '711',
    '711',
    '660',
  ]);
  expect(process.umask()).toBe(0o077);
});

test('a folder that cannot be written is told with the path and what to look at', async () => {
  const file = join(newFolder(), 'file');
  writeFileSync(file, '');
  await expect(startRig({ path: join(file, 'control.sock') })).rejects.toMatchObject({
    class: 'configuration',
    message: expect.stringContaining(join(file, 'control.sock')),
    hint: expect.stringContaining('who owns its folder'),
  });
});

test('a path of 107 bytes works, a longer one is refused with the way out', async () => {
  const folder = newFolder();
  const fill = (bytes: number): string => join(folder, 's'.repeat(bytes - Buffer.byteLength(folder) - 1));
  const { path } = await startRig({ path: fill(107) });
  expect(await exchange(path, echo)).toBe(answer);
  const refusal = await startRig({ path: fill(108) }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(AppError);
  expect(refusal).toMatchObject({ class: 'configuration', message: expect.stringContaining('108 bytes') });
  expect(refusal).toMatchObject({ hint: expect.stringContaining('rpc.socket') });
});

test('a file that is no socket is not replaced', async () => {
  const path = join(newFolder(), 'notes.txt');
  writeFileSync(path, 'precious');
  await expect(startRig({ path })).rejects.toMatchObject({ class: 'configuration' });
  expect(readdirSync(join(path, '..'))).toEqual(['notes.txt']);
  expect(lstatSync(path).size).toBe(8);
});

test('lesson 18: closing answers what is under way, ends idle connections and removes the name', async () => {
  const { path, server, openGate, gated } = await startRig();
  const idle = new RawPeer(path).send(echo);
  const half = new RawPeer(path).send(`${echo}{"jsonrpc"`);
  const busy = new RawPeer(path).send('{"jsonrpc":"2.0","method":"gate","id":1}\n');
  await Promise.all([idle.receive(1), half.receive(1), until(() => gated() === 1)]);
  const closed = server.close({ graceMs: 60_000 });
  await Promise.all([idle.ended, half.ended]);
  expect(readdirSync(join(path, '..'))).toEqual([]);
  expect(busy.text).toBe('');
  openGate();
  await busy.ended;
  expect(busy.text).toBe('{"jsonrpc":"2.0","result":"open","id":1}\n');
  for (const peer of [idle, half, busy]) peer.socket.end();
  await closed;
});

test('rule 11: closing never hangs on what does not end', async () => {
  const { path, server, gated } = await startRig();
  const stuck = new RawPeer(path).send('{"jsonrpc":"2.0","method":"gate","id":1}\n');
  await until(() => gated() === 1);
  await server.close({ graceMs: 1 });
  await server.close({ graceMs: 1 });
  await stuck.ended.catch(() => {});
  expect(stuck.text).toBe('');
});

test('closing again shortens the time that is given, and never lengthens it', async () => {
  const { path, server, gated } = await startRig();
  const stuck = new RawPeer(path).send('{"jsonrpc":"2.0","method":"gate","id":1}\n');
  await until(() => gated() === 1);
  const closed = [server.close({ graceMs: 60_000 }), server.close({ graceMs: 1 }), server.close({ graceMs: 60_000 })];
  await Promise.all(closed);
  await stuck.ended.catch(() => {});
  expect(stuck.text).toBe('');
});

test('a name taken over by another program is not removed', async () => {
  const { path, server } = await startRig();
  const other = createServer();
  rmSync(path);
  await new Promise<void>((resolve) => other.listen(path, resolve));
  await server.close({ graceMs: 1000 });
  expect(lstatSync(path).isSocket()).toBe(true);
  await new Promise((resolve) => other.close(resolve));
});
