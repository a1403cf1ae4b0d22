import { statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { type DaemonProcess, Installation } from './daemon-process.ts';
import { RawPeer } from './rpc/harness.ts';

const searchPath = '/order/202309/orders/search';
const searches = (sandbox: Sandbox) => sandbox.requests.of(searchPath).total;
const poll = { timeout: 15_000, interval: 20 };

/** A shop that stands still behind an API with some latency, so that a sync can be caught in its middle. */
const shopOf = (orders: number) => startSandbox({ orders, frozen: true, latencyMs: 15, seed: 3 });

const inWorld = (sandbox: Sandbox) =>
  [...sandbox.world.orders()].map(({ id, updateTime, status }) => `${id} ${updateTime} ${status}`).toSorted();

const inDatabase = (place: Installation) =>
  place.rows(`select id || ' ' || update_time || ' ' || status as line from orders order by 1`).map(({ line }) => line);

const nowhere = { SHOPSYNC_API_BASE_URL: 'http://127.0.0.1:9', SHOPSYNC_API_AUTH_URL: 'http://127.0.0.1:9' };

const call = (method: string, params: object = {}): string => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });

const states = (place: Installation) =>
  place
    .rows('select kind, state from sync_runs order by id')
    .map(({ kind, state }) => `${String(kind)} ${String(state)}`);

async function synced(place: Installation, daemon: DaemonProcess): Promise<void> {
  await expect.poll(() => daemon.stdout.includes('"listening"') || !daemon.isRunning, poll).toBe(true);
  await expect
    .poll(async () => {
      const { streams } = await place.status();
      return streams.length === 1 && streams[0]?.run === null && streams[0].lastSyncTime !== null;
    }, poll)
    .toBe(true);
}

test('a first sync brings every order in its present version, once, and a clean stop leaves nothing behind', async () => {
  await using sandbox = await shopOf(3000);
  await using place = new Installation(sandbox);
  const daemon = place.start();
  await synced(place, daemon);
  expect(inDatabase(place)).toEqual(inWorld(sandbox));
  const [run] = await place.history();
  expect(run).toMatchObject({ kind: 'full', trigger: 'start', state: 'succeeded', inserted: 3000, rejected: 0 });
  expect(searches(sandbox)).toBeLessThan(45);
  expect(place.rows('select * from sync_metadata')).toMatchObject([
    { sync_type: 'orders', is_full_sync: 1, records_synced: 3000 },
  ]);

  expect(await daemon.kill('SIGTERM')).toEqual({ status: 0, signal: null });
  expect(daemon.stderr).toBe('');
  expect(daemon.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  expect(daemon.log.at(-1)).toMatchObject({ msg: 'stopped' });
  expect(statSync(place.socket, { throwIfNoEntry: false })).toBeUndefined();
});

test('nobody else may open the database, anyone may reach the socket by its name, the group may use it', async () => {
  await using sandbox = await shopOf(200);
  await using place = new Installation(sandbox);
  await synced(place, place.start());
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  expect(statSync(place.socket).isSocket()).toBe(true);
  expect(mode(place.socket)).toBe('660');
  expect(mode(dirname(place.socket))).toBe('711');
  for (const file of ['', '-wal', '-shm']) expect(mode(`${place.database}${file}`), file).toBe('600');
});

test('the log is JSON line by line, and shows no secret, token, cipher or buyer', async () => {
  await using sandbox = await shopOf(600);
  await using place = new Installation(sandbox);
  sandbox.faults.add({ kind: 'partial', match: searchPath, times: 2 });
  sandbox.faults.add({ kind: 'code', code: 106001, match: searchPath, after: 4, times: 1 });
  const daemon = place.start([], { SHOPSYNC_LOG_LEVEL: 'trace' });
  await expect
    .poll(() => daemon.stdout.includes('run failed') || daemon.stdout.includes('run succeeded'), poll)
    .toBe(true);
  sandbox.faults.add({ kind: 'expire' });
  await place.call('sync', { wait: true });
  await place.call('fullResync', { wait: true });
  sandbox.faults.add({ kind: 'revoke' });
  await place.call('sync', { wait: true });
  await daemon.kill('SIGTERM');

  const lines = daemon.log;
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines)
    expect(line).toMatchObject({ level: expect.any(String), time: expect.any(String), msg: expect.any(String) });
  const payloads = place.rows('select payload from orders limit 50').map(({ payload }) => String(payload));
  const buyers = payloads.flatMap((text) => text.match(/v2\d+fake@[\w.]+/) ?? []);
  expect(buyers).toHaveLength(50);
  const { appSecret, tokens } = sandbox;
  const ciphers = sandbox.shops.map(({ cipher }) => cipher);
  const said = daemon.stdout + daemon.stderr;
  for (const secret of [
    appSecret,
    ...ciphers,
    ...buyers,
    tokens.grant.accessToken,
    'ROW_sandboxAccess',
    'ROW_sandboxRefresh',
  ])
    expect(said).not.toContain(secret);
});

test('SIGTERM in the middle of the first sync: the run is closed as interrupted, the next start goes on from there', async () => {
  await using sandbox = await shopOf(6000);
  await using place = new Installation(sandbox);
  const first = place.start();
  await expect.poll(() => searches(sandbox), poll).toBeGreaterThan(20);
  const began = performance.now();
  expect(await first.kill('SIGTERM')).toEqual({ status: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(5000);
  expect(states(place)).toEqual(['full interrupted']);
  const [row] = place.rows('select requests, finished_at, seen from sync_runs');
  expect(row?.['finished_at']).not.toBeNull();
  const before = inDatabase(place).length;
  expect(before).toBeGreaterThan(500);
  expect(before).toBeLessThan(6000);

  const requests = searches(sandbox);
  await synced(place, place.start());
  expect(inDatabase(place)).toEqual(inWorld(sandbox));
  expect(states(place)).toEqual(['full interrupted', 'full succeeded']);
  // What was committed is not read again: only the rest, the strip, a proof of the order and the ends of windows.
  expect(searches(sandbox) - requests).toBeLessThan((6000 - before) / 99 + 20);
});

test.each([30])('SIGKILL at request %i of the first sync: nothing stays running, nothing is lost', async (at) => {
  await using sandbox = await shopOf(6000);
  await using place = new Installation(sandbox);
  const first = place.start();
  await expect.poll(() => searches(sandbox), { ...poll, interval: 2 }).toBeGreaterThanOrEqual(at);
  expect(await first.kill('SIGKILL')).toEqual({ status: null, signal: 'SIGKILL' });
  expect(states(place)).toEqual(['full running']);
  const before = inDatabase(place).length;
  const requests = searches(sandbox);

  await synced(place, place.start());
  expect(inDatabase(place)).toEqual(inWorld(sandbox));
  expect(states(place)).toEqual(['full interrupted', 'full succeeded']);
  expect(searches(sandbox) - requests).toBeLessThan((6000 - before) / 99 + 20);
  const [interrupted] = await place.history();
  expect(interrupted).toMatchObject({ state: 'interrupted', inserted: before });
});

test('lesson 15, lesson 18: a stop with idle clients and an API that hangs answers what is under way, and is soon over', async () => {
  await using sandbox = await shopOf(500);
  await using place = new Installation(sandbox);
  sandbox.faults.add({ kind: 'slow', ms: 60_000, match: searchPath });
  const daemon = place.start();
  await expect.poll(() => searches(sandbox), poll).toBeGreaterThan(0);
  const idle = Array.from({ length: 3 }, () => new RawPeer(place.socket).send(`${call('status')}\n`));
  const watcher = new RawPeer(place.socket).send(`${call('subscribe')}\n`);
  const busy = ['sync', 'fullResync'].map((method) =>
    new RawPeer(place.socket).send(`${call(method, { wait: true })}\n${call('health')}\n`),
  );
  await Promise.all([
    ...idle.map((peer) => peer.receive(1)),
    watcher.receive(2),
    ...busy.map((peer) => peer.receive(1)),
  ]);
  const began = performance.now();
  const exited = daemon.kill('SIGTERM');
  for (const peer of [...idle, watcher, ...busy]) await peer.ended;
  for (const peer of busy)
    expect(peer.messages[1]).toMatchObject({ id: 1, error: { code: -32010, data: { code: 'shutting_down' } } });
  expect(watcher.text).toContain('"state":"interrupted"');
  expect(watcher.messages.at(-1)).toMatchObject({ method: 'event', params: { topic: 'shutdown' } });
  expect(await exited).toEqual({ status: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(5000);
  expect(states(place)).toEqual(expect.arrayContaining(['full interrupted']));
  expect(states(place).filter((state) => !state.endsWith('interrupted'))).toEqual([]);
  expect(statSync(`${place.database}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  expect(place.rows('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
});

test('shutdown tells what is under way, and then stops', async () => {
  await using sandbox = await shopOf(500);
  await using place = new Installation(sandbox);
  sandbox.faults.add({ kind: 'slow', ms: 60_000, match: searchPath });
  const daemon = place.start();
  await expect.poll(() => searches(sandbox), poll).toBeGreaterThan(0);
  expect(await place.call('shutdown', { drainMs: 0 })).toMatchObject({ stopping: true, runs: [{ kind: 'full' }] });
  expect(await daemon.exited).toEqual({ status: 0, signal: null });
  expect(daemon.log.find(({ msg }) => msg === 'stopping')).toMatchObject({ by: 'shutdown', drainMs: 0 });
});

test('who waits for a run that a shutdown stops is told so, however long it may drain', async () => {
  await using sandbox = await shopOf(500);
  await using place = new Installation(sandbox);
  sandbox.faults.add({ kind: 'slow', ms: 60_000, match: searchPath });
  const daemon = place.start();
  await expect.poll(() => searches(sandbox), poll).toBeGreaterThan(0);
  const waiting = new RawPeer(place.socket).send(`${call('sync', { wait: true })}\n${call('health')}\n`);
  await waiting.receive(1);
  await place.call('shutdown', { drainMs: 5000 });
  await waiting.ended;
  expect(waiting.messages[1]).toMatchObject({ error: { data: { code: 'shutting_down', retryable: true } } });
  expect(await daemon.exited).toEqual({ status: 0, signal: null });
});

test('shutdown gives a client that does not read its time; a signal takes it away', async () => {
  await using place = new Installation();
  const daemon = place.start([], { SHOPSYNC_API_APP_KEY: 'key', SHOPSYNC_APP_SECRET: 'secret', ...nowhere });
  await expect.poll(() => daemon.stdout.includes('"listening"') || !daemon.isRunning, poll).toBe(true);
  const deaf = connect(place.socket).pause();
  onTestFinished(() => void deaf.destroy());
  deaf.on('error', () => undefined).write(`${call('rpc.discover')}\n`.repeat(31));
  const peer = new RawPeer(place.socket).send(`${call('status')}\n`);
  await peer.receive(1);
  await peer.send(`${call('shutdown', { drainMs: 60_000 })}\n`).ended;
  expect(peer.messages[1]).toMatchObject({ result: { stopping: true, runs: [] } });
  await expect.poll(() => daemon.stdout.includes('"stopping"'), poll).toBe(true);
  expect(daemon.isRunning).toBe(true);
  const began = performance.now();
  expect(await daemon.kill('SIGTERM')).toEqual({ status: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(6000);
});

test('an API that accepts connections and never answers does not keep the socket from answering at once', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const { port } = z.object({ port: z.int() }).parse(silent.address());
  const url = `http://127.0.0.1:${port}`;
  await using place = new Installation();
  const env = {
    SHOPSYNC_API_APP_KEY: 'key',
    SHOPSYNC_APP_SECRET: 'secret',
    SHOPSYNC_ACCESS_TOKEN: 'token',
    SHOPSYNC_API_BASE_URL: url,
    SHOPSYNC_API_AUTH_URL: url,
  };
  const asked = new Promise<void>((resolve) => silent.once('connection', () => resolve()));
  const daemon = place.start([], env);
  await asked;
  expect(daemon.stdout).toContain('"listening"');
  expect(await place.status()).toMatchObject({ pid: daemon.pid, shops: [], streams: [], problem: null });
  expect(await daemon.kill('SIGTERM')).toEqual({ status: 0, signal: null });
});
