import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { type Run, started } from '../../shared/run-views.ts';
import { run as runShape } from '../../shared/run-views.ts';
import { Installation } from '../daemon/daemon-process.ts';
import { RawPeer, until } from '../daemon/rpc/harness.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';

const poll = { timeout: 15_000, interval: 10 };
const streams = ['orders', 'products', 'analytics'];
const searchPath = '/order/202309/orders/search';

/** A real daemon on two shops, all synced, whose schedule is off. */
async function twoShops() {
  const sandbox = await startSandbox({ shops: 2, regions: ['GB', 'DE'], orders: 600, days: 60, frozen: true });
  const place = new Installation(sandbox);
  onTestFinished(async () => {
    await place[Symbol.asyncDispose]();
    await sandbox.close();
  });
  const env = Object.fromEntries(streams.map((name) => [`SHOPSYNC_SCHEDULE_${name.toUpperCase()}`, 'off']));
  const daemon = place.start([], { ...env, SHOPSYNC_SYNC_STREAMS: streams.join(','), SHOPSYNC_SYNC_SINCE: since() });
  await expect.poll(() => daemon.stdout.includes('"listening"'), poll).toBe(true);
  await expect.poll(() => synced(place), poll).toBe(true);
  const [a = '', b = ''] = sandbox.shops.map(({ id }) => id);
  return { sandbox, place, a, b };
}

const since = (): string => new Date(Date.now() - 70 * 86_400_000).toISOString().slice(0, 10);

async function synced(place: Installation): Promise<boolean> {
  const rows = (await place.status()).streams;
  return rows.length === 6 && rows.every(({ run, lastSyncTime }) => run === null && lastSyncTime !== null);
}

/** Asks for runs and waits for their ends; what each was, sorted. */
async function asked(place: Installation, method: string, params: object): Promise<string[]> {
  const { runs } = started.parse(await place.call(method, { ...params, wait: true }));
  return runs.map(({ shop, stream, kind, state }) => `${shop} ${stream} ${kind} ${state}`).toSorted();
}

const of = (shops: readonly string[], names: readonly string[], kind: string): string[] =>
  shops.flatMap((shop) => names.map((name) => `${shop} ${name} ${kind} succeeded`)).toSorted();

test('a command means every stream of every shop, or those that it names', async () => {
  const { place, a, b } = await twoShops();
  expect(await asked(place, 'sync', {})).toEqual(of([a, b], streams, 'incremental'));
  expect(await asked(place, 'sync', { stream: ['products'] })).toEqual(of([a, b], ['products'], 'incremental'));
  expect(await asked(place, 'sync', { stream: ['orders', 'products'], shop: b })).toEqual(
    of([b], ['orders', 'products'], 'incremental'),
  );
  expect(await asked(place, 'fullResync', { stream: ['analytics'] })).toEqual(of([a, b], ['analytics'], 'full'));
  expect(await asked(place, 'fullResync', { shop: a })).toEqual(of([a], streams, 'full'));
  await expect(place.call('sync', { stream: ['returns'] })).rejects.toThrow('returns');
  await expect(place.call('sync', { shop: '1' })).rejects.toThrow('there is no shop 1');

  const fulls = (await place.history()).filter(({ kind, trigger }) => kind === 'full' && trigger === 'manual');
  expect(fulls.map(({ shop, stream }) => `${shop} ${stream}`).toSorted()).toEqual(
    [`${a} analytics`, `${b} analytics`, ...streams.map((name) => `${a} ${name}`)].toSorted(),
  );
  const { runs } = z.object({ runs: z.array(runShape) }).parse(await place.call('history', { shop: b, limit: 500 }));
  expect(new Set(runs.map(({ shop }) => shop))).toEqual(new Set([b]));
  for (const shop of [a, b]) {
    const rows = place.rows(`select sync_type as name from sync_metadata where shop_id = '${shop}' order by 1`);
    expect(rows.map(({ name }) => name)).toEqual(streams.toSorted());
  }
});

test('each shop has rows, coverage, budget and schedule of its own', async () => {
  const { sandbox, place, a, b } = await twoShops();
  const rows = place.rows('select shop_id, count(*) as n from orders group by 1 order by 1');
  expect(rows).toEqual(sandbox.shops.map(({ id, world }) => ({ shop_id: id, n: world.size })));
  const covered = place.rows('select distinct shop_id, stream from coverage order by 1, 2');
  expect(covered.map(({ shop_id, stream }) => `${String(shop_id)} ${String(stream)}`)).toEqual(
    [a, b].flatMap((shop) => streams.toSorted().map((stream) => `${shop} ${stream}`)),
  );
  const before = (await place.status()).api;
  expect(before.map(({ shop }) => shop)).toEqual([a, b]);
  await place.call('sync', { shop: b, wait: true });
  const after = (await place.status()).api;
  expect(after[0]?.usedToday).toBe(before[0]?.usedToday);
  expect(after[1]?.usedToday).toBeGreaterThan(before[1]?.usedToday ?? Number.NaN);
  const { schedules } = z
    .object({ schedules: z.array(z.looseObject({ shop: z.string(), timeZone: z.string() })) })
    .parse(await place.call('schedule.get'));
  expect(new Set(schedules.map(({ shop, timeZone }) => `${shop} ${timeZone}`))).toEqual(
    new Set([`${a} Europe/London`, `${b} Europe/Berlin`]),
  );
});

test('cancel stops the run that it names and no other, or all of them', async () => {
  const { sandbox, place, a, b } = await twoShops();
  for (const path of ['/order/', '/product/', '/analytics/'])
    sandbox.faults.add({ kind: 'slow', ms: 300, match: path });
  const { runs } = started.parse(await place.call('fullResync', {}));
  expect(runs).toHaveLength(6);
  const one = runs.find(({ shop, stream }) => shop === a && stream === 'orders')?.runId;
  const cancelled = z.object({ runs: z.array(runShape) }).parse(await place.call('cancel', { runId: one }));
  expect(cancelled.runs.map(toLine)).toEqual([`${a} orders cancelled`]);
  const active = (await place.status()).streams.filter(({ run }) => run !== null);
  expect(active.map(({ shop, stream }) => `${shop} ${stream}`)).toContain(`${b} orders`);
  expect(active.map(({ shop, stream }) => `${shop} ${stream}`)).not.toContain(`${a} orders`);
  const rest = z.object({ runs: z.array(runShape) }).parse(await place.call('cancel', {}));
  expect(rest.runs.map(toLine).toSorted()).toEqual(
    active.map(({ shop, stream }) => `${shop} ${stream} cancelled`).toSorted(),
  );
  expect((await place.status()).streams.every(({ run }) => run === null)).toBe(true);
});

const toLine = ({ shop, stream, state }: Run): string => `${shop} ${stream} ${state}`;

test('events tell of which shop and stream they are', async () => {
  const { place, a, b } = await twoShops();
  const peer = new RawPeer(place.socket).send(`${JSON.stringify({ jsonrpc: '2.0', method: 'subscribe', id: 1 })}\n`);
  const topics = (): ReadonlySet<string> => {
    const lines = peer.text.slice(0, peer.text.lastIndexOf('\n') + 1).split('\n');
    return new Set(
      lines.flatMap((line) => {
        const { params } = z
          .object({
            params: z
              .object({
                topic: z.string(),
                data: z.looseObject({ shop: z.string().optional(), stream: z.string().optional() }),
              })
              .optional(),
          })
          .parse(JSON.parse(line === '' ? '{}' : line));
        return params === undefined ? [] : [[params.topic, params.data.shop, params.data.stream].join(' ').trim()];
      }),
    );
  };
  await until(() => topics().has('snapshot'));
  await place.call('sync', { stream: ['orders'], shop: b, wait: true });
  await until(() => topics().has(`counts ${b} orders`));
  expect([...topics()].filter((one) => one.startsWith(`runs ${a}`))).toEqual([]);
  await place.call('sync', { wait: true });
  const expected = [a, b].flatMap((shop) => [
    `api ${shop}`,
    ...streams.flatMap((name) => [`runs ${shop} ${name}`, `progress ${shop} ${name}`, `counts ${shop} ${name}`]),
  ]);
  await until(() => expected.every((one) => topics().has(one)));
  expect([...topics()].toSorted()).toEqual(['snapshot', ...expected].toSorted());
});

/** Seconds until an order that is placed in a shop is stored by a sync of it, the longest of some. */
async function slowest(sandbox: Sandbox, place: Installation, shop: string): Promise<number> {
  let longest = 0;
  const world = sandbox.shops.find(({ id }) => id === shop)?.world;
  for (let i = 0; i < 15; i += 1) {
    const began = performance.now();
    const id = world?.place({ still: true });
    await place.call('sync', { stream: ['orders'], shop, wait: true });
    expect(place.rows(`select shop_id from orders where id = '${id}'`)).toEqual([{ shop_id: shop }]);
    longest = Math.max(longest, (performance.now() - began) / 1000);
  }
  return longest;
}

test('T52: while shop A answers after two seconds, is throttled and then refused, shop B is as fresh as before', async () => {
  const { sandbox, place, a, b } = await twoShops();
  const before = await slowest(sandbox, place, b);
  sandbox.faults.add({ kind: 'slow', ms: 2000, shop: a });
  sandbox.faults.add({ kind: '429', retryAfter: 1, times: 3, shop: a });
  await place.call('fullResync', { shop: a });
  const meanwhile = await slowest(sandbox, place, b);
  sandbox.faults.add({ kind: 'withdraw', shop: a });
  sandbox.faults.add({ kind: 'slow', ms: 2000, match: '/api/v2/token' });
  await place.call('sync', { shop: a });
  const refused = await slowest(sandbox, place, b);
  // Whatever waited for a request of shop A, or for its new token, would take two seconds longer.
  expect(Math.max(meanwhile, refused) - before).toBeLessThan(1.5);
  expect(sandbox.requests.of(searchPath, b).failed).toBe(0);
  const errors = async () =>
    (await place.status()).streams.map(({ shop, stream, lastError }) => `${shop} ${stream} ${lastError?.code}`);
  await expect
    .poll(errors, { ...poll, timeout: 40_000, interval: 200 })
    .toEqual([
      ...streams.map((stream) => `${a} ${stream} not_authorized`),
      ...streams.map((stream) => `${b} ${stream} undefined`),
    ]);
}, 60_000);
