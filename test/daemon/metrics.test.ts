import { expect, test } from 'vitest';

import { Counters } from '../../daemon/counters.ts';
import { AppError } from '../../daemon/errors.ts';
import { metricsText } from '../../daemon/metrics.ts';
import { prometheusText } from '../../daemon/prometheus.ts';
import { examples } from '../../shared/examples.ts';
import { scrape } from './prometheus.ts';
import { aRun } from './rpc/events.ts';

const status = examples.status.result;

const options = (counters = new Counters()) => ({
  version: '0.1.0',
  counters,
  status: async () => status,
  runs: () => [
    { shop: 's1', stream: 'orders', kind: 'full' },
    { shop: 's1', stream: 'orders', kind: 'full' },
    { shop: 's2', stream: 'orders', kind: 'incremental' },
  ],
  connections: () => 3,
  startedAt: 1_763_800_000.5,
});

const value = (text: string, series: string): number | undefined => {
  for (const { samples } of scrape(text).values()) if (samples.has(series)) return samples.get(series);
  return undefined;
};

test('what status tells is there as numbers, and nothing has a label that grows without end', async () => {
  const text = await metricsText(options());
  const of = `{shop="${status.shops[0]?.id}",stream="orders"}`;
  expect(value(text, `shopsync_stored${of}`)).toBe(104_310);
  expect(value(text, `shopsync_lag_seconds${of}`)).toBe(61);
  expect(value(text, `shopsync_failing${of}`)).toBe(0);
  expect(value(text, `shopsync_audit_ok${of}`)).toBe(1);
  expect(value(text, `shopsync_audit_end_seconds${of}`)).toBe(Date.parse('2026-11-22T03:15:14Z') / 1000);
  expect(value(text, `shopsync_api_used_today{shop="${status.shops[0]?.id}"}`)).toBe(1234);
  expect(value(text, 'shopsync_paused')).toBe(0);
  expect(value(text, 'shopsync_store_readable')).toBe(1);
  expect(value(text, 'shopsync_connections')).toBe(3);
  expect(value(text, 'shopsync_runs_under_way{shop="s1",stream="orders",kind="full"}')).toBe(2);
  expect(value(text, `shopsync_build_info{version="0.1.0",node="${process.versions.node}"}`)).toBe(1);
  expect(value(text, 'process_start_time_seconds')).toBe(1_763_800_000.5);
  expect(value(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
  // No quota is set: there is no number for it, rather than a wrong one.
  expect(text).not.toContain('daily_quota');
  expect([...text.matchAll(/(\w+)="/g)].map(([, name]) => name)).not.toContain('run');
});

test('a database that cannot be read takes only its own numbers away', async () => {
  const down = async (): Promise<never> => {
    throw new AppError('store', 'store', 'disk I/O error');
  };
  const text = await metricsText({ ...options(), status: down });
  expect(value(text, 'shopsync_store_readable')).toBe(0);
  expect(value(text, 'shopsync_connections')).toBe(3);
  expect(text).not.toContain('shopsync_stored');
  const broken = async (): Promise<never> => {
    throw new TypeError('a mistake of ours');
  };
  await expect(metricsText({ ...options(), status: broken })).rejects.toThrow('a mistake of ours');
});

test('rule 11: oddities that name a field or a status of the API are counted by their kind', async () => {
  const oddities = {
    drift: 2,
    'new status HELD': 1,
    'new status LOST': 3,
    'new field a.b': 1,
    'new field c': 1,
    'x became text': 4,
  };
  const streams = status.streams.map((stream) => ({ ...stream, oddities }));
  const text = await metricsText({ ...options(), status: async () => ({ ...status, streams }) });
  const of = (what: string) =>
    value(text, `shopsync_oddities_total{shop="${status.shops[0]?.id}",stream="orders",what="${what}"}`);
  expect([of('drift'), of('new status'), of('new field'), of('changed field')]).toEqual([2, 4, 2, 4]);
  expect(scrape(text).get('shopsync_oddities_total')?.samples.size).toBe(4);
});

test('attempts are counted by outcome, runs when they have ended, records by what they changed', async () => {
  const counters = new Counters();
  const attempt = { endpoint: '/order/202309/orders/search', http: 200, code: 0, ms: 250 };
  counters.attempt({ ...attempt, outcome: 'success' }, 's1');
  counters.attempt({ ...attempt, outcome: 'success' }, 's1');
  counters.attempt({ ...attempt, outcome: 'throttled' }, 's1');
  counters.attempt({ ...attempt, endpoint: '/authorization/202309/shops', outcome: 'token' }, undefined);
  counters.run(aRun('r1', 'running'));
  counters.run({ ...aRun('r1', 'succeeded'), requests: 4, inserted: 7, updated: 2 });
  counters.run({ ...aRun('r2', 'failed'), requests: 1, inserted: 1 });
  const text = await metricsText(options(counters));
  const at = 'shop="s1",endpoint="/order/202309/orders/search"';
  expect(value(text, `shopsync_api_attempts_total{${at},outcome="success"}`)).toBe(2);
  expect(value(text, `shopsync_api_attempts_total{${at},outcome="throttled"}`)).toBe(1);
  expect(value(text, `shopsync_api_attempt_seconds_total{${at}}`)).toBe(0.75);
  expect(text).toContain('{shop="",endpoint="/authorization/202309/shops",outcome="token"} 1');
  const run = 'shop="s1",stream="orders",kind="full"';
  expect(value(text, `shopsync_runs_total{${run},state="succeeded"}`)).toBe(1);
  expect(value(text, `shopsync_runs_total{${run},state="failed"}`)).toBe(1);
  expect(text).not.toContain('state="running"');
  expect(value(text, `shopsync_run_requests_total{${run}}`)).toBe(5);
  expect(value(text, 'shopsync_records_total{shop="s1",stream="orders",change="inserted"}')).toBe(8);
  expect(scrape(text).get('shopsync_runs_total')?.type).toBe('counter');
});

test('rule 11: what would be more series than a scraper can bear is counted together', () => {
  const counters = new Counters();
  for (let i = 0; i < 2000; i++)
    counters.attempt({ endpoint: `/made/up/${i}`, http: 0, code: undefined, ms: 1, outcome: 'transient' }, 's1');
  const samples = counters.families().find(({ name }) => name === 'shopsync_api_attempts_total')?.samples ?? [];
  expect(samples).toHaveLength(501);
  expect(samples.at(-1)).toEqual({ labels: { shop: 'other', endpoint: 'other', outcome: 'other' }, value: 1500 });
});

test('names of any kind come out as the format has it', () => {
  const odd = 'a "b"\\ c\nd';
  const text = prometheusText([
    { name: 'x_total', type: 'counter', help: 'one\\two\nthree', samples: [{ labels: { what: odd }, value: 1e21 }] },
    {
      name: 'y',
      type: 'gauge',
      help: 'y',
      samples: [Infinity, -Infinity, NaN, 0.1].map((one, i) => ({ labels: { i: `${i}` }, value: one })),
    },
    { name: 'z', type: 'gauge', help: 'left out', samples: [] },
  ]);
  expect(text).toBe(
    '# HELP x_total one\\\\two\\nthree\n# TYPE x_total counter\nx_total{what="a \\"b\\"\\\\ c\\nd"} 1e+21\n' +
      '# HELP y y\n# TYPE y gauge\ny{i="0"} +Inf\ny{i="1"} -Inf\ny{i="2"} NaN\ny{i="3"} 0.1\n',
  );
  expect([...scrape(text).keys()]).toEqual(['x_total', 'y']);
});

test.each([
  'x 1',
  '# HELP x x\n# TYPE x gauge\nx 1\nx 2\n',
  '# HELP x x\n# TYPE x gauge\ny 1\n',
  '# TYPE x gauge\nx 1\n',
  '# HELP x x\n# TYPE x number\nx 1\n',
  '# HELP x x\n# TYPE x gauge\nx{a="1",a="2"} 1\n',
  '# HELP x x\n# TYPE x gauge\nx{a="\n"} 1\n',
  '# HELP x x\n# TYPE x gauge\nx{a="q"q"} 1\n',
  '# HELP x x\n# TYPE x gauge\nx one\n',
  '# HELP x-y x\n# TYPE x-y gauge\nx-y 1\n',
])('the grammar that all this is held against refuses %j', (text) => {
  expect(() => scrape(text)).toThrow();
});
