import { expect, test } from 'vitest';

import { isQuiet } from '../../daemon/schedule/quiet-hours.ts';
import { timeZoneOf } from '../../daemon/sync/time-zones.ts';
import { audited } from '../../shared/run-views.ts';
import { streamNames } from '../../shared/streams.ts';
import { damaged, requestsOf, threeDays } from './three-days-world.ts';

const nights = 3;
const quietHours = { fromMinute: 60, toMinute: 360 };
const auditable = ['orders', 'products', 'returns', 'cancellations'];

type Lived = Awaited<ReturnType<typeof threeDays>>;

const told = (name: string, { spent, fresh, shops }: Lived): void => {
  for (const { id } of shops)
    for (const stream of streamNames) {
      const kinds = ['incremental', 'recheck', 'audit'];
      const requests = kinds.map((kind) => `${kind} ${requestsOf(spent, { shop: id, stream, kind })}`);
      console.log(`${name}, shop ${id}, ${stream}: requests ${requests.join(', ')}`);
    }
  for (const [which, { orders, mean, p95, most }] of Object.entries(fresh))
    console.log(`${name}, ${which}: ${orders} orders stored after ${mean} s, p95 ${p95} s, at most ${most} s`);
};

/** Every night each shop was proved in its own quiet hours; what was damaged was found, and nothing else. */
function expectAudits({ shops, rows }: Lived): void {
  for (const { id, region } of shops) {
    const runs = rows(`select stream, kind, state, started_at as at, audit from sync_runs
      where shop_id = '${id}' and kind in ('audit', 'recheck') order by started_at`);
    for (const { at } of runs)
      expect(isQuiet(quietHours, timeZoneOf(region), Date.parse(`${String(at).replace(' ', 'T')}Z`)), String(at)).toBe(
        true,
      );
    const whole = runs.filter(({ state }) => state === 'succeeded');
    const of = (stream: string, kind: string) =>
      whole.filter((run) => run['stream'] === stream && run['kind'] === kind);
    expect(of('orders', 'recheck')).toHaveLength(nights);
    for (const stream of auditable) {
      const found = of(stream, 'audit').map(({ audit }) => audited.parse(JSON.parse(String(audit))));
      const sum = (key: 'missing' | 'stale' | 'onlyLocal' | 'undecided'): number =>
        found.reduce((total, one) => total + one[key], 0);
      expect(found, `${stream} of ${id}`).toHaveLength(nights);
      for (const { statement, remote, stored } of found) {
        expect(statement).toContain(`of ${remote.toLocaleString('en-US')} ${stream}`);
        expect(stored).toBe(remote);
      }
      const { gone, aged } = stream === 'orders' ? damaged : { gone: 0, aged: 0 };
      expect([sum('missing'), sum('stale'), sum('onlyLocal'), sum('undecided')]).toEqual([gone, aged, 0, 0]);
    }
  }
}

function expectWhole(lived: Lived): void {
  expect(lived.unlike).toEqual([]);
  expect(lived.rows(`select id from sync_runs where state = 'running'`)).toEqual([]);
  expect(lived.refused, 'requests that met a fault').toBeGreaterThan(10);
}

const live = ({ spent }: Lived): number => requestsOf(spent, { stream: 'orders', kind: 'incremental' });

test(
  'three days of two shops with all streams, faults, damage and a restart: the store equals the world, and is proved each night',
  { timeout: 300_000 },
  async () => {
    const adaptive = await threeDays();
    told('adaptive', adaptive);
    expectWhole(adaptive);
    expectAudits(adaptive);

    const polling = await threeDays({ env: { SHOPSYNC_SCHEDULE_ADAPTIVE: 'false' } });
    told('*/15', polling);
    expectWhole(polling);
    expectAudits(polling);

    console.log(
      `live requests for orders: ${live(adaptive)} adaptive, ${live(polling)} polling every 15 minutes; ${adaptive.refused} and ${polling.refused} were refused`,
    );
    expect(live(adaptive) / live(polling)).toBeLessThan(1.25);
    expect(adaptive.fresh.calm.mean / polling.fresh.calm.mean).toBeLessThan(0.95);
  },
);

test('three days of two busy shops: orders are read at half the age that they have by polling every 15 minutes, for about as many requests', async () => {
  const env = { SHOPSYNC_SCHEDULE_AUDIT: 'off', SHOPSYNC_SYNC_RECHECK: 'off' };
  const busy = { perDay: 1500, isTroubled: false, streams: ['orders'] };
  const adaptive = await threeDays({ ...busy, env });
  const polling = await threeDays({ ...busy, env: { ...env, SHOPSYNC_SCHEDULE_ADAPTIVE: 'false' } });
  for (const [name, lived] of Object.entries({ adaptive, '*/15': polling })) {
    console.log(`${name}: ${live(lived)} requests, ${JSON.stringify(lived.fresh.all)}`);
    expect(lived.unlike).toEqual([]);
  }
  expect(live(adaptive) / live(polling)).toBeLessThan(1.25);
  expect(adaptive.fresh.all.mean / polling.fresh.all.mean).toBeLessThan(0.65);
  expect(adaptive.fresh.all.p95 / polling.fresh.all.p95).toBeLessThan(0.8);
}, 300_000);
