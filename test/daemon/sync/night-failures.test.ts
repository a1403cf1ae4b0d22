import { expect, test } from 'vitest';

import { AppError, type FailureClass } from '../../../daemon/errors.ts';
import { EngineWorld } from './engine-world.ts';
import { start } from './workshop.ts';

const shop = '7491';
const hour = 3600;
const day = 24 * hour;
const quietHours = { fromMinute: 60, toMinute: 360 };

/** A shop whose audits begin by the schedule; its first sync is done. */
async function open(audit: string): Promise<EngineWorld> {
  const world = await EngineWorld.open([shop]);
  world.pattern = '*/15 * * * *';
  world.rules = { audit, quietHours };
  for (let i = 0; i < 40; i++) world.model(shop).place(start - 50_000 + i * 100, { status: 'AWAITING_SHIPMENT' });
  await world.restart();
  await world.engine.start();
  await quiet(world);
  return world;
}

/** Until no run begins any more. */
async function quiet(world: EngineWorld): Promise<void> {
  for (let before = -1; before !== world.runs.length;) {
    before = world.runs.length;
    for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
    await world.settled(shop);
  }
}

async function pass(world: EngineWorld, seconds: number, step = 300): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    world.clock.advance(step);
    await quiet(world);
  }
}

/** The API refuses what only an audit asks: counts by create_time. */
const refuseAudits = (world: EngineWorld, of: FailureClass): void =>
  world.api(shop).set({
    before: (_, { body }) => {
      if (JSON.stringify(body ?? {}).includes('create_time_ge'))
        throw new AppError(of, 'api', 'refused', { retryAfterMs: 6 * hour * 1000 });
    },
  });

const failedAudits = (world: EngineWorld) =>
  world.runs.filter(({ kind, state }) => kind === 'audit' && state === 'failed');

test.each(['configuration', 'throttled'] as const)(
  'rule 9: an audit that the API refuses (%s) stops nothing that is live, and is not shown as its next run',
  async (of) => {
    await using world = await open('15 3 * * *');
    refuseAudits(world, of);
    await pass(world, 2 * day);
    expect(failedAudits(world).length).toBeGreaterThan(0);
    const live = world.runs
      .filter(({ kind, state }) => kind === 'incremental' && state === 'succeeded')
      .map(({ startedAt }) => Date.parse(startedAt) / 1000);
    const gaps = live.slice(1).map((at, i) => at - (live[i] ?? at));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(20 * 60);
    const [unit] = world.engine.units;
    expect(unit?.sync.liveRetryAt).toBeNull();
    expect((await world.store.state(shop, 'orders'))?.lastError).toMatchObject({ kind: 'audit' });
  },
);

test.each([
  ['configuration', 3],
  ['token', 6],
] as const)('rule 9: the night does not ask for what only a person can mend (%s)', async (of, most) => {
  await using world = await open('20 3 * * *');
  const from = Date.UTC(2026, 8, 22, 3, 16) / 1000;
  await pass(world, from - world.clock.now, 60);
  let refused = 0;
  world.api(shop).set({
    before: () => {
      refused += 1;
      throw new AppError(of, of === 'token' ? 'not_authorized' : 'api', 'refused');
    },
  });
  await pass(world, 3 * hour, 20);
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThanOrEqual(most);
});

test.each(['record', 'transient'] as const)(
  'an audit that always fails (%s) is tried a few times a day outside its night',
  async (of) => {
    await using world = await open('15 3 * * *');
    refuseAudits(world, of);
    await pass(world, 3 * day);
    const outside = failedAudits(world).filter(({ startedAt }) => {
      const at = new Date(startedAt).getUTCHours();
      return at < 1 || at >= 6;
    });
    expect(failedAudits(world).length).toBeGreaterThan(3);
    expect(outside.length).toBeLessThanOrEqual(12);
  },
);

test('an audit by hand that failed is told to whoever asked, and not held against the stream', async () => {
  await using world = await open('15 3 * * *');
  refuseAudits(world, 'transient');
  const { ended } = await world.engine.request({ what: 'audit', repair: true }, {}, 'manual');
  expect((await ended).map(({ state, error }) => [state, error?.nextAttemptAt])).toEqual([['failed', null]]);
  expect((await world.store.state(shop, 'orders'))?.lastError).toBeNull();
});
