import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { type Client, connect, ConnectError, DisconnectedError, RpcError, TimeoutError } from '../../tui/client.ts';
import { aRun } from '../daemon/rpc/events.ts';
import { newFolder, startRig, until } from '../daemon/rpc/harness.ts';

const open = async (path: string): Promise<Client> => {
  const client = await connect(path);
  onTestFinished(() => client.close());
  return client;
};

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('did not fail');
};

/** A server that does with each connection what the test says. */
const serve = async (onConnection: (socket: Socket) => void): Promise<string> => {
  const path = join(newFolder(), 'other.sock');
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
  });
  return path;
};

test('calls are answered, many at once and out of order', async () => {
  const { path, openGate, gated } = await startRig();
  const client = await open(path);
  const slow = client.callAny('gate');
  const fast = await Promise.all([client.callAny('echo', { text: 'ü' }), client.callAny('subtract', [5, 3])]);
  expect(fast).toEqual(['ü', 2]);
  await until(() => gated() === 1);
  openGate();
  expect(await slow).toBe('open');
});

test('an answer of several megabytes comes whole', async () => {
  const { path } = await startRig();
  const client = await open(path);
  expect(await client.callAny('bytes', [5_000_000])).toBe('x'.repeat(5_000_000));
});

test('the daemon says no', async () => {
  const { path } = await startRig();
  const error = await failureOf((await open(path)).callAny('fails'));
  expect(error).toBeInstanceOf(RpcError);
  expect(error).toMatchObject({
    code: -32014,
    message: 'there is no run r9',
    data: { code: 'unknown_run', retryable: false, hint: 'see history' },
  });
});

test('events reach every listener until it leaves', async () => {
  const { path, bus } = await startRig();
  const client = await open(path);
  const seen: number[] = [];
  const topics: string[] = [];
  client.onEvent(({ seq }) => seen.push(seq));
  const leave = client.onEvent(({ topic }) => topics.push(topic));
  await client.callAny('subscribe');
  await until(() => seen.length === 1);
  leave();
  bus.publish({ topic: 'runs', key: 'r1', data: aRun('r1', 'running') });
  await until(() => seen.length === 2);
  expect(seen).toEqual([1, 2]);
  expect(topics).toEqual(['snapshot']);
});

test('waiting ends at the time limit, and the connection goes on', async () => {
  const { path, openGate, gated } = await startRig();
  const client = await open(path);
  const error = await failureOf(client.callAny('gate', undefined, { timeoutMs: 1 }));
  expect(error).toBeInstanceOf(TimeoutError);
  await until(() => gated() === 1);
  openGate();
  expect(await client.callAny('echo', ['x'])).toBe('x');
});

test('waiting ends with the signal, for its reason', async () => {
  const { path, gated } = await startRig();
  const client = await open(path);
  const abort = new AbortController();
  const call = client.callAny('gate', undefined, { signal: abort.signal });
  await until(() => gated() === 1);
  const reason = new Error('enough');
  abort.abort(reason);
  expect(await failureOf(call)).toBe(reason);
  expect(await failureOf(client.callAny('echo', ['x'], { signal: abort.signal }))).toBe(reason);
});

test('a daemon that goes away is said so to every call, under way or later', async () => {
  const { path, server, gated } = await startRig();
  const client = await open(path);
  const calls = [client.callAny('gate'), client.callAny('gate')].map(failureOf);
  await until(() => gated() === 2);
  await server.close({ graceMs: 0 });
  for (const error of await Promise.all(calls)) {
    expect(error).toBeInstanceOf(DisconnectedError);
    expect(error).toMatchObject({ message: expect.stringContaining('the daemon went away') });
  }
  await client.closed;
  expect(await failureOf(client.callAny('echo', ['x']))).toBeInstanceOf(DisconnectedError);
});

test('closing gives up what is under way', async () => {
  const { path, gated } = await startRig();
  const client = await open(path);
  const call = failureOf(client.callAny('gate'));
  await until(() => gated() === 1);
  client.close();
  expect(await call).toMatchObject({ name: 'DisconnectedError', message: expect.stringContaining('was closed') });
  await client.closed;
});

test('a daemon that is full says so to the call', async () => {
  const { path } = await startRig({ maxConnections: 0 });
  const client = await open(path);
  await client.closed;
  expect(await failureOf(client.callAny('echo', ['x']))).toMatchObject({
    name: 'RpcError',
    data: { code: 'busy', retryable: true },
  });
});

test('something else behind the socket is told apart', async () => {
  const path = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const client = await open(path);
  const error = await failureOf(client.callAny('hello'));
  expect(error).toMatchObject({ name: 'DisconnectedError', message: expect.stringContaining('no shopsync daemon') });
});

test('replies nobody waits for, and messages nobody knows, are passed over', async () => {
  const path = await serve((socket) => {
    socket.on('error', () => {});
    socket.on('data', () =>
      socket.write(
        '[1]"x"{"jsonrpc":"2.0","result":1,"id":99}{"jsonrpc":"2.0","method":"event","params":{}}{"jsonrpc":"2.0","result":7,"id":1}',
      ),
    );
  });
  const client = await open(path);
  client.onEvent(() => expect.unreachable());
  expect(await client.callAny('x')).toBe(7);
});

/** Does something without root's right to open everything. */
const asNobody = async <T>(work: () => Promise<T>): Promise<T> => {
  const { geteuid, seteuid } = process;
  if (geteuid?.() !== 0 || seteuid === undefined) return await work();
  seteuid(65_534);
  try {
    return await work();
  } finally {
    seteuid(0);
  }
};

test('why there is no connection', async () => {
  const folder = newFolder();
  const { path, server } = await startRig({ path: join(folder, 'control.sock') });
  chmodSync(path, 0);
  const forbidden = await asNobody(() => failureOf(connect(path)));
  expect(forbidden).toMatchObject({ name: 'ConnectError', reason: 'forbidden', path });
  await server.close({ graceMs: 0 });
  const missing = await failureOf(connect(path));
  expect(missing).toBeInstanceOf(ConnectError);
  expect(missing).toMatchObject({ reason: 'missing', path, message: expect.stringContaining(path) });
  writeFileSync(path, '');
  expect(await failureOf(connect(path))).toMatchObject({ reason: 'stale' });
  expect(await failureOf(connect(join(folder, 's'.repeat(200))))).toMatchObject({ reason: 'failed' });
});
