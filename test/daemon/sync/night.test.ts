import { expect, test } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { StatusView } from '../../../daemon/status.ts';
import { EngineWorld } from './engine-world.ts';
import { policy, start } from './workshop.ts';

const shops = ['7491', '7492'] as const;
const shop = shops[0];
const hour = 3600;
const day = 24 * hour;
const quietHours = { fromMinute: 60, toMinute: 360 };

/** Shops of which everything is read, on a schedule with heavy work at night; it is about two in the afternoon. */
async function synced(of: readonly string[] = [shop]): Promise<EngineWorld> {
  const w = await EngineWorld.open(of);
  w.pattern = '*/15 * * * *';
  w.rules = { audit: '15 3 * * *', quietHours };
  w.recheck = 45 * day;
  for (const id of of)
    for (let i = 0; i < 40; i++) w.model(id).place(start - 50_000 + i * 100, { status: 'AWAITING_SHIPMENT' });
  await w.restart();
  await w.engine.start();
  await quiet(w, of);
  return w;
}

/** Resolves when no run is under way and none comes of what has fired. All but promises is done in no time here. */
async function quiet(w: EngineWorld, of: readonly string[] = [shop]): Promise<void> {
  for (let before = -1; before !== w.runs.length;) {
    before = w.runs.length;
    for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
    for (const id of of) await w.settled(id);
  }
}

async function live(w: EngineWorld, seconds: number, of?: readonly string[], step = 300): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    w.clock.advance(step);
    await quiet(w, of);
  }
}

const view = (w: EngineWorld, pause?: { readonly since: string | null }) =>
  new StatusView({
    identity: { instanceId: 'i', version: '0.1.0', startedAt: new Date(start * 1000).toISOString() },
    store: w.store,
    engine: w.engine,
    account: w.remote,
    policy,
    dailyQuota: null,
    pause,
  });

const begun = (w: EngineWorld) => w.runs.filter(({ state }) => state === 'running');
const heavy = (w: EngineWorld, since = 0) =>
  w.runs.slice(since).filter(({ kind }) => kind === 'audit' || kind === 'recheck');

test('a night: the open orders are read again, then the audit runs, each once, in the quiet hours', async () => {
  await using w = await synced();
  await live(w, day);
  const done = heavy(w).filter(({ state }) => state !== 'running');
  expect(done.map(({ kind, trigger, state }) => [kind, trigger, state])).toEqual([
    ['recheck', 'schedule', 'succeeded'],
    ['audit', 'schedule', 'succeeded'],
  ]);
  for (const { startedAt } of done) {
    const minute = (Date.parse(startedAt) / 60_000) % 1440;
    expect(minute).toBeGreaterThanOrEqual(quietHours.fromMinute);
    expect(minute).toBeLessThan(quietHours.toMinute);
  }
  // The schedule of what is new is none the worse for it: each of its ticks came, and one run that the audit asks for.
  const asked = begun(w).filter(({ trigger, kind }) => trigger === 'schedule' && kind === 'incremental');
  expect([96, 97]).toContain(asked.length);
});

test('after three days without a daemon: one run for each stream, and what is overdue once, one after the other', async () => {
  await using w = await synced(shops);
  await live(w, day, shops);
  await w.engine.close();
  w.clock.forget();
  w.clock.now += 3 * day;
  for (const id of shops)
    for (let i = 1; i <= 30; i++) w.model(id).place(w.clock.now - i * 8000, { status: 'AWAITING_SHIPMENT' });
  const before = w.runs.length;
  await w.restart();
  await w.engine.start();
  await live(w, 600, shops, 60);
  for (const id of shops) {
    const runs = w.runs.slice(before).filter((run) => run.shop === id && run.state !== 'interrupted');
    const lines = runs.map(({ kind, trigger, state }) => `${kind} ${trigger} ${state}`);
    expect(lines.filter((line) => /^(incremental|full) start/.test(line))).toEqual([
      'incremental start running',
      'incremental start succeeded',
    ]);
    expect(lines.filter((line) => /^(recheck|audit)/.test(line))).toEqual([
      'recheck schedule running',
      'recheck schedule succeeded',
      'audit schedule running',
      'audit schedule succeeded',
    ]);
    expect(await w.watermark(id)).toBeGreaterThan(w.clock.now - 1000);
  }
  const count = heavy(w).length;
  // It is done for the day; the night has its own.
  await live(w, 6 * hour, shops, 900);
  expect(heavy(w)).toHaveLength(count);
});

test('nothing of the night begins during a pause; its end begins what is overdue, and the catch-up, once each', async () => {
  await using w = await synced();
  w.pause = { since: new Date().toISOString() };
  const before = begun(w).length;
  await live(w, 3 * day, undefined, 900);
  expect(begun(w)).toHaveLength(before);
  const { schedules } = view(w, w.pause).schedule();
  expect(schedules.map(({ kind, nextRunAt, reason }) => [kind, nextRunAt, reason])).toEqual([
    ['incremental', null, 'paused'],
    ['recheck', null, 'paused'],
    ['audit', null, 'paused'],
  ]);
  w.pause = { since: null };
  w.engine.catchUp();
  await quiet(w);
  expect(
    begun(w)
      .slice(before)
      .map(({ kind }) => kind)
      // The audit asks for what is new as well; one run serves both, or one follows the other.
      .filter((kind, i, all) => kind !== 'incremental' || all.indexOf(kind) === i)
      .toSorted(),
  ).toEqual(['audit', 'incremental', 'recheck']);
});

test('while the API is down the night is not one of hammering, and what it left undone is done when it is up', async () => {
  await using w = await synced();
  let isDown = false;
  w.api(shop).set({
    before: () => {
      if (isDown) throw new AppError('transient', 'api', 'down');
    },
  });
  isDown = true;
  const before = w.runs.length;
  await live(w, 18 * hour);
  const failed = heavy(w, before).filter(({ state }) => state === 'failed');
  // Each at most as often as its own backoff lets it: four times an hour once it has grown.
  expect(failed.length).toBeGreaterThan(1);
  expect(failed.length).toBeLessThan(2 * 5 * 4 + 20);
  for (const { startedAt } of failed) expect(new Date(startedAt).getUTCHours()).toBeLessThan(6);
  isDown = false;
  await live(w, 2 * day);
  const kinds = heavy(w, before).flatMap(({ kind, state }) => (state === 'succeeded' ? [kind] : []));
  expect(kinds).toContain('audit');
  expect(kinds).toContain('recheck');
});

test('changed rules hold at once: another pattern, heavy work that is switched off, another time zone', async () => {
  await using w = await synced();
  const told = view(w);
  const kinds = () => told.schedule().schedules.map(({ kind, pattern, timeZone }) => [kind, pattern, timeZone]);
  expect(kinds()).toEqual([
    ['incremental', '*/15 * * * *', 'UTC'],
    ['recheck', '0 1 * * *', 'UTC'],
    ['audit', '15 3 * * *', 'UTC'],
  ]);
  w.pattern = '0 * * * *';
  w.rules = { quietHours: null, timeZone: 'Asia/Tokyo', adaptive: true };
  w.engine.rescheduled();
  expect(kinds()).toEqual([
    ['incremental', '0 * * * *', 'Asia/Tokyo'],
    ['recheck', '0 3 * * *', 'Asia/Tokyo'],
  ]);
  expect(told.schedule()).toMatchObject({ adaptive: true, quietHours: null, set: {} });
  const [stream] = (await told.status()).streams;
  const past = Date.parse(stream?.nextRunAt ?? '') / 1000 - Math.ceil(start / hour) * hour;
  expect(past).toBeGreaterThanOrEqual(0);
  // The jitter.
  expect(past).toBeLessThanOrEqual(30);
});

/** Two weeks of a shop that has an order every five hours or so, at any time of the day. */
const sparse = Array.from({ length: 70 }, (_, i) => start - (i + 1) * 18_781);

test('orders that arrive are asked for between the ticks, and a quiet shop is left alone', async () => {
  await using w = await EngineWorld.open([shop]);
  w.pattern = '*/15 * * * *';
  w.rules = { adaptive: true };
  for (const at of sparse) w.model(shop).place(at);
  await w.engine.start();
  await quiet(w);
  const before = begun(w).length;
  await live(w, 4 * hour, undefined, 60);
  const idle = begun(w).length - before;
  expect(idle).toBeGreaterThanOrEqual(4);
  expect(idle).toBeLessThan(16);
  expect((await view(w).status()).streams[0]?.nextRunReason).toMatch(/orders? an hour at this time: .* left out$/);

  for (let minute = 0; minute < 240; minute++) {
    for (let i = 0; i < 5; i++) w.model(shop).place(w.clock.now + i * 10);
    await live(w, 60, undefined, 60);
  }
  const busy = begun(w).length - before - idle;
  expect(busy).toBeGreaterThan(2 * 16);
  expect((await view(w).status()).streams[0]?.nextRunReason).toMatch(/between the ticks of/);
});

test('a database that cannot tell the rhythm leaves the cron in force, and says so in the log', async () => {
  await using w = await EngineWorld.open([shop]);
  w.pattern = '*/15 * * * *';
  w.rules = { adaptive: true };
  for (const at of sparse) w.model(shop).place(at);
  await w.engine.start();
  await quiet(w);
  // The runs read and write their rows; only what is asked of the orders by their age is refused.
  const { store } = w;
  const query = store.query.bind(store);
  store.query = (question, ...args) =>
    question.name.startsWith('arriv') ? Promise.reject(new Error('broken')) : query(question, ...args);
  // The run that was planned by the rhythm is the first that misses it.
  await live(w, hour, undefined, 60);
  const before = begun(w).length;
  await live(w, 2 * hour, undefined, 60);
  expect([7, 8, 9]).toContain(begun(w).length - before);
  expect(w.logged.filter((line) => line.includes('keeps to its cron')).length).toBeGreaterThan(0);
  store.query = query;
  await live(w, 2 * hour, undefined, 60);
  expect((await view(w).status()).streams[0]?.nextRunReason).toMatch(/left out$/);
});
