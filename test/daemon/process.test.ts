import { statSync } from 'node:fs';
import { dirname } from 'node:path';

import { expect, test } from 'vitest';

import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { type DaemonProcess, Installation } from './daemon-process.ts';

const searchPath = '/order/202309/orders/search';
const searches = (sandbox: Sandbox) => sandbox.requests.of(searchPath).total;
const poll = { timeout: 15_000, interval: 20 };

/** A shop that stands still behind an API with some latency, so that a sync can be caught in its middle. */
const shopOf = (orders: number) => startSandbox({ orders, frozen: true, latencyMs: 15, seed: 3 });

const inWorld = (sandbox: Sandbox) =>
  [...sandbox.world.orders()].map(({ id, updateTime, status }) => `${id} ${updateTime} ${status}`).toSorted();

const inDatabase = (place: Installation) =>
  place.rows(`select id || ' ' || update_time || ' ' || status as line from orders order by 1`).map(({ line }) => line);

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

test.each([12, 30, 45])(
  'SIGKILL at request %i of the first sync: nothing stays running, nothing is lost',
  async (at) => {
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
  },
);

test('a daemon that is stopped while its API does not answer ends in time', async () => {
  await using sandbox = await shopOf(500);
  await using place = new Installation(sandbox);
  sandbox.faults.add({ kind: 'slow', ms: 30_000, match: searchPath });
  const daemon = place.start();
  await expect.poll(() => searches(sandbox), poll).toBeGreaterThan(0);
  const began = performance.now();
  expect(await daemon.kill('SIGTERM')).toEqual({ status: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(5000);
  expect(states(place)).toEqual(['full interrupted']);
});
