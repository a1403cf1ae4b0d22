import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { expect, test } from 'vitest';

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

test('a stale socket is replaced', async () => {
  const path = join(newFolder(), 'control.sock');
  const stale = leaveStale(path);
  await startRig({ path });
  expect(lstatSync(path).ino).not.toBe(stale);
  expect(await exchange(path, echo)).toBe(answer);
});

test('an old server that closes leaves the newer one in place', async () => {
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

test('the socket is 0660 at every instant, and its folder 0711', async () => {
  const folder = join(newFolder(), 'deep', 'run');
  const path = join(folder, 'control.sock');
  const umask = process.umask(0o077);
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const watcher = new Worker(
    `const { workerData: { folder, shared }, parentPort } = require('node:worker_threads');
     const fs = require('node:fs');
     const modes = new Set();
     parentPort.postMessage('ready');
     do {
       try {
         for (const name of fs.readdirSync(folder)) modes.add((fs.lstatSync(folder + '/' + name).mode & 0o777).toString(8));
       } catch {}
     } while (Atomics.load(shared, 0) === 0);
     parentPort.postMessage([...modes]);`,
    { eval: true, workerData: { folder, shared } },
  );
  try {
    await new Promise((resolve) => watcher.once('message', resolve));
    const found = new Promise((resolve) => watcher.once('message', resolve));
    for (let round = 0; round < 20; round++) {
      const { server } = await startRig({ path });
      expect(statSync(path).mode & 0o777).toBe(0o660);
      await server.close({ graceMs: 1000 });
    }
    await startRig({ path });
    Atomics.store(shared, 0, 1);
    expect(await found).toEqual(['660']);
    expect(statSync(folder).mode & 0o777).toBe(0o711);
    expect(process.umask()).toBe(0o077);
  } finally {
    process.umask(umask);
    await watcher.terminate();
  }
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

test('closing answers what is under way, ends idle connections and removes the name', async () => {
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

test('a name taken over by another program is not removed', async () => {
  const { path, server } = await startRig();
  const other = createServer();
  rmSync(path);
  await new Promise<void>((resolve) => other.listen(path, resolve));
  await server.close({ graceMs: 1000 });
  expect(lstatSync(path).isSocket()).toBe(true);
  await new Promise((resolve) => other.close(resolve));
});
