import { renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { describe, expect, it, vi } from 'vitest';

import { runClient } from './client-process.ts';
import { Refusal } from './fake-daemon.ts';
import { folder, startDaemon } from './room.ts';
import { failure, progress, run, status, stream } from './samples.ts';

vi.setConfig({ testTimeout: 30_000 });

/** A socket that a daemon left behind when it died. */
const staleSocket = async (): Promise<string> => {
  const path = join(folder(), 'control.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.1`, resolve));
  // Closing unlinks the name that was bound, and no other.
  renameSync(`${path}.1`, path);
  await new Promise((resolve) => server.close(resolve));
  return path;
};

const oneLine = /^shopsync: [^\n]+\n$/;

describe('a command that fails says one line, and nothing on stdout', () => {
  it.each([
    ['api', 1],
    ['busy', 5],
    ['not_authorized', 6],
  ] as const)('the daemon refuses with %s: exit status %d', async (code, exit) => {
    const daemon = await startDaemon();
    daemon.scripts.set('sync', () => {
      throw new Refusal(code, 'it is\nso', 'do this');
    });
    const { status: ended, stdout, stderr } = await runClient(['sync', '--socket', daemon.path]);
    expect([ended, stdout, stderr]).toEqual([exit, '', 'shopsync: it is so (do this)\n']);
  });

  it('no socket: exit status 2', async () => {
    const path = join(folder(), 'none.sock');
    const { status: ended, stdout, stderr } = await runClient(['status', '--socket', path]);
    expect([ended, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`shopsync: no daemon: the socket ${path} is missing; start one: shopsyncd\n`);
  });

  it('a socket left behind: exit status 2', async () => {
    const path = await staleSocket();
    const { status: ended, stdout, stderr } = await runClient(['status', '--socket', path]);
    expect([ended, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('is stale');
  });

  it.each([
    [['bogus']],
    [['status', '--bogus']],
    [['orders']],
    [['orders', 'show']],
    [['call', 'status', '{']],
    [['call', 'status', '1']],
    [['sync', '--from', 'yesterday']],
    [['status', '--timeout', '3']],
    [['history', '--limit', '0']],
    [[]],
  ])('usage %j: exit status 3', async (args) => {
    const { status: ended, stdout, stderr } = await runClient(args);
    expect([ended, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(oneLine);
  });

  it('--timeout passes: exit status 4', async () => {
    const daemon = await startDaemon();
    daemon.frozen = true;
    const {
      status: ended,
      stdout,
      stderr,
    } = await runClient(['status', '--socket', daemon.path, '--timeout', '200ms']);
    expect([ended, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(oneLine);
  });
});

describe('output', () => {
  it('of --json is the raw result as one document', async () => {
    const daemon = await startDaemon();
    const { status: ended, stdout, stderr } = await runClient(['status', '--json', '--socket', daemon.path]);
    expect([ended, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual(daemon.status);
  });

  it('of status tells everything in words', async () => {
    const daemon = await startDaemon(
      status({
        streams: [
          stream({ run: progress() }),
          stream({
            stream: 'products',
            lastError: failure({ nextAttemptAt: null, retryable: false }),
            missing: [{ from: '2021-03-01T00:00:00Z', to: '2021-04-01T00:00:00Z' }],
          }),
        ],
      }),
    );
    const { stdout } = await runClient(['status', '--socket', daemon.path]);
    for (const words of [
      `● connected  shopsyncd 0.1.0, pid 4242, up 3 h 12 min, at ${daemon.path}`,
      '61,000 of 100,000, 1,250 orders/s, 1,220 requests, 31 s left',
      '2021-03-01 00:00Z to 2021-04-01 00:00Z',
      'TikTok answered 500 to the order search. Nothing to do, it is tried again. No next attempt until this is mended.',
      'IN_TRANSIT 9,120',
    ]) {
      expect(stdout).toContain(words);
    }
  });

  it.each([
    [
      -600,
      'clock  this machine’s clock is 10 min behind TikTok’s: timedatectl set-ntp true; orders of the last 10 min',
    ],
    [3600, 'clock  this machine’s clock is 1 h ahead of TikTok’s: timedatectl set-ntp true; nothing is lost'],
  ])('T17: of status tells of a clock that is %i s ahead, and how it is mended', async (aheadSeconds, words) => {
    const daemon = await startDaemon(status({ clock: { aheadSeconds, ok: false } }));
    expect((await runClient(['status', '--socket', daemon.path])).stdout).toContain(words);
    daemon.status = status({ clock: { aheadSeconds: -60, ok: true } });
    expect((await runClient(['status', '--socket', daemon.path])).stdout).not.toContain('clock');
  });

  it('carries nothing from the API that could steer a terminal, and no colours in a pipe', async () => {
    const evil = '\u001b]52;c;aGk=\u0007\u001b[2J\u202e日本';
    const daemon = await startDaemon(status({ shops: [{ id: '7000000000001', name: evil, region: 'GB' }] }));
    for (const args of [['status'], ['status', '--json'], ['call', 'status']]) {
      const { stdout } = await runClient([...args, '--socket', daemon.path]);
      expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
      expect(stdout).toContain('日本');
    }
  });

  it.each(['status', 'sync', 'full-resync', 'cancel', 'history', 'watch', 'call', 'orders'])(
    '%s --help has an example',
    async (verb) => {
      const { status: ended, stdout } = await runClient([verb, '--help']);
      expect(ended).toBe(0);
      expect(stdout).toContain(`$ shopsync ${verb}`);
    },
  );
});

describe('what is asked of the daemon', () => {
  const runs = [{ runId: 'run-1', stream: 'orders', shop: '7000000000001', kind: 'full', joined: false }];
  const cases: readonly (readonly [readonly string[], string, unknown])[] = [
    [['sync'], 'sync', {}],
    [
      ['sync', 'orders', 'products', '--from', '2026-11-01', '--to', '1760000000'],
      'sync',
      { stream: ['orders', 'products'], from: '2026-11-01T00:00:00.000Z', to: 1_760_000_000 },
    ],
    [['cancel', 'run-7'], 'cancel', { runId: 'run-7' }],
    [['history', '--state', 'failed', '--limit', '7'], 'history', { state: 'failed', limit: 7 }],
    [
      ['orders', 'list', '--status', 'UNPAID,ON_HOLD', '--status', 'X', '--sort', '-id', '--query', 'tea'],
      'orders.list',
      { filter: { status: ['UNPAID', 'ON_HOLD', 'X'], query: 'tea' }, sort: '-id' },
    ],
    [['orders', 'counts', '--by', 'day'], 'orders.counts', { groupBy: 'day' }],
    [['call', 'orders.get', '{"id":"1"}'], 'orders.get', { id: '1' }],
  ];
  it.each(cases)('by %j', async (args, method, params) => {
    const daemon = await startDaemon();
    const empty = { runs, orders: [], nextCursor: null, total: 0, groups: [] };
    daemon.scripts.set(method, () => (method === 'cancel' || method === 'history' ? { runs: [run()] } : empty));
    const { status: ended, stderr } = await runClient([...args, '--socket', daemon.path]);
    expect([ended, stderr, daemon.called(method)]).toEqual([0, '', [params]]);
  });

  it('by full-resync: the cost first, and then, without a terminal, the real thing', async () => {
    const daemon = await startDaemon();
    daemon.scripts.set('fullResync', (params) =>
      JSON.stringify(params).includes('true')
        ? { estimate: { requests: 2000, seconds: 200, orders: 100_000 } }
        : { runs },
    );
    const { status: ended, stdout } = await runClient(['full-resync', 'orders', '--socket', daemon.path]);
    expect(ended).toBe(0);
    expect(stdout).toContain('100,000 orders in 2,000 requests, about 3 min 20 s at the present rate');
    expect(daemon.called('fullResync')).toEqual([{ stream: ['orders'], dryRun: true }, { stream: ['orders'] }]);
  });
});
