import { Agent } from 'node:http';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { AppError } from '../../../daemon/errors.ts';
import { createDispatcher } from '../../../daemon/rpc/dispatch.ts';
import { exchange, RawPeer, startRig, until } from './harness.ts';
import { ask, call, raw, statuses } from './http-client.ts';

test('POST /rpc is answered, by requests of every kind', async () => {
  const { path, called } = await startRig();
  const answer = await ask(path, { path: '/rpc', body: call('echo', 1, ['ü']) });
  expect(answer).toMatchObject({ status: 200, text: '{"jsonrpc":"2.0","result":"\\u00fc","id":1}\n' });
  expect(answer.headers['content-type']).toBe('application/json');
  const batch = await ask(path, {
    path: '/rpc?x',
    body: [`[${call('echo', 1, ['x'])},`, `${call('echo', 2, ['y'])}]`],
  });
  expect(JSON.parse(batch.text)).toMatchObject([{ result: 'x' }, { result: 'y' }]);
  called.length = 0;
  expect(await ask(path, { path: '/rpc', body: call('echo', undefined, ['x']) })).toMatchObject({
    status: 204,
    text: '',
  });
  expect(called).toEqual(['echo']);
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  expect(await ask(path, { path: '/rpc', headers: form, body: call('echo', 1.5, ['x']) })).toMatchObject({
    status: 200,
  });
});

test.each([
  ['no JSON', 'nonsense', -32700],
  ['nothing', '', -32700],
  ['two messages', '{}{}', -32700],
  ['no request', '[]', -32600],
  ['no such method', call('nope', 1), -32601],
  ['a depth bomb', '['.repeat(5000), -32600],
])('%s has the same answer as on the bare socket', async (_, body, code) => {
  const { path } = await startRig();
  const answer = await ask(path, { path: '/rpc', body });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toMatchObject({ error: { code } });
});

test('a connection that is kept alive serves many requests', async () => {
  const { path } = await startRig();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  for (let id = 0; id < 20; id++)
    expect(await ask(path, { path: '/rpc', body: call('echo', id, ['x']), agent })).toMatchObject({ status: 200 });
  expect(Object.values(agent.freeSockets).flat().length).toBe(1);
});

test('requests sent ahead are answered in order, byte by byte as well', async () => {
  const { path } = await startRig();
  const peer = new RawPeer(path);
  for (const byte of Buffer.from(raw(call('echo', 1, ['a'])) + raw(call('echo', 2, ['b']))))
    peer.send(Uint8Array.of(byte));
  await until(() => peer.text.includes('"id":2'));
  expect(peer.text.match(/"result":"."/g)).toEqual(['"result":"a"', '"result":"b"']);
});

test('lesson 1: a client that half-closes after its request gets the answer and then the end', async () => {
  const { path, openGate, gated } = await startRig();
  const peer = new RawPeer(path);
  peer.socket.end(raw(call('gate', 1)));
  await until(() => gated() === 1 && peer.socket.writableFinished);
  for (const _ of [1, 2]) await exchange(path, `${call('echo', 1, ['x'])}\n`);
  openGate();
  await peer.ended;
  expect(statuses(peer.text)).toEqual(['200']);
  expect(peer.text).toContain('"result":"open"');
});

test('one who asks before it sends the body is told to go on', async () => {
  const { path } = await startRig();
  const body = call('echo', 1, ['x']);
  const peer = new RawPeer(path).send(raw(body, 'Expect: 100-continue\r\n').slice(0, -body.length));
  await until(() => peer.text.includes('100 Continue'));
  peer.send(body);
  await until(() => peer.text.includes('"result":"x"'));
  expect(statuses(peer.text)).toEqual(['100', '200']);
});

test.each([
  ['GET', '/rpc', 405, 'POST'],
  ['OPTIONS', '/rpc', 405, 'POST'],
  ['POST', '/health', 405, 'GET, HEAD'],
  ['DELETE', '/metrics', 405, 'GET, HEAD'],
  ['GET', '/', 404, undefined],
  ['PUT', '/rpc/', 404, undefined],
])('%s %s is answered %i', async (method, at, status, allow) => {
  const { path } = await startRig();
  const answer = await ask(path, { path: at, method });
  expect(answer.status).toBe(status);
  expect(answer.headers['allow']).toBe(allow);
  expect(JSON.parse(answer.text)).toMatchObject({ error: { code: expect.any(String), hint: expect.any(String) } });
});

test('a compressed body, and what is no HTTP after all, are told so', async () => {
  const { path } = await startRig();
  const answer = await ask(path, { path: '/rpc', headers: { 'Content-Encoding': 'gzip' }, body: 'x' });
  expect(answer.status).toBe(415);
  for (const [text, status] of [
    ['GET / HTTQ\r\n\r\n', '400'],
    [`GET / HTTP/1.1\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`, '431'],
    ['POST /rpc HTTP/1.1\r\nContent-Length: 5\r\n\r\n{', '400'],
  ] as const)
    expect(statuses(await exchange(path, text))).toEqual([status]);
});

test('there are no events over HTTP, and the hint names the way', async () => {
  const { path } = await startRig();
  const { text } = await ask(path, { path: '/rpc', body: call('subscribe', 1) });
  expect(JSON.parse(text)).toMatchObject({
    error: { code: -32600, data: { hint: expect.stringContaining('socket') } },
  });
});

const probed = (health: () => Promise<{ ok: boolean; checks: never[] }>) =>
  createDispatcher(
    {
      health: {
        summary: '',
        reads: true,
        params: z.strictObject({}),
        result: z.object({ ok: z.boolean(), checks: z.array(z.never()) }),
      },
      metrics: { summary: '', reads: true, params: z.strictObject({}), result: z.object({ text: z.string() }) },
    },
    { health, metrics: () => Promise.resolve({ text: '# TYPE up gauge\nup 1\n' }) },
    { onInternalError: () => {} },
  );

test('GET /health and GET /metrics tell what the methods tell', async () => {
  let ok = true;
  const { path } = await startRig({ dispatcher: probed(() => Promise.resolve({ ok, checks: [] })) });
  const well = await ask(path, { path: '/health', method: 'GET' });
  expect(well).toMatchObject({ status: 200, text: '{"ok":true,"checks":[]}\n' });
  ok = false;
  expect(await ask(path, { path: '/health', method: 'GET' })).toMatchObject({ status: 503 });
  expect(await ask(path, { path: '/health', method: 'HEAD' })).toMatchObject({ status: 503, text: '' });
  const metrics = await ask(path, { path: '/metrics', method: 'GET' });
  expect(metrics).toMatchObject({ status: 200, text: '# TYPE up gauge\nup 1\n' });
  expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
});

test('a health that fails is unavailable, one that is not there is not found', async () => {
  const failing = await startRig({
    dispatcher: probed(() => Promise.reject(new AppError('store', 'store', 'the disk is full', { hint: 'free some' }))),
  });
  const answer = await ask(failing.path, { path: '/health', method: 'GET' });
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.text)).toMatchObject({
    error: { code: 'store', message: 'the disk is full', hint: 'free some' },
  });
  const { path } = await startRig();
  expect(await ask(path, { path: '/metrics', method: 'GET' })).toMatchObject({ status: 404 });
});
