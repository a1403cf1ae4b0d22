import { resolve } from 'node:path';

import { describe, expect, it, vi } from 'vitest';

import { runClient } from './client-process.ts';
import { startDaemon } from './room.ts';
import { run, schedules } from './samples.ts';

vi.setConfig({ testTimeout: 30_000 });

describe('what is asked of the daemon', () => {
  const runs = [{ runId: 'run-1', stream: 'orders', shop: '7000000000001', kind: 'full', joined: false }];
  const cases: readonly (readonly [readonly string[], string, unknown])[] = [
    [['sync'], 'sync', {}],
    [
      ['sync', 'orders', 'products', '--from', '2026-11-01', '--to', '1760000000'],
      'sync',
      { stream: ['orders', 'products'], from: '2026-11-01T00:00:00.000Z', to: 1_760_000_000 },
    ],
    [['sync', '--status', 'open'], 'sync', { statuses: ['open'] }],
    [
      ['sync', 'orders', '--status', 'UNPAID, ON_HOLD', '--status', 'X', '--from', '2026-11-01', '--shop', '2'],
      'sync',
      { stream: ['orders'], statuses: ['UNPAID', 'ON_HOLD', 'X'], from: '2026-11-01T00:00:00.000Z', shop: '2' },
    ],
    [['audit'], 'audit', {}],
    [
      ['audit', 'orders', 'products', '--shop', '2', '--no-repair'],
      'audit',
      { stream: ['orders', 'products'], shop: '2', repair: false },
    ],
    [['cancel', 'run-7'], 'cancel', { runId: 'run-7' }],
    [['history', '--kind', 'audit'], 'history', { kind: 'audit' }],
    [['history', '--state', 'failed', '--limit', '7'], 'history', { state: 'failed', limit: 7 }],
    [
      ['orders', 'list', '--status', 'UNPAID,ON_HOLD', '--status', 'X', '--sort', '-id', '--query', 'tea'],
      'orders.list',
      { filter: { status: ['UNPAID', 'ON_HOLD', 'X'], query: 'tea' }, sort: '-id' },
    ],
    [['orders', 'counts', '--by', 'day'], 'orders.counts', { groupBy: 'day' }],
    [['call', 'orders.get', '{"id":"1"}'], 'orders.get', { id: '1' }],
    [['backup', 'x/../copy.db'], 'backup', { file: resolve('copy.db') }],
    [['pause'], 'pause', undefined],
    [['resume'], 'resume', undefined],
    [['schedule'], 'schedule.get', undefined],
    [['schedule', 'set', 'orders', '*/5 * * * *'], 'schedule.set', { orders: '*/5 * * * *' }],
    [['schedule', 'set', 'full', 'off'], 'schedule.set', { full: 'off' }],
    [['schedule', 'set', 'quiet_hours', '22:00-06:00'], 'schedule.set', { quietHours: '22:00-06:00' }],
    [['schedule', 'set', 'quiet_hours', 'default'], 'schedule.set', { quietHours: null }],
    [['schedule', 'set', 'adaptive', 'false'], 'schedule.set', { adaptive: false }],
    [['schedule', 'set', 'adaptive', 'on'], 'schedule.set', { adaptive: true }],
    [['schedule', 'set', 'adaptive', 'default'], 'schedule.set', { adaptive: null }],
    [['schedule', 'set', 'time_zone', 'Asia/Jakarta'], 'schedule.set', { timeZone: 'Asia/Jakarta' }],
    [['logs', '--lines', '7', '--level', 'warn'], 'logs', { lines: 7, level: 'warn' }],
    [['orders', 'why', '1', '--shop', '2'], 'orders.why', { id: '1', shop: '2' }],
    [['orders', 'show', '1'], 'orders.get', { id: '1' }],
  ];
  it.each(cases)('by %j', async (args, method, params) => {
    const daemon = await startDaemon();
    const lists = { runs, orders: [], groups: [], lines: [], events: [], lineItems: [], ...schedules() };
    const order = { createTime: '', updateTime: '', paidTime: null, firstSeenAt: '', changedAt: '', totalAmount: null };
    const why = { verdict: 'stored', shop: '2', covered: null };
    const empty = {
      ...lists,
      ...order,
      ...why,
      nextCursor: null,
      total: 0,
      file: '/copy.db',
      bytes: 1,
    };
    const result = method === 'cancel' || method === 'history' ? { runs: [run()] } : empty;
    daemon.scripts.set(method, () => result);
    const { status: ended, stderr } = await runClient([...args, '--socket', daemon.path]);
    expect([ended, stderr, daemon.called(method)]).toEqual([0, '', [params]]);
    const raw = await runClient([...args, '--json', '--socket', daemon.path]);
    expect([raw.status, raw.stderr]).toEqual([0, '']);
    expect(JSON.parse(raw.stdout)).toEqual(result);
  });

  it('by full-resync: the cost first, and then, without a terminal, the real thing', async () => {
    const daemon = await startDaemon();
    daemon.scripts.set('fullResync', (params) =>
      JSON.stringify(params).includes('true')
        ? { estimate: { requests: 2000, seconds: 200, orders: 100_000, records: 100_000 } }
        : { runs },
    );
    const { status: ended, stdout } = await runClient(['full-resync', 'orders', '--socket', daemon.path]);
    expect(ended).toBe(0);
    expect(stdout).toContain('100,000 orders in 2,000 requests, about 3 min 20 s at the present rate');
    expect(daemon.called('fullResync')).toEqual([{ stream: ['orders'], dryRun: true }, { stream: ['orders'] }]);
  });

  it('by full-resync: which run that did not end it goes on from, and with --anew that it does not', async () => {
    const daemon = await startDaemon();
    const at = new Date(Date.now() - 200_000).toISOString();
    const goesOn = [
      { shop: '7000000000001', stream: 'orders', runId: 'run-0', state: 'cancelled', at, done: 1064, left: 1941 },
    ];
    const costs = { requests: 21, seconds: 4, orders: 1941, records: 1941 };
    daemon.scripts.set('fullResync', (params) => {
      if (!JSON.stringify(params).includes('dryRun')) return { runs };
      return { estimate: JSON.stringify(params).includes('anew') ? costs : { ...costs, goesOn } };
    });
    const words = 'orders: goes on from the run that was cancelled 3 min ago, 1,064 of 3,005 done.';
    const ask = async (...more: string[]) =>
      (await runClient(['full-resync', ...more, '--socket', daemon.path])).stdout;
    expect(await ask('--dry-run')).toContain(`${words}\nA full resync would read 1,941 orders in 21 requests`);
    expect(await ask()).toContain(`${words}\nThis reads 1,941 orders`);
    expect(await ask('--anew')).not.toContain('goes on');
    expect(daemon.called('fullResync').slice(-2)).toEqual([{ anew: true, dryRun: true }, { anew: true }]);
  });
});
