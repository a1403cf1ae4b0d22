import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

import { StatusView } from '../../../daemon/status.ts';
import { Store } from '../../../daemon/store/store.ts';
import { orders } from '../../../daemon/streams/orders.ts';
import { Engine } from '../../../daemon/sync/engine.ts';
import type { Run } from '../../../shared/run-views.ts';
import { taxonomyWorld, type TaxonomyOptions } from '../tiktok/taxonomy-world.ts';

const policy = { settle: 60, overlap: 300 };
const line = z.looseObject({ level: z.int(), msg: z.string() });

/** A whole daemon without its socket: engine, store and status over a real account and a sandbox. */
export async function engineOverHttp(options: TaxonomyOptions) {
  const world = await taxonomyWorld(options);
  const folder = mkdtempSync(join(tmpdir(), 'taxonomy-'));
  const now = () => Math.floor(world.now() * 1000);
  const store = await Store.open({ path: join(folder, 'shopsync.db'), keepPayload: true, now });
  const logged: z.output<typeof line>[] = [];
  const runs: Run[] = [];
  const timers = new Map<() => void, number>();
  const engine = new Engine({
    account: world.account,
    store,
    streams: [orders],
    policy,
    recheck: 45 * 86_400,
    now,
    monotonic: options.timers.now,
    random: () => 0.5,
    since: Math.floor(world.now()) - 400 * 86_400,
    concurrency: 8,
    // Nothing is tried again by itself: what was planned is told.
    setTimer: (work, ms) => {
      timers.set(work, ms);
      return () => void timers.delete(work);
    },
    log: pino({ level: 'info' }, { write: (text) => logged.push(line.parse(JSON.parse(text))) }),
    watch: { run: (run) => runs.push(run), progress: () => undefined },
  });
  const view = new StatusView({
    identity: { instanceId: 'i', version: '1', startedAt: new Date(now()).toISOString() },
    store,
    engine,
    account: world.account,
    policy,
    dailyQuota: null,
  });
  onTestFinished(async () => {
    await engine.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = async (): Promise<Run> => {
    const { ended } = await engine.request({ what: 'sync' }, {}, 'manual');
    const [run] = await ended;
    if (run === undefined) throw new Error('no run');
    return run;
  };
  const stored = async () => {
    const rows = await store.query((db) => db.selectFrom('orders').select(['id', 'status', 'update_time']).execute());
    return new Map(rows.map((row) => [row.id, `${row.status} ${row.update_time}`]));
  };
  /** What the sandbox's shop is, to be compared with what is stored. */
  const shown = () =>
    new Map([...world.sandbox.world.orders()].map((order) => [order.id, `${order.status} ${order.updateTime}`]));
  const errors = () => logged.filter(({ level }) => level >= 50);
  return { ...world, store, engine, view, runs, logged, errors, ask, stored, shown };
}
