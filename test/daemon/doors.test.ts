import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ListenOptions } from 'node:net';
import { dirname, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { observed } from '../../daemon/rpc/observer.ts';
import { methods } from '../../shared/contract.ts';
import { observeSocket } from '../../shared/paths.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { type DaemonProcess, Installation } from './daemon-process.ts';
import { exchange, RawPeer } from './rpc/harness.ts';

const poll = { timeout: 15_000, interval: 20 };
const noApi = {
  SHOPSYNC_API_APP_KEY: 'key',
  SHOPSYNC_APP_SECRET: 'secret',
  SHOPSYNC_API_BASE_URL: 'http://127.0.0.1:9',
};

const listening = async (daemon: DaemonProcess): Promise<void> => {
  await expect.poll(() => daemon.stdout.includes('"listening"') || !daemon.isRunning, poll).toBe(true);
  expect(daemon.stderr).toBe('');
};

const reply = z.looseObject({ id: z.unknown(), result: z.looseObject({}).optional(), error: z.unknown().optional() });

/** One call on a socket, sent as `nc -N` would; the first message that comes back. */
const ask = async (path: string, method: string, params: object = {}): Promise<z.output<typeof reply>> => {
  const text = await exchange(path, `${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
  return reply.parse(JSON.parse(text.split('\n')[0] ?? ''));
};

const refusal = (method: string) => ({
  code: -32012,
  message: expect.stringContaining(method),
  data: { code: 'read_only', retryable: false, hint: expect.stringContaining('control.sock') },
});

const reading = Object.keys(methods).filter((name) =>
  Object.entries(methods).some(([n, row]) => n === name && row.reads),
);
const writing = Object.keys(methods).filter((name) => !reading.includes(name));

test('lesson 12: observe.sock answers what reads, refuses the rest, and shows neither payloads nor buyers', async () => {
  await using sandbox = await startSandbox({ orders: 100, frozen: true });
  await using place = new Installation(sandbox);
  await listening(place.start());
  await place.call('sync', { wait: true });
  const observe = observeSocket(place.socket);
  const [stored] = place.rows('select id, payload from orders order by create_time desc limit 1');
  const id = String(stored?.['id']);
  const payload = String(stored?.['payload']);
  const personal = [...payload.matchAll(/"(?:buyer_email|name|phone_number|full_address)":"([^"]+)"/g)].map(
    ([, text]) => text,
  );
  expect(personal.length).toBeGreaterThan(2);

  expect(await ask(place.socket, 'orders.get', { id })).toMatchObject({ result: { id, payload: { id } } });
  const control = await ask(place.socket, 'hello');
  expect(control.result?.['capabilities']).toEqual(Object.keys(methods));
  expect(reading.length).toBeGreaterThan(8);
  for (const method of reading) {
    const params = method === 'orders.get' || method === 'orders.why' ? { id } : {};
    const answer = await ask(observe, method, params);
    expect(answer, method).toHaveProperty('result');
    expect(Object.keys(answer.result ?? {}), method).not.toContain('payload');
    for (const text of personal) expect(JSON.stringify(answer), method).not.toContain(text);
  }
  expect((await ask(observe, 'hello')).result?.['capabilities']).toEqual(reading);
  const { methods: described } = z
    .object({ methods: z.array(z.object({ name: z.string() })) })
    .parse((await ask(observe, 'rpc.discover')).result);
  expect(described.map(({ name }) => name)).toEqual(reading);

  expect(writing).toEqual(expect.arrayContaining(['sync', 'fullResync', 'cancel']));
  for (const method of writing)
    expect(await ask(observe, method, { no: 'such param' })).toMatchObject({ error: refusal(method) });
  expect(await ask(observe, 'no.such')).toMatchObject({ error: { code: -32601 } });
  const runs = (await place.history()).length;
  const batch = ['sync', 'health', 'cancel'].map((method) => ({ jsonrpc: '2.0', id: method, method }));
  const notification = { jsonrpc: '2.0', method: 'sync' };
  const answers: unknown = JSON.parse(await exchange(observe, JSON.stringify([notification, ...batch])));
  expect(answers).toMatchObject([
    { id: 'sync', error: refusal('sync') },
    { id: 'health', result: {} },
    { id: 'cancel', error: refusal('cancel') },
  ]);
  expect(await exchange(observe, JSON.stringify(notification))).toBe('');
  expect(await place.history()).toHaveLength(runs);
});

test('lesson 12: who subscribes on observe.sock is sent a snapshot and every run', async () => {
  await using sandbox = await startSandbox({ orders: 50, frozen: true });
  await using place = new Installation(sandbox);
  await listening(place.start());
  const watcher = new RawPeer(observeSocket(place.socket)).send('{"jsonrpc":"2.0","method":"subscribe","id":1}\n');
  await watcher.receive(2);
  await place.call('sync', { wait: true });
  await expect.poll(() => watcher.text, poll).toContain('"state":"succeeded"');
  expect(watcher.messages[1]).toMatchObject({ method: 'event', params: { topic: 'snapshot', seq: 1 } });
  expect(watcher.text).not.toContain('payload');
});

/** Paths in a JSON schema where anything at all may stand. */
const opaque = (schema: unknown, path: string): string[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap((one, index) => opaque(one, `${path}[${index}]`));
  const says = ['type', 'anyOf', 'oneOf', 'allOf', 'const', 'enum', '$ref'].some((key) => key in schema);
  if (!says) return [path];
  return Object.entries(schema).flatMap(([key, inner]) => {
    if (key === 'properties' && typeof inner === 'object' && inner !== null)
      return Object.entries(inner).flatMap(([name, one]) => opaque(one, `${path}.${name}`));
    return ['items', 'prefixItems', 'anyOf', 'oneOf', 'allOf', 'additionalProperties'].includes(key)
      ? opaque(inner, `${path}/${key}`)
      : [];
  });
};

test('no result on observe.sock has a place where something unforeseen could stand', () => {
  const found = (table: typeof observed): string[] =>
    Object.entries(table)
      .filter(([name]) => name !== 'rpc.discover')
      .flatMap(([name, row]) => opaque(z.toJSONSchema(row.result, { unrepresentable: 'any' }), name));
  expect(found(methods)).toContain('orders.get.payload');
  // Lines of the log are cleaned of secrets and personal fields where they are made.
  expect(found(observed)).toEqual(['logs.lines/items/additionalProperties']);
});

test('both sockets are given to the groups that are configured, by name or number', async () => {
  await using place = new Installation();
  const own = process.getegid?.() ?? 0;
  const daemon = place.start([], {
    ...noApi,
    SHOPSYNC_RPC_GROUP: String(own),
    SHOPSYNC_RPC_OBSERVE_GROUP: String(own),
  });
  await listening(daemon);
  for (const path of [place.socket, observeSocket(place.socket)])
    expect(lstatSync(path)).toMatchObject({ mode: 0o140660, gid: own });
  await daemon.kill('SIGTERM');
  for (const path of [place.socket, observeSocket(place.socket)])
    expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
});

/** A listening socket that this process does not accept from, and that it may lose without its name going with it. */
const bound = async (where: ListenOptions): Promise<{ readonly fd: number; readonly letGo: () => Promise<void> }> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(where, resolve));
  const { fd } = z.object({ fd: z.int() }).parse(Reflect.get(server, '_handle'));
  const letGo = async (): Promise<void> => {
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(() => void server.close());
  return { fd, letGo };
};

test('sockets that systemd passes are served by their names, and stay when the daemon ends', async () => {
  await using place = new Installation();
  const [control, observe] = [join(place.folder, 'c.sock'), join(place.folder, 'o.sock')];
  const socketAt = async (path: string) => {
    const socket = await bound({ path: `${path}.new` });
    renameSync(`${path}.new`, path);
    return socket;
  };
  const sockets = [await socketAt(observe), await socketAt(control)];
  const inodes = [control, observe].map((path) => lstatSync(path).ino);
  const env = { ...noApi, LISTEN_FDNAMES: 'observe:control' };
  const start = (): DaemonProcess =>
    place.start(
      [],
      env,
      sockets.map(({ fd }) => fd),
    );
  const first = start();
  await listening(first);
  const waiting = start();
  for (const { letGo } of sockets) await letGo();
  expect(await ask(control, 'status')).toMatchObject({ result: { pid: first.pid } });
  expect(await ask(observe, 'status')).toMatchObject({ result: { pid: first.pid } });
  expect(await ask(observe, 'sync')).toMatchObject({ error: refusal('sync') });
  expect(await waiting.exited).toMatchObject({ status: 79 });
  expect(await first.kill('SIGTERM')).toEqual({ status: 0, signal: null });
  expect([control, observe].map((path) => lstatSync(path).ino)).toEqual(inodes);
  expect(lstatSync(dirname(place.socket), { throwIfNoEntry: false })).toBeUndefined();
});

test('a socket of the network is not taken from systemd: 78, and one line says why', async () => {
  await using place = new Installation();
  const { fd } = await bound({ port: 0, host: '127.0.0.1' });
  const daemon = place.start([], noApi, [fd]);
  expect(await daemon.exited).toEqual({ status: 78, signal: null });
  expect(daemon.stderr).toMatch(/^shopsyncd: descriptor 3 is a socket of the network; pass a Unix socket.*\n$/);
});

test('another program that listens on a socket keeps it: 78; one that is gone does not', async () => {
  await using place = new Installation();
  const path = join(place.folder, 'my.sock');
  for (const taken of [path, observeSocket(path)]) {
    const other = createServer((socket) => socket.on('error', () => undefined).end('mine'));
    await new Promise<void>((resolve) => other.listen(taken, resolve));
    const daemon = place.start([], { ...noApi, SHOPSYNC_RPC_SOCKET: path });
    expect(await daemon.exited).toEqual({ status: 78, signal: null });
    expect(daemon.stderr).toBe(
      `shopsyncd: another program listens on ${taken}; stop it first, or set rpc.socket to another path\n`,
    );
    expect(await exchange(taken, '')).toBe('mine');
    await new Promise((resolve) => other.close(resolve));
  }
  expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
  await listening(place.start([], { ...noApi, SHOPSYNC_RPC_SOCKET: path }));
});

test('lesson 9: a daemon whose sockets were removed and made anew by another one leaves those in place', async () => {
  await using old = new Installation();
  await using young = new Installation();
  const env = { ...noApi, SHOPSYNC_RPC_SOCKET: join(old.folder, 'control.sock') };
  const sockets = [env.SHOPSYNC_RPC_SOCKET, observeSocket(env.SHOPSYNC_RPC_SOCKET)];
  const first = old.start([], env);
  await listening(first);
  for (const path of sockets) rmSync(path);
  const second = young.start([], env);
  await listening(second);
  expect(await first.kill('SIGTERM')).toEqual({ status: 0, signal: null });
  for (const path of sockets) expect(await ask(path, 'status')).toMatchObject({ result: { pid: second.pid } });
});

test.each([
  ['a group that is not there', { SHOPSYNC_RPC_GROUP: 'no-such-group' }, /SHOPSYNC_RPC_GROUP: rpc\.group: there is no/],
  ['another one', { SHOPSYNC_RPC_OBSERVE_GROUP: 'no-such-group' }, /rpc\.observe_group: there is no such group/],
  ['the name of the other socket', { SHOPSYNC_RPC_SOCKET: '/nowhere/observe.sock' }, /that is the name of the other/],
  ['a path too long', { SHOPSYNC_RPC_SOCKET: `/${'long/'.repeat(30)}control.sock` }, /at most 107/],
  ['too long only for the other', { SHOPSYNC_RPC_SOCKET: `/tmp/${'x'.repeat(93)}/c.sock` }, /111 bytes, at most 107/],
  ['a folder that cannot be made', { SHOPSYNC_RPC_SOCKET: '/proc/nowhere/control.sock' }, /check rpc\.socket/],
])('%s: 78, and one line says so', async (_, env, line) => {
  await using place = new Installation();
  writeFileSync(join(place.folder, 'shopsync.toml'), '');
  const daemon = place.start([], { ...noApi, ...env });
  expect(await daemon.exited).toEqual({ status: 78, signal: null });
  expect(daemon.stderr).toMatch(/^shopsyncd: [^\n]+\n$/);
  expect(daemon.stderr).toMatch(line);
});
