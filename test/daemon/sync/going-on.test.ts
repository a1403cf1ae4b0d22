import { expect, test } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import { EngineWorld } from './engine-world.ts';
import { Workshop, start } from './workshop.ts';

const shop = '7491';
const since = start - 200_000;

/** A shop of 300 orders, read once; its answers wait until `go` is called. */
async function readOnce() {
  const w = await EngineWorld.open([shop]);
  for (let i = 0; i < 300; i++) w.model(shop).place(start - 400_000 + i * 1000);
  await w.engine.start();
  await w.settled(shop);
  const hold = Promise.withResolvers<void>();
  w.api(shop).set({ after: () => hold.promise });
  return { w, go: hold.resolve };
}

test('rule 8: a full resync joins a running one only if that reads as far back, and as much', async () => {
  const { w, go } = await readOnce();
  await using _ = w;
  const ask = (more: object = {}) => w.engine.request({ what: 'resync', ...more }, {}, 'manual');
  const first = await ask({ since });
  const [{ runId } = { runId: '' }] = first.runs;
  expect((await ask({ since: since + 1 })).runs).toMatchObject([{ runId, joined: true }]);
  expect((await ask({ since, anew: true })).runs).toMatchObject([{ runId, joined: true }]);
  for (const wider of [{}, { since: since - 1 }])
    await expect(ask(wider)).rejects.toMatchObject({
      code: 'busy',
      hint: `ask again when it has ended, or cancel it: shopsync cancel ${runId}`,
    });
  go();
  await first.ended;
  const whole = await ask();
  expect(whole.runs).toMatchObject([{ joined: false }]);
  expect(await whole.ended).toMatchObject([{ state: 'succeeded', seen: 300 }]);
});

test('rule 8: the first sync reads everything, so that a full resync joins it', async () => {
  await using w = await EngineWorld.open([shop]);
  for (let i = 0; i < 50; i++) w.model(shop).place(start - 400_000 + i * 1000);
  const hold = Promise.withResolvers<void>();
  w.api(shop).set({ after: () => hold.promise });
  await w.engine.start();
  const [{ runId } = { runId: '' }] = w.engine.units.flatMap(({ sync }) => sync.activeRuns);
  expect((await w.engine.request({ what: 'resync' }, {}, 'manual')).runs).toMatchObject([{ runId, joined: true }]);
  hold.resolve();
});

test('nothing starts when one of the streams asked for cannot', async () => {
  const other = '7492';
  await using w = await EngineWorld.open([shop, other]);
  await w.engine.start();
  await Promise.all([w.settled(shop), w.settled(other)]);
  const hold = Promise.withResolvers<void>();
  w.api(other).set({ after: () => hold.promise });
  await w.engine.request({ what: 'resync', since }, { shop: other }, 'manual');
  await expect(w.engine.request({ what: 'resync' }, {}, 'manual')).rejects.toMatchObject({ code: 'busy' });
  expect(await w.store.history({ shop, kind: 'full', limit: 10 })).toHaveLength(1);
  hold.resolve();
});

test('a full resync of a narrower span is taken up again as what it was', async () => {
  const { w, go } = await readOnce();
  await using _ = w;
  await w.engine.request({ what: 'resync', since }, {}, 'manual');
  await expect.poll(() => w.engine.units.flatMap(({ sync }) => sync.activeRuns)).toHaveLength(1);
  await w.restart();
  go();
  await w.engine.start();
  const from = new Date(since * 1000).toISOString();
  const again = await w.settled(shop);
  expect({ ...again, from: new Date(again.from ?? 0).toISOString() }).toMatchObject({ trigger: 'start', from });
  expect(again.seen).toBeLessThan(120);
});

test('rule 9: a full resync that is due again waits for a narrower one under way, and is no failure', async () => {
  const { w, go } = await readOnce();
  await using _ = w;
  let down = true;
  const answer = w.api(shop);
  answer.set({
    before: () => {
      if (down) throw new AppError('transient', 'api', 'down');
    },
    after: () => undefined,
  });
  const failed = await w.engine.request({ what: 'resync' }, {}, 'manual');
  expect(await failed.ended).toMatchObject([{ state: 'failed' }]);
  down = false;
  const hold = Promise.withResolvers<void>();
  answer.set({ after: () => hold.promise });
  const narrow = await w.engine.request({ what: 'resync', since }, {}, 'manual');
  const at = w.engine.units[0]?.sync.retryAt ?? 0;
  w.clock.advance(at / 1000 - w.clock.now + 1);
  await expect.poll(() => w.logged.length).toBeGreaterThan(0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(w.engine.units[0]?.sync.untold).toBeNull();
  hold.resolve();
  go();
  expect(await narrow.ended).toMatchObject([{ state: 'succeeded' }]);
  await expect.poll(async () => (await w.store.history({ shop, kind: 'full', limit: 1 }))[0]?.trigger).toBe('schedule');
  const whole = await w.settled(shop);
  expect(whole).toMatchObject({ kind: 'full', state: 'succeeded', trigger: 'schedule' });
  expect(whole.from?.startsWith(new Date((start - 400 * 86_400) * 1000).toISOString().slice(0, 19))).toBe(true);
});

/** A full resync that was cancelled after some pages. */
async function cancelled(pages: number) {
  const w = await EngineWorld.open([shop]);
  for (let i = 0; i < 300; i++) w.model(shop).place(start - 400_000 + i * 1000);
  await w.engine.start();
  await w.settled(shop);
  w.clock.advance(60);
  const last = w.api(shop).requests.length + pages;
  const { ended, runs } = await w.engine.request({ what: 'resync' }, {}, 'manual');
  w.api(shop).set({
    after: (n) => {
      if (n === last) void w.engine.cancel(undefined);
    },
  });
  const [run] = await ended;
  w.api(shop).set({ after: () => undefined });
  expect(run).toMatchObject({ state: 'cancelled', runId: runs[0]?.runId });
  return { w, run };
}

test('an estimate tells which run is gone on from, and counts what is left', async () => {
  const { w, run } = await cancelled(12);
  await using _ = w;
  const { goesOn = [], ...costs } = await w.engine.estimate({});
  const [before] = goesOn;
  expect(before).toMatchObject({ shop, stream: 'orders', runId: run?.runId, state: 'cancelled', at: run?.finishedAt });
  expect(before?.done).toBe(run?.seen);
  expect(costs.orders).toBe(before?.left);
  // A tie at each cursor is counted on both sides.
  expect((before?.done ?? 0) + (before?.left ?? 0)).toBeGreaterThanOrEqual(300);
  expect(before?.left).toBeLessThan(230);
  expect(await w.engine.estimate({}, { anew: true })).toMatchObject({ orders: 300, records: 300 });
  expect(await w.engine.estimate({}, { anew: true })).not.toHaveProperty('goesOn');

  const anew = await w.engine.request({ what: 'resync', anew: true }, {}, 'manual');
  expect(await anew.ended).toMatchObject([{ state: 'succeeded' }]);
  expect((await w.store.run(anew.runs[0]?.runId ?? ''))?.seen).toBeGreaterThanOrEqual(300);
});

test.each(['cancelled', 'interrupted'] as const)(
  'a full run that goes on from one that was %s shows the whole before it reads, and 100 % only at its end',
  async (how) => {
    await using w = await Workshop.open({ pageSize: 10, grain: 10, walkers: 6 });
    for (let i = 0; i < 900; i++) w.shop.place(start - 1_000_000 + i * 1000);
    await w.run();
    w.clock.advance(60);
    const last = w.api.requests.length + 30;
    w.api.set({ after: (n) => (n === last ? void w.sync.stop(new Stopped(how)) : undefined) });
    await (
      await w.sync.request({ what: 'resync' }, 'manual')
    ).ended;
    w.api.set({ after: () => undefined });
    await w.restart();
    w.shown.length = 0;
    const { ended } = await w.sync.request({ what: 'resync' }, 'manual');
    expect(await ended).toMatchObject({ state: 'succeeded' });

    const told = w.shown.flatMap(({ done, expected }) => (expected === null ? [] : [{ done, expected }]));
    const [first, ...rest] = told;
    const end = told.at(-1)?.done ?? 0;
    expect(rest.length).toBeGreaterThan(30);
    expect(end).toBeGreaterThanOrEqual(900);
    // As good at the first word as at the end, but for ties at the cursors.
    expect(first?.expected).toBeGreaterThan(end * 0.95);
    expect(first?.expected).toBeLessThan(end * 1.05);
    expect(told.filter(({ done, expected }) => done === expected && done < end)).toEqual([]);
  },
);
