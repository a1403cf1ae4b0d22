import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { EngineWorld } from './engine-world.ts';
import { start } from './workshop.ts';

const [a, b] = ['7491', '7492'] as const;
const down = new AppError('transient', 'api', 'down', { hint: 'wait' });
const broken = new AppError('configuration', 'not_authorized', 'the key is wrong', { hint: 'correct it' });
const fail = (error: Error) => () => {
  throw error;
};

async function twoShops(orders = 25): Promise<EngineWorld> {
  const w = await EngineWorld.open([a, b]);
  for (const id of [a, b]) for (let i = 0; i < orders; i++) w.model(id).place(start - 50_000 + i * 100);
  return w;
}

test('the start runs what is missing, for every shop', async () => {
  await using w = await twoShops();
  await w.engine.start();
  for (const id of [a, b]) {
    expect(await w.settled(id)).toMatchObject({ kind: 'full', trigger: 'start', state: 'succeeded', inserted: 25 });
  }
});

test('rule 9: a shop that fails leaves the freshness of the other as it is', async () => {
  await using w = await twoShops();
  w.api(a).set({ before: fail(broken) });
  await w.engine.start();
  expect(await w.settled(a)).toMatchObject({ state: 'failed', error: { message: 'the key is wrong' } });
  expect(await w.settled(b)).toMatchObject({ state: 'succeeded' });
  w.clock.advance(600);
  const { runs, ended } = await w.engine.request({ what: 'sync' }, {}, 'manual');
  expect(runs.map(({ shop, kind }) => [shop, kind])).toEqual([
    [a, 'full'],
    [b, 'incremental'],
  ]);
  expect((await ended).map(({ state }) => state)).toEqual(['failed', 'succeeded']);
  expect(await w.watermark(b)).toBe(start + 600 - 60);
  expect(await w.watermark(a)).toBeNull();
});

test('rule 9: a shop whose run cannot even begin keeps no other from beginning', async () => {
  await using w = await twoShops();
  await w.store.change((db) =>
    sql`create trigger wall before insert on sync_runs when new.shop_id = '7491' begin select raise(abort, 'wall'); end`.execute(
      db,
    ),
  );
  await w.engine.start();
  expect(await w.settled(b)).toMatchObject({ state: 'succeeded' });
  expect(w.engine.problem).toMatchObject({ code: 'store' });
  await w.store.change((db) => sql`drop trigger wall`.execute(db));
  w.clock.advance(11);
  await expect.poll(async () => (await w.store.history({ shop: a, limit: 1 }))[0]?.state).toBe('succeeded');
  expect(w.engine.problem).toBeNull();
  expect(await w.store.history({ shop: b, limit: 10 })).toHaveLength(1);
});

test('rule 9: what only a person can mend is not asked at every tick of the schedule', async () => {
  await using w = await twoShops();
  w.api(a).set({ before: fail(broken) });
  await w.engine.start();
  await Promise.all([w.settled(a), w.settled(b)]);
  const asked = w.api(a).requests.length;
  for (const { sync } of w.engine.units) sync.tick();
  await w.settled(b);
  await expect.poll(async () => (await w.store.history({ shop: b, limit: 10 })).length).toBe(2);
  expect(w.api(a).requests).toHaveLength(asked);
  expect(await w.store.history({ shop: a, limit: 10 })).toHaveLength(1);
  // A person who has mended it need not wait for the next attempt.
  w.api(a).set({ before: () => undefined });
  const { ended } = await w.engine.request({ what: 'sync' }, { shop: a }, 'manual');
  expect(await ended).toMatchObject([{ state: 'succeeded' }]);
  for (const { sync } of w.engine.units) sync.tick();
  await expect.poll(async () => (await w.store.history({ shop: a, limit: 10 })).length).toBe(3);
});

test('shops that cannot be read at first are read again by itself, and until then the reason is told', async () => {
  await using w = await twoShops();
  w.gate = fail(down);
  await w.engine.start();
  expect(w.engine.problem).toMatchObject({
    message: 'down',
    hint: 'wait',
    retryable: true,
    nextAttemptAt: new Date((start + 10) * 1000).toISOString(),
  });
  await expect(w.engine.request({ what: 'sync' }, {}, 'manual')).rejects.toBe(down);
  w.gate = () => undefined;
  w.clock.advance(20);
  await expect.poll(() => w.engine.units.length).toBe(2);
  expect(await w.settled(a)).toMatchObject({ state: 'succeeded', trigger: 'start' });
  expect(w.engine.problem).toBeNull();
});

test('shops are read again each day; a new one is followed, the known ones go on undisturbed', async () => {
  await using w = await EngineWorld.open([a]);
  await w.engine.start();
  await w.settled(a);
  const [unit] = w.engine.units;
  expect(w.shopsRead).toBe(1);
  w.clock.advance(86_400);
  await expect.poll(() => w.shopsRead).toBe(2);
  expect(w.engine.units).toEqual([unit]);
  expect(await w.store.history({ shop: a, limit: 10 })).toHaveLength(1);
});

test('many who need the shops wait for one reading of them', async () => {
  await using w = await twoShops();
  const asked = await Promise.all(
    Array.from({ length: 5 }, () => w.engine.request({ what: 'sync' }, { shop: a }, 'manual')),
  );
  await Promise.all(asked.map(({ ended }) => ended));
  expect(w.shopsRead).toBe(1);
  expect(new Set(asked.map(({ runs }) => runs[0]?.runId)).size).toBe(1);
});

test('an unknown stream, shop or run is told by name, with those that there are', async () => {
  await using w = await twoShops();
  await w.engine.start();
  await Promise.all([w.settled(a), w.settled(b)]);
  await expect(w.engine.request({ what: 'sync' }, { streams: ['order'] }, 'manual')).rejects.toMatchObject({
    code: 'unknown_stream',
    hint: 'one of: orders; did you mean "orders"?',
  });
  await expect(w.engine.request({ what: 'sync' }, { streams: ['returns'] }, 'manual')).rejects.toMatchObject({
    code: 'unknown_stream',
    message: 'returns are not synced',
    hint: expect.stringContaining('sync.streams'),
  });
  await expect(w.engine.request({ what: 'sync' }, { shop: '1' }, 'manual')).rejects.toMatchObject({
    code: 'unknown_shop',
    hint: `one of: ${a} Model, ${b} Model`,
  });
  await expect(w.engine.cancel('none')).rejects.toMatchObject({ code: 'unknown_run' });
  expect(await w.engine.cancel(undefined)).toEqual([]);
});

test('cancel stops the run named, and leaves the others', async () => {
  await using w = await twoShops(200);
  const hold = Promise.withResolvers<void>();
  for (const id of [a, b]) w.api(id).set({ after: (n) => (n > 5 ? hold.promise : undefined) });
  await w.engine.start();
  await expect.poll(() => Math.min(...[a, b].map((id) => w.api(id).requests.length))).toBeGreaterThan(5);
  const runId = w.engine.units[0]?.sync.activeRuns[0]?.runId;
  const cancelling = w.engine.cancel(runId);
  hold.resolve();
  expect(await cancelling).toMatchObject([{ runId, shop: a, kind: 'full', state: 'cancelled' }]);
  expect(await w.settled(b)).toMatchObject({ kind: 'full', state: 'succeeded' });
});

test('the estimate of a full resync costs a request for each stream, and changes nothing', async () => {
  await using w = await twoShops(250);
  await w.engine.start();
  await Promise.all([w.settled(a), w.settled(b)]);
  const before = w.api(a).requests.length;
  expect(await w.engine.estimate({})).toEqual({ orders: 500, records: 500, requests: 8, seconds: 1 });
  expect(await w.engine.estimate({ shop: a }, { since: start - 50_000 + 150 * 100 })).toEqual({
    orders: 100,
    records: 100,
    requests: 2,
    seconds: 1,
  });
  expect(w.api(a).requests.length - before).toBe(2);
  expect(w.engine.units.flatMap(({ sync }) => sync.activeRuns)).toEqual([]);
});

test.each(['killed', 'closed', 'failed'] as const)(
  'a full resync that was %s goes on at the next start',
  async (how) => {
    await using w = await EngineWorld.open([a]);
    for (let i = 0; i < 200; i++) w.model(a).place(start - 300_000 + i * 1000);
    await w.engine.start();
    await w.settled(a);
    const before = w.api(a).requests.length;
    const hold = Promise.withResolvers<void>();
    w.api(a).set({
      after: (n) => {
        if (n !== before + 14) return undefined;
        if (how === 'failed') throw down;
        return hold.promise;
      },
    });
    await w.engine.request({ what: 'resync' }, {}, 'manual');
    await expect.poll(() => w.api(a).requests.length).toBeGreaterThanOrEqual(before + 14);
    if (how === 'failed') await w.settled(a);
    const closing = how === 'killed' ? undefined : w.engine.close();
    if (closing !== undefined) hold.resolve();
    await closing;
    await w.restart();
    hold.resolve();
    await w.engine.start();
    expect(await w.settled(a)).toMatchObject({ kind: 'full', trigger: 'start', state: 'succeeded' });
    const kinds = (await w.store.history({ shop: a, limit: 10 })).map(({ kind, state }) => `${kind} ${state}`);
    expect(kinds).toEqual([
      'full succeeded',
      'incremental succeeded',
      how === 'failed' ? 'full failed' : 'full interrupted',
      'full succeeded',
    ]);
    // 200 records are 23 pages of 10 with a tie at each cursor: what was read before is not read again.
    expect(w.api(a).requests.length).toBeLessThan(20);
  },
);

test('a cancelled full resync stays cancelled', async () => {
  await using w = await EngineWorld.open([a]);
  for (let i = 0; i < 100; i++) w.model(a).place(start - 300_000 + i * 1000);
  await w.engine.start();
  await w.settled(a);
  await w.engine.request({ what: 'resync' }, {}, 'manual');
  expect(await w.engine.cancel(undefined)).toMatchObject([{ state: 'cancelled' }]);
  await w.engine.close();
  await w.restart();
  await w.engine.start();
  expect(await w.settled(a)).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  expect(await w.store.history({ shop: a, state: 'running', limit: 10 })).toEqual([]);
});

test('questions for single records are limited, whoever asks: the API is there for the runs', async () => {
  await using w = await twoShops();
  await w.engine.start();
  await Promise.all([w.settled(a), w.settled(b)]);
  const before = w.api(a).requests.length;
  for (let n = 0; n < 60; n++) expect(await w.engine.find('orders', 'nothing', a)).toBeUndefined();
  await expect(w.engine.find('orders', 'nothing', a)).rejects.toMatchObject({
    code: 'limit',
    hint: 'ask again in 60 s; what is stored is told at once',
  });
  expect(w.api(a).requests.length - before).toBe(60);
  w.clock.now += 60;
  expect(await w.engine.find('orders', 'nothing', a)).toBeUndefined();
});
