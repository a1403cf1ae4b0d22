import { setTimeout } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { streamNames } from '../../shared/streams.ts';
import { Installation } from '../daemon/daemon-process.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { between, seeded, setting } from './moments.ts';
import { differences, shownBy } from './stream-rows.ts';
import { integrity, listening, poll } from './world.ts';

const settleSeconds = 2;
/** Changes become visible up to 30 s late, those that are left when the shops are frozen: the strip reaches further back. */
const env = {
  SHOPSYNC_SYNC_STREAMS: streamNames.join(','),
  SHOPSYNC_SYNC_SETTLE: `${settleSeconds}s`,
  SHOPSYNC_SYNC_OVERLAP: '60s',
  SHOPSYNC_SYNC_SINCE: new Date(Date.now() - 250 * 86_400_000).toISOString().slice(0, 10),
  SHOPSYNC_API_REQUESTS_PER_SECOND: '200',
  ...Object.fromEntries(streamNames.map((name) => [`SHOPSYNC_SCHEDULE_${name.toUpperCase()}`, '* * * * *'])),
};
/** Of each shop at the beginning; so many more come in at each step, and live from there on by themselves. */
const orders = 5000;
const perStep = 25;
/** The daemon is killed in the first sync of everything, and in full resyncs. */
const kills = { first: 2, resync: 3 };
/** Requests of a start, at most, before it is killed; less than it has to send. */
const mostRequests = 90;
/** A request comes at the same moment of a page's life each time: the end comes up to so many milliseconds later. */
const mostJitter = 30;
/** One seed is one row of moments; SEED=… adds others. */
const seed = setting('SEED', 1);

const requests = ({ requests: counters }: Sandbox): number =>
  Object.values(counters.toJSON().paths).reduce((sum, { total }) => sum + total, 0);

test('two shops with all streams, synced while they live and killed five times: the store equals the world', async () => {
  const random = seeded(seed);
  await using sandbox = await startSandbox({
    shops: 2,
    regions: ['GB', 'VN'],
    orders,
    days: 200,
    products: 700,
    productsOnOneDay: 250,
    pace: 6000,
    latencyMs: 10,
    seed,
  });
  await using place = new Installation(sandbox);

  for (let i = 0; i < kills.first + kills.resync; i += 1) {
    const at = requests(sandbox) + between(random, 0, mostRequests);
    const daemon = place.start([], env);
    happen(sandbox);
    if (i >= kills.first) {
      await listening(daemon);
      await place.call('fullResync');
    }
    await expect.poll(() => requests(sandbox) >= at || !daemon.isRunning, { ...poll, interval: 1 }).toBe(true);
    await setTimeout(random() * mostJitter);
    expect(await daemon.kill('SIGKILL'), daemon.stderr).toEqual({ status: null, signal: 'SIGKILL' });
    expect(integrity(place)).toBe('ok');
  }

  const daemon = place.start([], env);
  await listening(daemon);
  happen(sandbox);
  await expect.poll(() => isWhole(place), { ...poll, interval: 100 }).toBe(true);
  const interrupted = place.rows(`select distinct shop_id, stream from sync_runs where state = 'interrupted'`);
  expect(interrupted.length, 'streams whose runs were hit').toBeGreaterThan(streamNames.length);
  happen(sandbox);
  sandbox.freeze(true);
  const frozenAt = Date.now();
  await expect.poll(() => Date.now() - frozenAt > (settleSeconds + 1) * 1000, poll).toBe(true);
  await place.call('sync', { wait: true });

  for (const shop of sandbox.shops) {
    for (const [stream, lines] of Object.entries(shownBy(shop))) expect(lines.length, stream).toBeGreaterThan(10);
    expect(shop.world.size).toBeGreaterThanOrEqual(orders + perStep * (kills.first + kills.resync));
    expect(differences(place, shop), shop.id).toEqual([]);
    const metadata = place.rows(`select sync_type as name from sync_metadata where shop_id = '${shop.id}' order by 1`);
    expect(metadata.map(({ name }) => name)).toEqual(streamNames.toSorted());
  }
  await expect.poll(() => isWhole(place), poll).toBe(true);
  expect(place.rows(`select id from sync_runs where state = 'running'`)).toEqual([]);
  expect(place.rows(`select stream, error from sync_runs where state = 'failed'`)).toEqual([]);
  expect(integrity(place)).toBe('ok');
});

/** New orders in both shops, and a second in which many that there are move on. */
function happen({ shops }: Sandbox): void {
  for (const { world } of shops) {
    for (let i = 0; i < perStep; i += 1) world.place();
    world.burst(perStep);
  }
}

/** Whether every stream of both shops is read whole, and no run is under way. */
async function isWhole(place: Installation): Promise<boolean> {
  const { streams } = await place.status();
  const whole = streams.filter(
    ({ run, lastSyncTime, missing }) => run === null && lastSyncTime !== null && missing.length === 0,
  );
  return whole.length === 2 * streamNames.length;
}
