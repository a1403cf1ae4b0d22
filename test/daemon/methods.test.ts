import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { methods } from '../../shared/contract.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { type DaemonProcess, Installation } from './daemon-process.ts';
import { scrape } from './prometheus.ts';

const poll = { timeout: 15_000, interval: 10 };

/** What a method answers, held against its schema: nothing but what the schema knows. */
async function call<R extends z.ZodType>(
  place: Installation,
  name: string,
  { result }: { readonly result: R },
  params: object = {},
): Promise<z.output<R>> {
  const answer = await place.call(name, params);
  const parsed = result.parse(answer);
  expect(parsed, name).toEqual(answer);
  return parsed;
}

async function listening(daemon: DaemonProcess): Promise<void> {
  await expect.poll(() => daemon.stdout.includes('"listening"') || !daemon.isRunning, poll).toBe(true);
  expect(daemon.stderr).toBe('');
}

const idle = async (place: Installation): Promise<boolean> => {
  const { streams } = await place.status();
  return streams.length === 1 && streams[0]?.run === null && streams[0].lastSyncTime !== null;
};

test('the daemon is paused, restarted, resumed, looked into, backed up and shut down by its socket alone', async () => {
  await using sandbox = await startSandbox({ orders: 300, frozen: true, seed: 5 });
  await using place = new Installation(sandbox);
  let daemon = place.start([], { SHOPSYNC_SCHEDULE_ORDERS: '*/15 * * * *' });
  await listening(daemon);
  await expect.poll(() => idle(place), poll).toBe(true);

  const before = await call(place, 'schedule.get', methods['schedule.get']);
  expect(before).toMatchObject({
    paused: false,
    adaptive: true,
    quietHours: '01:00-06:00',
    set: {},
    schedules: [
      { stream: 'orders', kind: 'incremental', pattern: '*/15 * * * *' },
      { stream: 'orders', kind: 'recheck', pattern: '0 1 * * *' },
      { stream: 'orders', kind: 'audit', pattern: '15 3 * * *' },
    ],
  });
  for (const { nextRunAt, reason } of before.schedules) {
    expect(Date.parse(nextRunAt ?? '')).toBeGreaterThan(Date.now() - 1000);
    expect(reason).not.toBe('');
  }
  const set = {
    orders: '*/5 * * * *',
    adaptive: false,
    audit: 'off',
    quietHours: '02:00-03:00',
    timeZone: 'Asia/Tokyo',
  };
  const changed = await call(place, 'schedule.set', methods['schedule.set'], set);
  expect(changed).toMatchObject({
    adaptive: false,
    quietHours: '02:00-03:00',
    set,
    schedules: [
      { kind: 'incremental', pattern: '*/5 * * * *', reason: 'cron */5 * * * *, Asia/Tokyo' },
      { kind: 'recheck', pattern: '0 2 * * *', timeZone: 'Asia/Tokyo' },
    ],
  });
  expect((await place.status()).streams[0]).toMatchObject({
    nextRunAt: changed.schedules[0]?.nextRunAt,
    nextRunReason: 'cron */5 * * * *, Asia/Tokyo',
  });
  await expect(place.call('schedule.set', { full: 'never', orders: null })).rejects.toThrow(
    'Invalid params: full: must be a cron pattern',
  );

  const paused = await call(place, 'pause', methods.pause);
  expect(paused.paused).toBe(true);
  await daemon.kill('SIGKILL');
  daemon = place.start();
  await listening(daemon);
  await expect
    .poll(async () => (await call(place, 'schedule.get', methods['schedule.get'])).schedules.length, poll)
    .toBe(2);
  const waits = { nextRunAt: null, reason: 'paused' };
  expect(await call(place, 'schedule.get', methods['schedule.get'])).toMatchObject({
    ...paused,
    set,
    schedules: [{ ...waits, pattern: '*/5 * * * *' }, waits],
  });
  expect(
    await call(place, 'schedule.set', methods['schedule.set'], { audit: null, timeZone: null, adaptive: null }),
  ).toMatchObject({ adaptive: true, set: { orders: '*/5 * * * *' }, schedules: [waits, waits, waits] });
  expect(await call(place, 'status', methods.status)).toMatchObject({ paused: { since: paused.pausedAt } });
  expect(await place.history()).toHaveLength(1);
  await call(place, 'sync', methods.sync, { wait: true });
  expect((await place.history()).map(({ trigger }) => trigger)).toEqual(['start', 'manual']);
  expect(await call(place, 'resume', methods.resume)).toEqual({ paused: false, pausedAt: null });
  await expect.poll(async () => (await place.history()).length, poll).toBe(3);
  await expect.poll(() => idle(place), poll).toBe(true);

  expect(await call(place, 'log.setLevel', methods['log.setLevel'], { level: 'warn' })).toEqual({
    level: 'warn',
    previous: 'info',
  });
  // What was said before may still be on its way through the pipe.
  const about = () => daemon.log.filter(({ msg }) => String(msg).includes('log level'));
  await expect.poll(about, poll).toHaveLength(1);
  const logged = daemon.log.length;
  await call(place, 'sync', methods.sync, { wait: true });
  expect(daemon.log).toHaveLength(logged);
  expect(await call(place, 'log.setLevel', methods['log.setLevel'], { level: 'info' })).toEqual({
    level: 'info',
    previous: 'warn',
  });
  await call(place, 'sync', methods.sync, { wait: true });
  await expect.poll(() => daemon.log.length, poll).toBeGreaterThan(logged);
  const { lines } = await call(place, 'logs', methods.logs, { lines: 2 });
  expect(lines).toHaveLength(2);
  const told = daemon.log.slice(-2).map((line, i) => ({ ...line, line: lines[i]?.line }));
  expect(lines).toEqual(told);
  expect((await call(place, 'logs', methods.logs, { level: 'fatal' })).lines).toEqual([]);

  const metrics = scrape((await call(place, 'metrics', methods.metrics)).text);
  expect([...(metrics.get('shopsync_stored')?.samples.values() ?? [])]).toEqual([sandbox.world.size]);
  const runs = [...(metrics.get('shopsync_runs_total')?.samples ?? [])].reduce((sum, [, n]) => sum + n, 0);
  // Of this process: the manual one, the one that the resume began, and two more.
  expect(runs).toBe(4);
  const attempts = metrics.get('shopsync_api_attempts_total');
  expect([...(attempts?.samples.keys() ?? [])].every((series) => series.includes('outcome="success"'))).toBe(true);
  expect([...(metrics.get('shopsync_connections')?.samples.values() ?? [])]).toEqual([1]);

  const file = join(place.folder, 'copy.db');
  expect(await call(place, 'backup', methods.backup, { file })).toEqual({ file, bytes: statSync(file).size });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const copy = new Database(file);
  expect(copy.prepare('select count(*) as n from orders').all([])).toEqual([{ n: sandbox.world.size }]);
  copy.close();
  await expect(place.call('backup', { file })).rejects.toThrow('file: there is a file of that name already');
  expect(readdirSync(place.folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);

  expect(await call(place, 'shutdown', methods.shutdown, { drainMs: 1000 })).toEqual({ stopping: true, runs: [] });
  expect(await daemon.exited).toEqual({ status: 0, signal: null });
  expect(daemon.stderr).toBe('');
}, 60_000);

test('a shutdown tells the runs under way and is answered before they stop at the edge of a page', async () => {
  await using sandbox = await startSandbox({ orders: 6000, frozen: true, latencyMs: 15, seed: 3 });
  await using place = new Installation(sandbox);
  const daemon = place.start();
  await listening(daemon);
  await expect.poll(async () => (await place.status()).streams[0]?.run?.done ?? 0, poll).toBeGreaterThan(200);
  const { runs } = await call(place, 'shutdown', methods.shutdown);
  expect(runs).toMatchObject([{ kind: 'full', state: 'running', stream: 'orders' }]);
  expect(await daemon.exited).toEqual({ status: 0, signal: null });
  expect(place.rows('select id, state from sync_runs')).toEqual([{ id: runs[0]?.runId, state: 'interrupted' }]);
}, 30_000);

const following = z.object({ params: z.object({ topic: z.string(), seq: z.int(), data: z.unknown() }) });

test('who follows the log hears each line that is logged from then on, and can tell where the ones from before end', async () => {
  await using sandbox = await startSandbox({ orders: 100, frozen: true, seed: 5 });
  await using place = new Installation(sandbox);
  const daemon = place.start();
  await listening(daemon);
  await expect.poll(() => idle(place), poll).toBe(true);
  const socket = connect(place.socket);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  try {
    const params = { topics: ['logs'] };
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscribe', params })}\n`);
    await expect.poll(() => text, poll).toContain('"snapshot"');
    const { lines } = await call(place, 'logs', methods.logs, { lines: 1000 });
    for (let i = 0; i < 3; i++) await call(place, 'sync', methods.sync, { wait: true });
    const heard = () =>
      text
        .split('\n')
        .flatMap((line) => (line.includes('"topic":"logs"') ? [following.parse(JSON.parse(line)).params] : []));
    await expect.poll(() => heard().length, poll).toBeGreaterThanOrEqual(3);
    const now = (await call(place, 'logs', methods.logs, { lines: 1000 })).lines;
    expect(heard().map(({ data }) => data)).toEqual(now.slice(lines.length));
    expect(now.map(({ line }) => line)).toEqual(now.map((_, i) => i + 1));
  } finally {
    socket.destroy();
  }
}, 30_000);
