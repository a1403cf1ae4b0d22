import { join } from 'node:path';

import { Cron } from 'croner';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { createBus } from '../../daemon/bus.ts';
import { createLog } from '../../daemon/log.ts';
import { Pause } from '../../daemon/pause.ts';
import { createDispatcher } from '../../daemon/rpc/dispatch.ts';
import { createHandlers } from '../../daemon/rpc/handlers.ts';
import { Journal } from '../../daemon/rpc/journal.ts';
import { listen } from '../../daemon/rpc/server.ts';
import { StatusView } from '../../daemon/status.ts';
import { methods } from '../../shared/contract.ts';
import { run, started } from '../../shared/run-views.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { Installation } from './daemon-process.ts';
import { exchange, newFolder } from './rpc/harness.ts';
import { realSchedule } from './rpc/samples.ts';
import { EngineWorld } from './sync/engine-world.ts';
import { policy, start } from './sync/workshop.ts';

const poll = { timeout: 15_000, interval: 5 };
const shop = '7491';

/** The methods of a daemon on a real socket, over a shop that the test holds in its hand. */
async function onSocket(w: EngineWorld): Promise<string> {
  const path = join(newFolder(), 'control.sock');
  const identity = { instanceId: 'i', version: '0.1.0', startedAt: '2026-01-01T00:00:00Z' };
  const view = new StatusView({
    identity,
    store: w.store,
    engine: w.engine,
    account: w.remote,
    policy,
    dailyQuota: null,
  });
  const serverNow = () => w.clock.now;
  const unused = (): never => expect.unreachable();
  const handlers = createHandlers({
    ...identity,
    engine: w.engine,
    store: w.store,
    view,
    serverNow,
    pause: await Pause.load(w.store, Date.now),
    settings: { change: unused },
    scheduleChanged: unused,
    log: createLog({ level: 'off' }),
    backups: { write: unused },
    authorize: unused,
    metrics: unused,
    requestStop: unused,
  });
  const fail = (error: unknown): never => {
    throw error;
  };
  const bus = createBus({ now: Date.now, onWatcherError: fail });
  const server = await listen({
    path,
    dispatcher: createDispatcher(methods, handlers, { onInternalError: fail }),
    subscriptions: {
      watch: bus.watch,
      journal: new Journal(bus.watch),
      snapshot: () => view.status(),
      now: Date.now,
      schedule: realSchedule,
    },
    onError: fail,
  });
  onTestFinished(() => server.close({ graceMs: 0 }));
  return path;
}

const answer = z.object({ id: z.int(), result: started });
/** Of one call, or of a batch. */
const answersOf = z.union([answer, z.array(answer)]);

test('rule 8, lesson 16: 50 concurrent `sync` calls over the socket and ticks of cron make one run, and each is told that it joined or was first', async () => {
  await using w = await EngineWorld.open([shop]);
  for (let i = 0; i < 30; i++) w.model(shop).place(start - 50_000 + i * 100);
  await w.engine.start();
  await w.settled(shop);
  const [unit] = w.engine.units;
  if (unit === undefined) throw new Error('no unit');
  const path = await onSocket(w);
  const before = w.runs.length;
  const requests = w.api(shop).requests.length;
  const hold = Promise.withResolvers<void>();
  w.api(shop).set({ after: () => hold.promise });
  const calls = Array.from({ length: 50 }, (_, id) => ({
    jsonrpc: '2.0',
    id,
    method: 'sync',
    params: { wait: id % 2 === 0 },
  }));
  // Half of them at the same moment, the others each by a client of its own.
  const asked = [calls.slice(0, 25), ...calls.slice(25)].map((call) => exchange(path, `${JSON.stringify(call)}\n`));
  // Cron ticks twice while the API does not answer.
  let ticks = 0;
  const cron = new Cron('* * * * * *', () => {
    ticks += 1;
    unit.sync.tick();
  });
  await expect.poll(() => ticks, poll).toBeGreaterThanOrEqual(2);
  cron.stop();
  expect(w.api(shop).requests).toHaveLength(requests + 1);
  hold.resolve();
  const answers = (await Promise.all(asked)).flatMap((text) => answersOf.parse(JSON.parse(text)));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(50);
  const told = answers.flatMap(({ result }) => result.runs);
  expect(told).toHaveLength(50);
  await w.settled(shop);
  const begun = w.runs.slice(before).filter(({ state }) => state === 'running');
  expect(begun).toHaveLength(1);
  const [only] = begun;
  expect(new Set(told.map(({ runId }) => runId))).toEqual(new Set([only?.runId]));
  expect(told.filter(({ joined }) => !joined)).toHaveLength(only?.trigger === 'manual' ? 1 : 0);
  expect(w.api(shop).requests).toHaveLength(requests + 1);
});

const searchPath = '/order/202309/orders/search';
const ended = z.object({ runs: z.array(run) });

test('rule 8: cancel returns within a second while requests hang at the API, and the next run goes on from there', async () => {
  await using sandbox = await startSandbox({ orders: 6000, frozen: true, latencyMs: 15, seed: 3 });
  await using place = new Installation(sandbox);
  place.start();
  const searches = () => sandbox.requests.of(searchPath).total;
  await expect.poll(searches, poll).toBeGreaterThan(20);
  sandbox.faults.add({ kind: 'hang', match: searchPath });
  const stored = () => Number(place.rows('select count(*) as n from orders')[0]?.['n']);
  await expect.poll(() => sandbox.requests.of(searchPath).failed, poll).toBeGreaterThanOrEqual(4);
  const began = performance.now();
  const { runs } = ended.parse(await place.call('cancel'));
  expect(performance.now() - began).toBeLessThan(1000);
  expect(runs).toMatchObject([{ kind: 'full', state: 'cancelled', inserted: stored() }]);
  expect(stored()).toBeGreaterThan(1000);
  expect(stored()).toBeLessThan(6000);
  expect((await place.status()).streams[0]).toMatchObject({ run: null });

  sandbox.faults.clear();
  const [before, sent] = [stored(), searches()];
  expect(started.parse(await place.call('sync', { wait: true })).runs).toMatchObject([{ kind: 'full', joined: false }]);
  expect(searches() - sent).toBeLessThan((6000 - before) / 99 + 20);
  const lines = place.rows(`select id || ' ' || update_time || ' ' || status as line from orders order by 1`);
  const world = [...sandbox.world.orders()].map(({ id, updateTime, status }) => `${id} ${updateTime} ${status}`);
  expect(lines.map(({ line }) => line)).toEqual(world.toSorted());
  expect((await place.history()).map(({ state }) => state)).toEqual(['cancelled', 'succeeded']);
});
