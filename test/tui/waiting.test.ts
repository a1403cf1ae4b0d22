import { describe, expect, it, vi } from 'vitest';

import type { Run } from '../../shared/run-views.ts';
import { ClientProcess, eventually, runClient } from './client-process.ts';
import type { FakeDaemon } from './fake-daemon.ts';
import { startDaemon } from './room.ts';
import { failure, progress, run, stream } from './samples.ts';
import { manyShops } from './shops.ts';

vi.setConfig({ testTimeout: 30_000 });

const open = run({ state: 'running', finishedAt: null });
const accepted = { runId: 'run-1', stream: 'orders', shop: '7000000000001', kind: 'incremental', joined: false };

const withRun = async (history: readonly Run[] = [open]): Promise<FakeDaemon> => {
  const daemon = await startDaemon();
  daemon.scripts.set('sync', () => ({ runs: [accepted] }));
  daemon.scripts.set('history', () => ({ runs: history }));
  return daemon;
};

/** A client that has been told of the run and listens. */
const waiting = async (daemon: FakeDaemon, args: readonly string[] = []): Promise<ClientProcess> => {
  const client = new ClientProcess(['sync', '--wait', '--socket', daemon.path, ...args]);
  await eventually(() => daemon.called('history').length > 0, 'a look into the history');
  return client;
};

describe('sync --wait', () => {
  it('ends with the run', async () => {
    const daemon = await withRun();
    const client = await waiting(daemon);
    daemon.emit('runs', run({ runId: 'another', state: 'failed' }));
    daemon.emit('progress', stream({ run: progress() }));
    daemon.emit('runs', run());
    const { status, stdout, stderr } = await client.ended;
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      'Demo shop: orders incremental succeeded after 25 s: 100,000 seen, 99,000 inserted, 12 updated, 2 requests\n',
    );
  });

  it('prints the run as JSON', async () => {
    const daemon = await withRun([run()]);
    const { status, stdout } = await runClient(['sync', '--wait', '--json', '--socket', daemon.path]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ runId: 'run-1', state: 'succeeded', seen: 100_000 }] });
  });

  it.each([
    ['failed', 'api', 1],
    ['failed', 'not_authorized', 6],
    ['cancelled', undefined, 1],
  ] as const)('a run that %s with %s: exit status %d', async (state, code, exit) => {
    const daemon = await withRun();
    const client = await waiting(daemon);
    daemon.emit('runs', run({ state, ...(code && { error: failure({ code }) }) }));
    const { status, stdout, stderr } = await client.ended;
    expect([status, stdout]).toEqual([exit, '']);
    expect(stderr).toMatch(/^shopsync: Demo shop: orders incremental [^\n]+\n$/);
  });

  it('of several shops and streams: one line for each, and those that failed are named with what to do', async () => {
    const shops = manyShops(2, {}, ['orders', 'analytics']);
    const daemon = await startDaemon(shops);
    const runs = shops.streams.map(({ shop, stream: name }, at) => run({ runId: `r${at}`, shop, stream: name }));
    daemon.scripts.set('sync', () => ({
      runs: runs.map(({ runId, shop, stream: name, kind }) => ({ runId, shop, stream: name, kind, joined: false })),
    }));
    daemon.scripts.set('history', () => ({ runs }));
    const good = await runClient(['sync', '--wait', '--socket', daemon.path]);
    expect([good.status, good.stderr]).toEqual([0, '']);
    expect(good.stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^Sandbox Company Europe A: orders incremental succeeded after 25 s: /),
      expect.stringMatching(/^Sandbox Company Europe A: analytics incremental succeeded /),
      expect.stringMatching(/^Sandbox Company Europe B: orders incremental succeeded /),
      expect.stringMatching(/^Sandbox Company Europe B: analytics incremental succeeded /),
    ]);
    const error = failure({ code: 'not_authorized', message: 'the app lacks a scope', hint: 'give it' });
    daemon.scripts.set('history', () => ({
      runs: runs.map((one) => (one.stream === 'analytics' ? { ...one, state: 'failed', error } : one)),
    }));
    const bad = await runClient(['sync', '--wait', '--socket', daemon.path]);
    expect([bad.status, bad.stdout]).toEqual([6, '']);
    const lines = bad.stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines.filter((line) => line.includes('succeeded'))).toHaveLength(2);
    expect(lines.at(-1)).toBe(
      'shopsync: 2 of 4 runs did not succeed: Sandbox Company Europe A: analytics, ' +
        'Sandbox Company Europe B: analytics failed: the app lacks a scope (give it)',
    );
    const raw = await runClient(['sync', '--json', '--socket', daemon.path]);
    expect(JSON.parse(raw.stdout).runs[0]).toMatchObject({ shop: '7490000000000000000', stream: 'orders' });
    expect(raw.stdout).not.toContain('Europe');
  });

  it('finds a run that ended before it listened', async () => {
    const daemon = await withRun([run()]);
    // The history is asked again every 15 s whatever happens; this must not take that long.
    const { status, stdout } = await runClient(['sync', '--wait', '--timeout', '10s', '--socket', daemon.path]);
    expect(status).toBe(0);
    expect(stdout).toContain('succeeded');
  });

  it('outlives the daemon, and learns from the next one how the run ended', async () => {
    const daemon = await withRun();
    const client = await waiting(daemon);
    await daemon.kill();
    await eventually(() => client.stderr.includes('lost the daemon'), 'a word about the loss');
    daemon.scripts.set('history', () => ({ runs: [run({ state: 'interrupted' })] }));
    await daemon.start();
    const { status, stdout, stderr } = await client.ended;
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('interrupted');
  });

  it('gives up with --timeout', async () => {
    const daemon = await withRun();
    const client = await waiting(daemon, ['--timeout', '1s']);
    expect(await client.ended).toMatchObject({ status: 4, stdout: '' });
  });
});

describe('watch', () => {
  const watching = async (daemon: FakeDaemon, args: readonly string[] = []): Promise<ClientProcess> => {
    const client = new ClientProcess(['watch', '--socket', daemon.path, ...args]);
    await eventually(() => client.stdout !== '', 'a first line');
    return client;
  };

  it('says a line for each change of state, and ends with 0 when interrupted', async () => {
    const daemon = await withRun();
    const client = await watching(daemon);
    daemon.emit('runs', open);
    for (let seen = 0; seen < 50; seen++) daemon.emit('progress', stream({ run: progress({ done: seen }) }));
    daemon.emit('counts', stream({ lastError: failure() }));
    daemon.emit('runs', run());
    await eventually(() => client.stdout.includes('succeeded'), 'the end of the run');
    client.signal('SIGINT');
    const { status, stdout, stderr } = await client.ended;
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('of 100,000'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('incremental run failed 3 min ago'))).toHaveLength(1);
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S/);
  });

  it('comes back when the daemon does', async () => {
    const daemon = await withRun();
    const client = await watching(daemon);
    await daemon.kill();
    await eventually(() => client.stdout.includes('lost the daemon'), 'the loss');
    await daemon.start();
    await eventually(() => client.stdout.split('connected to').length === 3, 'the return');
    client.signal('SIGTERM');
    expect(await client.ended).toMatchObject({ status: 0, stderr: '' });
  });

  it('prints events as JSON, one a line', async () => {
    const daemon = await withRun();
    const client = await watching(daemon, ['--json']);
    daemon.emit('runs', run());
    await eventually(() => client.stdout.split('\n').length === 3, 'two events');
    client.signal('SIGINT');
    const { stdout } = await client.ended;
    const events: readonly { readonly topic: string }[] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ topic }) => topic)).toEqual(['snapshot', 'runs']);
  });

  it('with --json says on stderr, once, that the daemon is lost and back, and goes on', async () => {
    const daemon = await withRun();
    const client = await watching(daemon, ['--json']);
    await daemon.kill();
    await eventually(() => client.stderr.includes('lost the daemon'), 'the loss');
    await daemon.start();
    await eventually(() => client.stderr.includes('the daemon is back'), 'the return');
    client.signal('SIGINT');
    const { status, stdout, stderr } = await client.ended;
    expect(status).toBe(0);
    expect(stderr).toMatch(/^shopsync: lost the daemon, [^\n]+\nshopsync: the daemon is back\n$/);
    for (const text of stdout.trimEnd().split('\n')) expect(JSON.parse(text)).toHaveProperty('seq');
  });

  it('ends in silence when nobody reads any more', async () => {
    const daemon = await withRun();
    const client = await watching(daemon);
    client.hangUp();
    const emitting = setInterval(() => daemon.emit('runs', run({ runId: String(Math.random()) })), 20);
    const { status, stderr } = await client.ended.finally(() => clearInterval(emitting));
    expect([status, stderr]).toEqual([0, '']);
  });
});
