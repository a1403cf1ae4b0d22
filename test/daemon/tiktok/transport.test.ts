import { expect, onTestFinished, test } from 'vitest';

import { createTransport, type HttpRequest } from '../../../daemon/tiktok/transport.ts';
import { type Reply, scriptedServer } from './scripted-server.ts';

const never = new AbortController().signal;
const request: HttpRequest = { method: 'GET', path: '/p', query: { app_secret: 'hush' }, headers: {} };

async function world(reply: Reply, timeoutMs = 2000, prefix = '') {
  const server = await scriptedServer(() => reply);
  const transport = createTransport({ baseUrl: server.url + prefix, timeoutMs });
  onTestFinished(() => transport.close());
  return { server, transport };
}

/** What it rejected with, after checking that no secret of the query can be found in it. */
async function failure(sending: Promise<unknown>): Promise<unknown> {
  const error = await sending.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  const seen = error instanceof Error ? [error.message, error.stack, String(error.cause), JSON.stringify(error)] : [];
  expect(seen.join(' ')).not.toContain('hush');
  return error;
}

test('query values are percent-encoded, the body goes as it is', async () => {
  const { server, transport } = await world({ json: {} }, 2000, '/base/');
  const body = '{"note":"Größe ☕"}';
  await transport.send({ ...request, method: 'POST', query: { t: 'a+/= b', ids: '1,2' }, body }, never);
  expect(server.heard[0]).toMatchObject({
    method: 'POST',
    path: '/base/p',
    rawQuery: 't=a%2B%2F%3D%20b&ids=1%2C2',
    query: { t: 'a+/= b', ids: '1,2' },
    body,
  });
});

test('any status is an answer, with its Date and Retry-After', async () => {
  const { transport } = await world({ status: 429, headers: { 'retry-after': '7' }, text: 'busy' });
  const answer = await transport.send(request, never);
  expect(answer).toMatchObject({ status: 429, text: 'busy', retryAfter: '7' });
  expect(answer.date).toMatch(/GMT$/);
});

test('connections are kept', async () => {
  const sockets = new Set<unknown>();
  const { transport } = await world((response) => {
    sockets.add(response.socket);
    response.end('{}');
  });
  for (let i = 0; i < 20; i += 1) await transport.send(request, never);
  // The second is opened when a request follows before the first is known to be free.
  expect(sockets.size).toBeLessThanOrEqual(2);
});

test.each<[string, Reply]>([
  ['cut before the headers', (response) => void response.destroy()],
  [
    'cut inside a body of known length',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"code":0,', () => response.destroy());
    },
  ],
  [
    'cut inside a chunked body',
    (response) => {
      response.writeHead(200);
      response.write('{"code":0}', () => response.destroy());
    },
  ],
])('%s is transient', async (_, reply) => {
  const { transport } = await world(reply);
  expect(await failure(transport.send(request, never))).toMatchObject({ class: 'transient', code: 'api' });
});

test.each<[string, Reply]>([
  ['that accepts and never answers', () => {}],
  ['that sends headers and stalls', (response) => response.writeHead(200).flushHeaders()],
  [
    'that drips a byte now and then',
    (response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
  ],
])('rule 11: a server %s is given up in time', async (_, reply) => {
  const { transport } = await world(reply, 150);
  expect(await failure(transport.send(request, never))).toMatchObject({
    class: 'transient',
    message: expect.stringContaining('within 150 ms'),
    isTooMuch: true,
  });
});

test('rule 11, T32: an answer without end is given up at 64 MiB, and said to be too large', async () => {
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  const { transport } = await world((response) => {
    response.writeHead(200);
    const more = (): void => void (response.destroyed || response.write(chunk, more));
    more();
  }, 10_000);
  expect(await failure(transport.send(request, never))).toMatchObject({
    class: 'transient',
    message: expect.stringContaining('larger than 64 MiB'),
    isTooMuch: true,
  });
});

test('nobody listening is transient', async () => {
  const transport = createTransport({ baseUrl: 'http://127.0.0.1:9', timeoutMs: 500 });
  onTestFinished(() => transport.close());
  expect(await failure(transport.send(request, never))).toMatchObject({
    class: 'transient',
    message: expect.stringContaining('ECONNREFUSED'),
    isTooMuch: false,
  });
});

test('an abort ends the request with the signal’s reason, before and while it is under way', async () => {
  const stop = new AbortController();
  const { server, transport } = await world(() => stop.abort(new Error('enough')));
  await expect(transport.send(request, stop.signal)).rejects.toThrow('enough');
  await expect(transport.send(request, stop.signal)).rejects.toThrow('enough');
  expect(server.heard).toHaveLength(1);
});
