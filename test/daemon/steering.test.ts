import { join } from 'node:path';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { methods } from '../../shared/contract.ts';
import { orderStatuses } from '../../shared/order-statuses.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { Installation } from './daemon-process.ts';

const poll = { timeout: 15_000, interval: 20 };
const onlyOrders = { SHOPSYNC_SYNC_STREAMS: 'orders', SHOPSYNC_SYNC_SINCE: '2024-01-01' };
const idle = async (place: Installation): Promise<boolean> =>
  (await place.status()).streams.some(({ run, lastSyncTime }) => run === null && lastSyncTime !== null);

test('whoever waits for runs by the socket is told how each ended', async () => {
  await using sandbox = await startSandbox({ orders: 60, frozen: true });
  await using place = new Installation(sandbox);
  place.start([], onlyOrders);
  await expect.poll(() => idle(place).catch(() => false), poll).toBe(true);
  const sync = async (params: object) => methods.sync.result.parse(await place.call('sync', params)).runs;
  expect(await sync({ wait: true })).toMatchObject([
    { kind: 'incremental', state: 'succeeded', inserted: 0, updated: 0 },
  ]);
  const told = methods.fullResync.result.parse(await place.call('fullResync', { wait: true }));
  expect(told).toMatchObject({ runs: [{ kind: 'full', state: 'succeeded', seen: 60, inserted: 0, updated: 0 }] });
  expect((await sync({}))[0]).not.toHaveProperty('state');

  // A span without a beginning begins where everything does.
  await sync({ to: 1_800_000_000, wait: true });
  const [span] = (await place.history()).filter(({ kind }) => kind === 'partial');
  expect(span).toMatchObject({ state: 'succeeded', from: '2024-01-01T00:00:00.000Z' });
  await expect(place.call('sync', { to: 1_600_000_000 })).rejects.toThrow('from: must lie before to');
  for (const dryRun of [true, false])
    await expect(place.call('fullResync', { since: '2999-01-01T00:00:00Z', dryRun })).rejects.toThrow(
      'since: lies in the future',
    );

  sandbox.faults.add({ kind: 'code', code: 106001, match: '/order/202309/orders/search' });
  expect(await sync({ wait: true })).toMatchObject([
    { state: 'failed', seen: 0, error: { code: 'api', retryable: false } },
  ]);
}, 60_000);

test('what a client makes the daemon do stands in the log', async () => {
  await using sandbox = await startSandbox({ orders: 60, frozen: true });
  await using place = new Installation(sandbox);
  const daemon = place.start([], onlyOrders);
  await expect.poll(() => idle(place).catch(() => false), poll).toBe(true);
  const file = join(place.folder, 'copy.db');
  for (const [method, params] of [
    ['pause', {}],
    ['resume', {}],
    ['schedule.set', { orders: '*/20 * * * *' }],
    ['cancel', {}],
    ['log.setLevel', { level: 'warn' }],
    ['log.setLevel', { level: 'info' }],
    ['log.setLevel', { level: 'info' }],
    ['backup', { file }],
    ['shutdown', { drainMs: 0 }],
  ] as const)
    await place.call(method, params);
  await daemon.exited;
  const line = z.looseObject({ room: z.string(), level: z.string(), msg: z.string() });
  const told = daemon.log.map((one) => line.parse(one)).filter(({ room, level }) => room === 'rpc' && level === 'info');
  expect(told.map(({ msg }) => msg)).toEqual([
    'paused by a client',
    'resumed by a client',
    'the schedule was changed by a client',
    'cancelled by a client',
    'the log level was set by a client',
    'the log level was set by a client',
    'the log level was set by a client',
    'a backup was begun by a client',
    'the backup is whole',
    'shut down by a client',
  ]);
  expect(told[2]).toMatchObject({ changes: { orders: '*/20 * * * *' } });
  expect(told[4]).toMatchObject({ from: 'info', to: 'warn' });
}, 60_000);

test('orders are synced by status over the socket; what cannot be is refused with what can', async () => {
  await using sandbox = await startSandbox({ orders: 120, frozen: true });
  await using place = new Installation(sandbox);
  place.start([], { ...onlyOrders, SHOPSYNC_SYNC_STREAMS: 'orders,products,analytics' });
  const ready = async () =>
    (await place.status()).streams.filter((one) => one.run === null && one.lastSyncTime !== null);
  await expect.poll(() => ready().catch(() => []), poll).toHaveLength(3);
  const sync = async (params: object) => methods.sync.result.parse(await place.call('sync', params)).runs;
  const by = (...some: readonly string[]) =>
    [...sandbox.world.orders()].filter(({ status }) => some.includes(status)).length;
  const open = orderStatuses.filter((status) => !['COMPLETED', 'CANCELLED'].includes(status));
  const all = { kind: 'partial', state: 'succeeded', inserted: 0, updated: 0 };
  expect(await sync({ statuses: 'open', wait: true })).toMatchObject([{ ...all, stream: 'orders', seen: by(...open) }]);
  const two = { stream: 'orders', statuses: ['COMPLETED', 'CANCELLED'], wait: true };
  expect(await sync(two)).toMatchObject([{ ...all, seen: by('COMPLETED', 'CANCELLED') }]);
  expect(by('CANCELLED')).toBeGreaterThan(0);
  const told = (await place.history()).filter(({ kind }) => kind === 'partial');
  expect(told).toMatchObject([
    { statuses: open, from: '2024-01-01T00:00:00.000Z' },
    { statuses: ['COMPLETED', 'CANCELLED'] },
  ]);
  for (const [method, params, words] of [
    ['sync', { statuses: ['open', 'CANCELED'] }, 'statuses[1]: no order has the status CANCELED'],
    ['sync', { statuses: [] }, 'statuses'],
    ['sync', { stream: 'products', statuses: 'open' }, 'stream: products cannot be read by status'],
    ['sync', { stream: 'ordres', statuses: 'open' }, 'there is no stream ordres'],
    ['audit', { stream: ['orders', 'analytics'] }, 'stream: analytics cannot be audited'],
  ] as const)
    await expect(place.call(method, params), words).rejects.toThrow(words);
  expect(await place.history()).toHaveLength(5);

  const { runs } = methods.audit.result.parse(await place.call('audit', { wait: true }));
  const audits = runs.toSorted((a, b) => a.stream.localeCompare(b.stream));
  const proof = { state: 'succeeded', audit: { missing: 0, stale: 0, drifted: 0 } };
  expect(audits).toMatchObject(['orders', 'products'].map((stream) => ({ kind: 'audit', stream, ...proof })));
}, 60_000);
