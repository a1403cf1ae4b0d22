import { expect, test } from 'vitest';

import { analytics } from '../../../daemon/streams/analytics.ts';
import { timeOfDate } from '../../../daemon/streams/day-record.ts';
import type { SandboxOptions } from '../../sandbox/options.ts';
import { engineOver } from './engine-over.ts';

const daySeconds = 86_400;
const paths = ['202509', '202405'].map((version) => `/analytics/${version}/shop/performance`);

async function livingShop(options: Partial<SandboxOptions> = {}) {
  const shop = await engineOver(analytics, { orders: 1200, days: 90, frozen: false, ...options });
  const { world, requests: counters } = shop.sandbox;
  const first = world.days()[0]?.date ?? '';
  const stored = () =>
    shop.rows(`select date, gmv, currency, orders, units_sold as unitsSold, buyers, refunds
      from shop_performance where date >= '${first}' order by date`);
  const shown = () =>
    world.days().map((day) => {
      const { final: _, ...figures } = day;
      return figures;
    });
  const requests = () => paths.reduce((sum, path) => sum + counters.of(path).total, 0);
  return { ...shop, stored, shown, requests };
}

test.each(['GB', 'TH', 'US'])(
  'T21: figures that change for three days are followed, and are final and covered once they stand: %s',
  async (region) => {
    const shop = await livingShop({ regions: [region] });
    const { performance } = shop.sandbox.world.streams;
    expect(await shop.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
    expect(await shop.stored()).toEqual(shop.shown());
    const yesterday = shop.sandbox.world.days().at(-1)?.date ?? '';
    const row = async () =>
      (await shop.rows(`select gmv, restated, final from shop_performance where date = '${yesterday}'`))[0];
    const seen = [await row()];
    let flips = 0;
    for (let n = 1; n <= 12; n += 1) {
      shop.timers.pass(daySeconds * 1000);
      if (n <= 3) performance.restate(yesterday, 100 * n);
      const before = shop.requests();
      expect(await shop.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
      expect(shop.requests() - before).toBe(1);
      expect(await shop.stored()).toEqual(shop.shown());
      const now = await row();
      if (now?.['final'] !== seen.at(-1)?.['final']) flips += 1;
      // Never covered before it is final.
      const covered = Number((await shop.rows(`select max(to_time) as 'to' from coverage`))[0]?.['to']);
      expect(covered > timeOfDate(yesterday)).toBe(now?.['final'] === 1);
      seen.push(now);
    }
    expect(flips).toBe(1);
    expect(seen.map((one) => one?.['restated'])).toEqual([0, 1, 2, 3, ...Array(9).fill(3)]);
    expect(seen.at(-1)).toMatchObject({ final: 1, restated: 3 });
    expect(await shop.rows('select stream, what from oddities')).toEqual([]);
    const counts = await shop.rows('select status, count from record_counts where count <> 0 order by status');
    expect(counts).toEqual(
      await shop.rows(
        `select case final when 1 then 'FINAL' else 'PROVISIONAL' end as status, count(*) as count
         from shop_performance group by final order by 1`,
      ),
    );
    expect(await shop.run({ what: 'resync' })).toMatchObject({
      kind: 'full',
      state: 'succeeded',
      updated: 0,
      localOnly: 0,
    });
  },
);

test.each([0, 1, 5, 12])(
  'figures that come %s days late are shown as late as they are, and no run is full for it',
  async (late) => {
    const shop = await livingShop({ analyticsDelay: late * daySeconds, regions: ['GB'] });
    expect(await shop.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
    for (let n = 0; n < 5; n += 1) {
      const before = shop.requests();
      expect(await shop.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
      expect(shop.requests() - before).toBe(1);
      const last = shop.sandbox.world.days().at(-1)?.date ?? '';
      const [state] = await shop.rows('select watermark from stream_state');
      expect(state).toEqual({ watermark: timeOfDate(last) + daySeconds });
      const [metadata] = await shop.rows('select * from sync_metadata');
      expect(metadata).toMatchObject({ sync_type: 'analytics' });
      shop.timers.pass(6 * 3600 * 1000);
    }
    expect(await shop.stored()).toEqual(shop.shown());
  },
);

test('a day that is told once more by another version, with the same figures, is not restated', async () => {
  const shop = await livingShop({ regions: ['VN'] });
  await shop.run();
  shop.sandbox.faults.add({ kind: 'version' });
  expect(await shop.run()).toMatchObject({ state: 'succeeded' });
  expect(await shop.rows('select date from shop_performance where restated > 0')).toEqual([]);
  expect(await shop.stored()).toEqual(shop.shown());
  expect(shop.sandbox.requests.of(paths[1] ?? '')).toMatchObject({ ok: 1 });
  shop.sandbox.faults.clear();
  // A daemon that starts anew asks the newest version first.
  expect(await shop.run()).toMatchObject({ state: 'succeeded' });
  expect(await shop.rows('select date from shop_performance where restated > 0')).toEqual([]);
});

test('days that are not told yet are not stored where they are sent as zero', async () => {
  const shop = await livingShop({ regions: ['GB'], untoldDays: 'zero', analyticsMaxDays: 30 });
  expect(await shop.run()).toMatchObject({ state: 'succeeded' });
  expect(await shop.stored()).toEqual(shop.shown());
  const [newest] = await shop.rows('select max(date) as date from shop_performance');
  expect(newest).toEqual({ date: shop.sandbox.world.days().at(-1)?.date });
});
