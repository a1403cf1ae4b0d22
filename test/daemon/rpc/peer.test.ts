import { setTimeout as pass } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { RawPeer, startRig, until } from './harness.ts';
import { call, raw } from './http-client.ts';

const size = 4_000_000;

/** Reads as `less` does behind `nc -N`: what it takes, it takes at once, and then it rests. */
const readSlowly = async (peer: RawPeer): Promise<void> => {
  for await (const _ of peer.socket) await pass(3);
};

test.each([
  ['bare', `${call('bytes', 1, [size])}\n`],
  ['HTTP', raw(call('bytes', 1, [size]), 'Connection: close\r\n')],
])('lesson 1: who reads slowly after its half-close gets the whole answer: %s', async (_, text) => {
  const { path } = await startRig({ limits: { lingerMs: 5 } });
  const peer = new RawPeer(path);
  peer.socket.end(text);
  await readSlowly(peer);
  expect(peer.text.match(/x+/g)?.map((found) => found.length)).toEqual([size]);
  expect(peer.text.trimEnd().endsWith('"id":1}')).toBe(true);
});

test('rule 11: a peer that has everything and keeps its side open is dropped', async () => {
  const { path, server } = await startRig({ limits: { lingerMs: 5 } });
  const peer = new RawPeer(path).send('x\n'.repeat(10));
  await peer.ended;
  await until(() => server.connections === 0);
  expect(peer.messages).toHaveLength(10);
  expect(peer.socket.writableEnded).toBe(false);
});
