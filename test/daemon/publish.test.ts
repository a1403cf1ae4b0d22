import { pino } from 'pino';
import { expect, test } from 'vitest';

import { type Published, createBus } from '../../daemon/bus.ts';
import { createPublisher } from '../../daemon/publish.ts';
import { StatusView } from '../../daemon/status.ts';
import { event } from '../../shared/views.ts';
import { EngineWorld } from './sync/engine-world.ts';
import { Clock, policy, start } from './sync/workshop.ts';

const shop = '7491';

/** A publisher on a synced shop, with a clock of its own, and what came out of the bus. */
async function world() {
  const w = await EngineWorld.open([shop]);
  for (let i = 0; i < 25; i++) w.model(shop).place(start - 50_000 + i * 100);
  await w.engine.start();
  const run = await w.settled(shop);
  const view = new StatusView({
    identity: { instanceId: 'i', version: '0.1.0', startedAt: run.startedAt },
    store: w.store,
    engine: w.engine,
    account: w.remote,
    policy,
    dailyQuota: null,
  });
  const clock = new Clock();
  const told: Published[] = [];
  const logged: string[] = [];
  const bus = createBus({ now: () => clock.now * 1000, onWatcherError: (error) => logged.push(String(error)) });
  bus.watch((published) => told.push(published));
  const log = pino({ level: 'info' }, { write: (line) => logged.push(line) });
  const publisher = createPublisher({ bus, view, log, setTimer: clock.setTimer });
  return { w, run, clock, told, logged, publisher };
}

const topics = (told: readonly Published[]) => told.map(({ topic }) => topic);

test('a run is told at once, the numbers of its stream and shop as soon as they are read', async () => {
  const { w, run, told, publisher } = await world();
  await using _ = w;
  publisher.run(run);
  expect(told).toMatchObject([{ topic: 'runs', key: run.runId, data: run }]);
  await expect.poll(() => topics(told)).toEqual(['runs', 'progress', 'counts', 'api']);
  expect(told[2]).toMatchObject({ key: `${shop}/orders`, data: { total: 25 } });
  for (const published of told) event.parse({ ...published, seq: 1 });
});

test('however often a stream moves on, it is read at most every quarter of a second', async () => {
  const { w, clock, told, publisher } = await world();
  await using _ = w;
  for (let i = 0; i < 1000; i++) publisher.progress(shop, 'orders');
  expect(told).toEqual([]);
  clock.advance(0.249);
  expect(told).toEqual([]);
  clock.advance(0.001);
  await expect.poll(() => topics(told)).toEqual(['progress', 'counts', 'api']);
  publisher.progress(shop, 'orders');
  clock.advance(0.25);
  await expect.poll(() => told.length).toBe(6);
});

test('when stop resolves, nothing is read any more, and nothing is told from then on', async () => {
  const { w, run, clock, told, logged, publisher } = await world();
  await using _ = w;
  publisher.run(run);
  publisher.progress(shop, 'orders');
  await publisher.stop();
  const before = told.length;
  await w.engine.close();
  await w.store.close();
  clock.advance(1);
  publisher.progress(shop, 'orders');
  expect(clock.pending).toBe(0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toHaveLength(before);
  expect(logged).toEqual([]);
});

test('numbers that cannot be read are logged, and syncing hears nothing of it', async () => {
  const { w, run, told, logged, publisher } = await world();
  await using _ = w;
  await w.engine.close();
  await w.store.close();
  publisher.run(run);
  await expect.poll(() => logged.length).toBe(1);
  expect(logged[0]).toContain('an event could not be made');
  expect(topics(told)).toEqual(['runs']);
});
