import { existsSync, lstatSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { expect, test } from 'vitest';

import { observeSocket } from '../../shared/paths.ts';
import { Installation } from '../daemon/daemon-process.ts';
import { RawPeer, exchange } from '../daemon/rpc/harness.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { listening, poll } from './world.ts';

const hello = '{"jsonrpc":"2.0","id":7,"method":"hello"}\n';

test.each([
  ['both sockets are', (socket: string) => [socket, observeSocket(socket)]],
  ['their whole folder is', (socket: string) => [dirname(socket)]],
])('when %s removed, they are there again, and who is connected stays', async (_, victims) => {
  await using sandbox = await startSandbox({ orders: 5, frozen: true });
  await using place = new Installation(sandbox);
  const daemon = place.start();
  await listening(daemon);
  const peer = new RawPeer(place.socket);
  const modeOf = (path: string) => lstatSync(path).mode;
  const both = [place.socket, observeSocket(place.socket)];
  const before = both.map(modeOf);
  for (const path of victims(place.socket)) rmSync(path, { recursive: true });
  await expect.poll(() => both.every((path) => existsSync(path)), poll).toBe(true);
  expect(both.map(modeOf)).toEqual(before);
  for (const path of both) expect(JSON.parse(await exchange(path, hello))).toHaveProperty('result');
  peer.send(hello);
  await expect.poll(() => peer.text, poll).toContain('"id":7');
  expect(daemon.log.filter(({ msg }) => String(msg).includes('is there again'))).toHaveLength(2);
  peer.socket.end();
  await daemon.kill('SIGTERM');
  expect(await daemon.exited).toEqual({ status: 0, signal: null });
  expect(both.filter((path) => existsSync(path))).toEqual([]);
});
