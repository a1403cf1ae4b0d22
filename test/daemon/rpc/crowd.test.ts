import { expect, test } from 'vitest';

import { RawPeer, type Rig, startRig, until } from './harness.ts';
import { ask } from './http-client.ts';

const call = (id: unknown): string => JSON.stringify({ jsonrpc: '2.0', method: 'echo', params: ['x'], id });
const busy = { code: -32011, data: { code: 'busy', retryable: true, limit: 2 } };

/** A server that takes two, and has two. */
const fullRig = async (limits: { readonly refusalMs?: number } = {}): Promise<Rig & { readonly inside: RawPeer[] }> => {
  const rig = await startRig({ maxConnections: 2, limits });
  const inside = [1, 2].map((id) => new RawPeer(rig.path).send(`${call(id)}\n`));
  await Promise.all(inside.map((peer) => peer.receive(1)));
  return { ...rig, inside };
};

/** What one too many reads until the end that follows. */
const refused = async (path: string, sent: string): Promise<string> => {
  const peer = new RawPeer(path).send(sent);
  await peer.ended;
  return peer.text;
};

test.each([
  ['a line is answered by a line', `${call(7)}\n`, /^\{[^\n]*"id":7\}\n$/],
  ['no line, none', call(7), /^\{[^\n]*"id":7\}\n\n$/],
  ['each of a batch', `[${call(7)},${call('a')}]\n`, /^\[\{.*"id":7\},\{.*"id":"a"\}\]\n$/],
  ['what is no JSON', 'nonsense\n', /^\{.*-32700.*"id":null\}\n$/],
  ['half a message', '{"jsonrpc":', /^\{.*-32011.*"id":null\}\n\n$/],
])('rule 11: one connection too many, %s: it is told under its own id, and ended', async (_, sent, answer) => {
  const { path, called } = await fullRig();
  const before = called.length;
  expect(await refused(path, sent)).toMatch(answer);
  expect(called.length).toBe(before);
});

test('rule 11: one connection too many that speaks HTTP is told so in HTTP', async () => {
  const { path } = await fullRig();
  const { status, text, headers } = await ask(path, { path: '/rpc', body: call(7) });
  expect([status, headers['connection']]).toEqual([503, 'close']);
  expect(JSON.parse(text)).toMatchObject({ id: 7, error: busy });
  const health = await ask(path, { path: '/health', method: 'GET' });
  expect(health.status).toBe(503);
  expect(JSON.parse(health.text)).toMatchObject({ error: { code: 'busy' } });
});

test('rule 11: one connection too many that speaks as editors do is told so behind a Content-Length', async () => {
  const { path } = await fullRig();
  const text = await refused(path, `Content-Length: ${call(7).length}\r\n\r\n${call(7)}`);
  const [head = '', body = ''] = text.split('\r\n\r\n');
  expect(head).toBe(`Content-Length: ${body.length}`);
  expect(JSON.parse(body)).toMatchObject({ id: 7, error: busy });
});

test('rule 11: one that is silent, or half-closes in silence, is told in JSON; one that stops in its first word, too', async () => {
  const { path } = await fullRig({ refusalMs: 20 });
  const plain = /^\{.*-32011.*"id":null\}\n\n$/;
  expect(await refused(path, '')).toMatch(plain);
  expect(await refused(path, 'Con')).toMatch(/-32700/);
  const closing = new RawPeer((await fullRig({ refusalMs: 60_000 })).path);
  closing.socket.end();
  await closing.ended;
  expect(closing.text).toMatch(plain);
});

test('rule 11: those who wait to be refused are as few as those who are served; above that all are told at once', async () => {
  const { path, server, inside } = await fullRig({ refusalMs: 60_000 });
  const silent = [1, 2].map(() => new RawPeer(path));
  await Promise.all(silent.map((peer) => new Promise((resolve) => peer.socket.once('connect', resolve))));
  expect(await refused(path, '')).toMatch(/-32011/);
  expect(server.connections).toBe(2);
  expect(silent.map(({ text }) => text)).toEqual(['', '']);
  // A place that becomes free is taken by the next one, not by one who was too many.
  for (const peer of inside) peer.socket.destroy();
  await until(() => server.connections === 0);
  expect(await new RawPeer(path).send(`${call(9)}\n`).receive(1)).toMatchObject([{ id: 9, result: 'x' }]);
  await server.close({ graceMs: 10_000 });
  await Promise.all(silent.map(({ ended }) => ended));
});
