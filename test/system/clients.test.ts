import { once } from 'node:events';
import { connect } from 'node:net';

import jayson from 'jayson';
import { expect, onTestFinished, test } from 'vitest';
import { createMessageConnection, SocketMessageReader, SocketMessageWriter } from 'vscode-jsonrpc/node';
import { z } from 'zod';

import { type Event, event } from '../../shared/views.ts';
import { scrape } from '../daemon/prometheus.ts';
import { clientScript, deadlineMs, messagesIn, request, run, slowMs, SlowDaemon } from './programs.ts';

const slow = new SlowDaemon();
const subscribed = z.object({ seq: z.int() });
const options = { timeout: deadlineMs * 2 };

const fastCall = { name: 'a fast method', text: request('status'), least: 0 };
/** Timers may be a little early. */
const slowCall = { name: 'one of 2 s', text: request('sync', { wait: true }), least: slowMs - 50 };

/** Its answer is longer than what most clients read at a time. */
const longCall = { text: request('rpc.discover') };

const results: Readonly<Record<string, () => object>> = {
  status: () => ({ pid: slow.daemon.pid }),
  sync: () => ({ runs: [{ stream: 'orders', kind: 'incremental', joined: false }] }),
  'rpc.discover': () => ({ openrpc: expect.any(String), methods: expect.any(Array) }),
};
const result = (id: string): object => {
  const known = results[id];
  if (known === undefined) throw new Error(`nothing is known of ${id}`);
  return known();
};
const reply = (id: string): object => ({ jsonrpc: '2.0', id, result: result(id) });

const withLf = `printf '%s\\n' "$REQUEST"`;
const without = `printf '%s' "$REQUEST"`;
const post = `curl -sS --fail --unix-socket "$SOCKET" http://d/rpc`;

/** What an operator types, and what the answer ends in: as the request does. */
const typed = [
  [`${withLf} | nc -N -U "$SOCKET"`, '\n'],
  [`${without} | nc -N -U "$SOCKET"`, '\n\n'],
  [`${withLf} | nc -W1 -U "$SOCKET"`, '\n'],
  [`${without} | nc -W1 -U "$SOCKET"`, '\n\n'],
  // Debian's -q half-closes and stays: it ends after so many seconds in which nothing came, not at the end.
  [`${withLf} | nc -q3 -U "$SOCKET"`, '\n'],
  [`${withLf} | ncat -U "$SOCKET"`, '\n'],
  [`${without} | ncat -U "$SOCKET"`, '\n\n'],
  [`${withLf} | socat -t5 - UNIX-CONNECT:"$SOCKET"`, '\n'],
  [`${without} | socat -t5 - UNIX-CONNECT:"$SOCKET"`, '\n\n'],
  [`${post} -d "$REQUEST"`, '\n'],
  [`${withLf} | ${post} --http1.0 -H 'Content-Type: application/json' --data-binary @-`, '\n'],
] as const;

for (const { name, text, least } of [fastCall, slowCall])
  test.each(typed)(`lesson 1, lesson 2: ${name} by %s`, options, async (line, end) => {
    const env = { SOCKET: slow.socket, REQUEST: text };
    const { status, stdout, stderr, ms } = await run(['sh', '-c', line], { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\{[^\n]*\}\n{1,2}$/);
    expect(stdout.slice(stdout.indexOf('\n'))).toBe(end);
    expect(JSON.parse(stdout)).toMatchObject(reply(JSON.parse(text).id));
    expect(ms).toBeGreaterThan(least);
  });

test(
  'lesson 1: a fast method is answered before the slow one ahead of it, and both after the half-close',
  options,
  async () => {
    const input = `${slowCall.text}\n${fastCall.text}\n`;
    const { status, stdout } = await run(['nc', '-N', '-U', slow.socket], { input });
    expect(status).toBe(0);
    expect(messagesIn(stdout)).toMatchObject([reply('status'), reply('sync')]);
  },
);

test(
  'lesson 1: of a half-closed connection to the daemon itself the end follows the last answer within 50 ms',
  options,
  async () => {
    const took: number[] = [];
    for (const _ of [1, 2, 3]) {
      const socket = connect({ path: slow.socket, allowHalfOpen: true });
      let text = '';
      let lastMs = Number.POSITIVE_INFINITY;
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        lastMs = performance.now();
      });
      socket.end(`${slowCall.text}\n${fastCall.text}\n`);
      await once(socket, 'end');
      took.push(performance.now() - lastMs);
      expect(messagesIn(text)).toMatchObject([reply('status'), reply('sync')]);
    }
    expect(took.toSorted((a, b) => a - b)[1]).toBeLessThan(50);
  },
);

test('an answer of tens of kilobytes comes whole through nc, ncat and socat', options, async () => {
  const commands = [
    ['nc', '-N', '-U', slow.socket],
    ['ncat', '-U', slow.socket],
    ['socat', '-t5', '-', `UNIX:${slow.socket}`],
  ] as const;
  for (const command of commands) {
    const { status, stdout, stderr } = await run(command, { input: longCall.text });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.length).toBeGreaterThan(20_000);
    expect(messagesIn(stdout)).toMatchObject([reply('rpc.discover')]);
  }
});

const curl = (path: string, ...args: readonly string[]) =>
  run(['curl', '-sS', '--unix-socket', slow.socket, `http://d${path}`, ...args], {});

test('curl reads /health and /metrics, several over one connection', options, async () => {
  const health = await curl('/health', '--fail', '-w', '%{http_code} %{content_type}');
  expect(health).toMatchObject({ status: 0, stderr: '' });
  const [body = '', code] = health.stdout.split('\n');
  expect(code).toBe('200 application/json');
  expect(JSON.parse(body)).toMatchObject({ ok: true });

  const metrics = await curl('/metrics', '--fail');
  expect(metrics).toMatchObject({ status: 0, stderr: '' });
  expect(scrape(metrics.stdout).size).toBeGreaterThan(0);

  const again = await curl('/health', '-v', 'http://d/health', '--unix-socket', slow.socket);
  expect(again.stderr).toMatch(/Re-using existing connection/i);
  expect(messagesIn(again.stdout)).toMatchObject([{ ok: true }, { ok: true }]);
});

/** Clients of Python's standard library, each of which makes several calls; and the order in which answers come. */
const scripts = [
  ['readline.py', ['status', 'sync', 'rpc.discover']],
  ['lines.py', ['status', 'sync']],
  ['pyln.py', ['status', 'sync', 'rpc.discover']],
  ['spdk.py', ['status', 'sync', 'rpc.discover']],
] as const;

test.each(scripts)('lesson 1, lesson 2: Python: %s', options, async (name, order) => {
  const all = name === 'lines.py' ? [slowCall, fastCall] : [fastCall, slowCall, longCall];
  const args = [clientScript(name), slow.socket, ...all.map(({ text }) => text)];
  const { status, stdout, stderr, ms } = await run(['python3', ...args], {});
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(messagesIn(stdout)).toMatchObject(order.map(reply));
  expect(ms).toBeGreaterThan(slowCall.least);
});

test('Python: `for line in f` takes events between the answers once it has subscribed', options, async () => {
  const args = [clientScript('lines.py'), slow.socket, request('subscribe', { topics: ['runs'] }), slowCall.text];
  const { status, stdout, stderr } = await run(['python3', ...args], {});
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [first, snapshot, ...rest] = messagesIn(stdout);
  const { seq } = z.object({ id: z.literal('subscribe'), result: subscribed }).parse(first).result;
  expect(snapshot).toMatchObject({ method: 'event', params: { topic: 'snapshot', seq: seq + 1 } });
  expect(rest[0]).toMatchObject({ method: 'event', params: { topic: 'runs', seq: seq + 2 } });
  expect(rest.at(-1)).toMatchObject(reply('sync'));
});

test('vscode-jsonrpc: requests in parallel, events once subscribed, errors as errors', options, async () => {
  const socket = connect(slow.socket);
  await once(socket, 'connect');
  const connection = createMessageConnection(new SocketMessageReader(socket), new SocketMessageWriter(socket));
  onTestFinished(() => {
    connection.dispose();
    socket.destroy();
  });
  const events: Event[] = [];
  connection.onNotification('event', (params: unknown) => {
    events.push(event.parse(params));
  });
  connection.listen();
  const { seq: before } = subscribed.parse(await connection.sendRequest('subscribe', { topics: ['runs'] }));

  const arrived: string[] = [];
  const ask = async (method: string, params?: object): Promise<void> => {
    const answer = await (params === undefined
      ? connection.sendRequest(method)
      : connection.sendRequest(method, params));
    expect(answer).toMatchObject(result(method));
    arrived.push(method);
  };
  await Promise.all([ask('sync', { wait: true }), ask('status'), ask('status')]);
  expect(arrived).toEqual(['status', 'status', 'sync']);
  await expect.poll(() => events.filter(({ topic }) => topic === 'runs').length).toBeGreaterThan(1);
  expect(events[0]).toMatchObject({ topic: 'snapshot' });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => before + 1 + index));
  await expect(connection.sendRequest('statsu')).rejects.toMatchObject({ code: -32601 });

  const closed = once(socket, 'close');
  connection.end();
  await closed;
});

const whereTcp = () => ({ path: slow.socket, port: 0 });
const jaysons = [
  ['its tcp client, on the socket', () => jayson.Client.tcp(whereTcp())],
  ['its http client, POST /rpc', () => jayson.Client.http({ socketPath: slow.socket, path: '/rpc' })],
] as const;

test.each(jaysons)('jayson: %s', options, async (_name, create) => {
  const client = create();
  const ask = async (method: string, params: object): Promise<unknown> => {
    const answered = Promise.withResolvers<unknown>();
    client.request(method, params, method, (error?: unknown, answer?: unknown) =>
      error ? answered.reject(error) : answered.resolve(answer),
    );
    return await answered.promise;
  };
  expect(await ask('status', {})).toMatchObject(reply('status'));
  expect(await ask('sync', { wait: true })).toMatchObject(reply('sync'));
  expect(await ask('statsu', {})).toMatchObject({ id: 'statsu', error: { code: -32601 } });
});
