import { expect, test } from 'vitest';

import { aRun } from './events.ts';
import { RawPeer, startRig, until } from './harness.ts';
import { raw } from './http-client.ts';

const call = (method: string, id: unknown, params?: unknown): string =>
  `${JSON.stringify({ jsonrpc: '2.0', method, params, id })}\n`;
const refused = (id: unknown) => ({ error: { code: -32010, data: { code: 'shutting_down' } }, id });

const close = async (peers: readonly RawPeer[], closed: Promise<void>): Promise<void> => {
  await Promise.all(peers.map((peer) => peer.ended));
  for (const peer of peers) peer.socket.end();
  await closed;
};

test('lesson 18: silent, idle and watching connections get their end; the watchers are told why', async () => {
  const { path, server, bus } = await startRig({ limits: { lingerMs: 100 } });
  const silent = new RawPeer(path);
  const idle = new RawPeer(path).send(call('echo', 1, ['x']));
  const watchers = [new RawPeer(path), new RawPeer(path)].map((peer) => peer.send(call('subscribe', 1)));
  await Promise.all([idle.receive(1), ...watchers.map((peer) => peer.receive(2))]);
  const closed = server.close({ graceMs: 60_000 });
  bus.publish({ topic: 'runs', key: 'r1', data: aRun('r1', 'interrupted') });
  await close([silent, idle, ...watchers], closed);
  expect(silent.text).toBe('');
  expect(idle.messages).toMatchObject([{ result: 'x' }]);
  for (const peer of watchers)
    expect(peer.messages).toMatchObject([
      { id: 1 },
      { params: { topic: 'snapshot', seq: expect.any(Number) } },
      { method: 'event', params: { topic: 'shutdown', at: expect.any(String), data: {} } },
    ]);
});

test('what was read is answered, what was not read yet is refused by its id, notifications are dropped', async () => {
  const { path, server, openGate, gated, called } = await startRig({ limits: { lingerMs: 100 } });
  const peer = new RawPeer(path);
  for (let id = 0; id < 32; id++) peer.send(call('gate', id));
  await until(() => gated() === 32);
  peer.send(call('echo', 'late', ['x']));
  peer.send(call('echo', undefined, ['x']));
  peer.send(`[${call('echo', 'a', ['x'])},${call('echo', undefined, ['x'])},7,${call('echo', 'b', ['x'])}]\n`);
  peer.send('nonsense\n');
  const closed = server.close({ graceMs: 60_000 });
  openGate();
  await close([peer], closed);
  expect(peer.messages.length).toBe(35);
  expect(peer.messages.slice(0, 32)).toMatchObject(Array.from({ length: 32 }, (_, id) => ({ result: 'open', id })));
  expect(peer.messages.slice(32)).toMatchObject([
    refused('late'),
    [refused('a'), { error: { code: -32600 }, id: null }, refused('b')],
    { error: { code: -32700 }, id: null },
  ]);
  expect(called).toEqual([]);
});

/** Runs something in the middle of a turn of the event loop, where what is sent cannot be read before the turn ends. */
const withinTurn = async <T>(path: string, work: () => T): Promise<T> => {
  const done = Promise.withResolvers<T>();
  const peer = new RawPeer(path).send(call('echo', 1, ['x']));
  peer.socket.once('data', () => {
    done.resolve(work());
    peer.socket.end();
  });
  return await done.promise;
};

test.each([
  ['bare', (text: string) => text],
  ['LSP', (text: string) => `Content-Length: ${text.length}\r\n\r\n${text}`],
  ['HTTP', raw],
])('a first request that is still in the kernel is refused, not passed over: %s', async (_, wrap) => {
  const { path, server, called } = await startRig({ limits: { lingerMs: 100 } });
  const peer = new RawPeer(path);
  await new RawPeer(path).send(call('echo', 1, ['x'])).receive(1);
  called.length = 0;
  const stop = { closed: Promise.resolve() };
  await withinTurn(path, () => {
    peer.send(wrap(call('bytes', 1, [1])));
    stop.closed = server.close({ graceMs: 60_000 });
  });
  await close([peer], stop.closed);
  expect(peer.text).toContain('"code":-32010');
  expect(called).toEqual(['echo']);
});

test('a thousand requests that are still in the kernel are all refused', async () => {
  const { path, server } = await startRig({ limits: { lingerMs: 100 } });
  const peer = new RawPeer(path).send(call('echo', 0, ['x']));
  await peer.receive(1);
  const stop = { closed: Promise.resolve() };
  await withinTurn(path, () => {
    peer.send(call('echo', 1, ['x']).repeat(1000));
    stop.closed = server.close({ graceMs: 60_000 });
  });
  await close([peer], stop.closed);
  expect(peer.messages.length).toBe(1001);
});

test('one that reads a large answer over HTTP gets it whole, and then the end', { timeout: 8000 }, async () => {
  const { path, server, called } = await startRig({ limits: { lingerMs: 100 } });
  const peer = new RawPeer(path).send(raw(call('bytes', 1, [3_000_000])));
  peer.socket.pause();
  await until(() => called.length === 1);
  for (const _ of [1, 2]) await new RawPeer(path).send(call('echo', 1, ['x'])).receive(1);
  const closed = server.close({ graceMs: 60_000 });
  peer.socket.resume();
  await close([peer], closed);
  expect(peer.text.length).toBeGreaterThan(3_000_000);
});

test('half a message at the stop is no silence either', async () => {
  const { path, server } = await startRig({ limits: { lingerMs: 100 } });
  const peer = new RawPeer(path).send(`${call('echo', 1, ['x'])}{"jsonrpc"`);
  await peer.receive(1);
  await close([peer], server.close({ graceMs: 60_000 }));
  expect(peer.messages).toMatchObject([{ id: 1 }, refused(null)]);
});

test('rule 11: one who never stops asking does not keep the daemon from stopping', async () => {
  const { path, server, called } = await startRig({ limits: { lingerMs: 100 } });
  const peer = new RawPeer(path);
  let isOver = false;
  peer.ended.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  const flood = (): void => {
    if (isOver || peer.socket.destroyed) return;
    peer.send(call('echo', 1, ['x']).repeat(50));
    setImmediate(flood);
  };
  flood();
  await until(() => called.length > 0);
  await server.close({ graceMs: 200 });
  peer.socket.destroy();
});
