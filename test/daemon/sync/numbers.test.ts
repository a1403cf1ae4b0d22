import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { AppError } from '../../../daemon/errors.ts';
import { streamCounts } from '../../../daemon/store/pending.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import { Numbers } from '../../../daemon/sync/numbers.ts';
import { Workshop, start } from './workshop.ts';

const statuses = ['UNPAID', 'AWAITING_SHIPMENT', 'IN_TRANSIT', 'COMPLETED', 'CANCELLED'];
const byRun = `select id, seen, inserted + updated + unchanged + rejected as told, requests from sync_runs order by id`;
const scanned = `select status, count(*) as count from orders group by status order by status`;
const counted = `select status, count from record_counts where count <> 0 order by status`;
const runRow = z.object({ id: z.string(), seen: z.int(), told: z.int(), requests: z.int() });

/** What does not add up in a database, seen by a connection of its own: what is committed, and nothing else. */
class Judge {
  readonly wrong: string[] = [];
  commits = 0;
  readonly #database: Database;

  constructor(path: string) {
    this.#database = new Database(path);
  }

  readonly look = (): void => {
    this.#database.exec('begin');
    const [runs, scan, counts] = [byRun, scanned, counted].map((text) => this.#database.prepare(text).all([]));
    this.#database.exec('commit');
    this.commits += 1;
    for (const { id, seen, told } of z.array(runRow).parse(runs))
      if (seen !== told) this.wrong.push(`commit ${this.commits}: run ${id} saw ${seen} and tells ${told}`);
    if (JSON.stringify(scan) !== JSON.stringify(counts))
      this.wrong.push(`commit ${this.commits}: counted ${JSON.stringify(counts)}, scanned ${JSON.stringify(scan)}`);
  };

  close(): void {
    this.#database.close();
  }
}

type Data = Record<string, unknown>;
const idsOf = (data: Data) => z.array(z.looseObject({ id: z.string() })).parse(data['orders']);

/** Everything that a run may meet: ties, orders that change under it, some that cannot be stored, some sent twice. */
async function eventful() {
  const found: { judge?: Judge } = {};
  const look = (): void => found.judge?.look();
  const w = await Workshop.open({ pageSize: 10, grain: 10, walkers: 4, progressed: look, ran: look });
  const judge = new Judge(w.path);
  found.judge = judge;
  const placed = Array.from({ length: 300 }, (_, i) =>
    w.shop.place(i % 12 === 0 ? start - 40_000 : start - 50_000 + i * 100, { status: statuses[i % 5] ?? '' }),
  );
  const bend = (data: Data, n: number): Data => {
    const changing = placed[(n * 53) % 300];
    if (changing !== undefined && n % 2 === 0 && ((n * 53) % 300) % 12 !== 0)
      w.shop.change(changing, w.clock.now, { status: statuses[n % 5] ?? '', visibleAt: w.clock.now });
    const orders = idsOf(data).map((order) => (order.id.endsWith('13') ? { ...order, status: 7 } : order));
    return { ...data, orders: n % 7 === 0 ? [...orders, ...orders.slice(-1)] : orders };
  };
  const restart = async () => {
    await w.restart();
    w.api.set({ bend });
  };
  w.api.set({ bend });
  return { w, judge, restart };
}

test('numbers add up at every commit: seen = inserted + updated + unchanged + rejected, and counts equal a scan', async () => {
  const { w, judge, restart } = await eventful();
  await using _ = w;
  const at = (requests: number, act: () => void) => {
    const last = w.api.requests.length + requests;
    w.api.set({ after: (n) => (n === last ? act() : undefined) });
  };
  const ends: string[] = [];
  const note = async () => {
    w.api.set({ after: () => undefined });
    const runs = await w.store.history({ limit: 50 });
    ends.push(`${runs[0]?.kind} ${runs[0]?.state}`);
    judge.look();
    const { total, byStatus } = await w.store.query(streamCounts, '7490', 'orders');
    const rows = await w.dump('orders');
    expect(total).toBe(rows.length);
    expect(byStatus).toEqual(
      Object.fromEntries([...Map.groupBy(rows, (row) => row['status'])].map(([status, all]) => [status, all.length])),
    );
    expect(runs.reduce((sum, run) => sum + run.inserted, 0)).toBe(rows.length);
    w.clock.advance(100);
  };

  at(9, () => {
    throw new AppError('transient', 'api', 'down');
  });
  await w.run();
  await note();
  const cancelled = await w.sync.request({ what: 'sync' }, 'manual');
  at(8, () => void w.sync.stop(new Stopped('cancelled')));
  await cancelled.ended;
  await note();
  // Killed: what was under way is gone, the next daemon closes its record.
  const killed = Promise.withResolvers<void>();
  at(7, () => killed.resolve());
  await w.sync.request({ what: 'sync' }, 'manual');
  await killed.promise;
  await restart();
  await note();
  await w.run();
  await note();
  await w.reread(start - 45_000, start - 30_000);
  await note();
  await w.run();
  await note();
  await (
    await w.sync.request({ what: 'resync' }, 'manual')
  ).ended;
  await note();

  expect(ends).toEqual([
    'full failed',
    'full cancelled',
    'full interrupted',
    'full succeeded',
    'partial succeeded',
    'incremental succeeded',
    'full succeeded',
  ]);
  const runs = await w.store.history({ limit: 50 });
  for (const number of ['inserted', 'updated', 'unchanged', 'rejected'] as const)
    expect(Math.max(...runs.map((run) => run[number])), number).toBeGreaterThan(0);
  expect(judge.commits).toBeGreaterThan(60);
  expect(judge.wrong).toEqual([]);
  judge.close();
});

test('work whose size is known tells its rate and its end, in tenths, and is never done with more than there is', () => {
  let now = 0;
  let requests = 0;
  const numbers = new Numbers(
    { runId: 'r1', kind: 'recheck' },
    () => now,
    () => requests,
  );
  const run = { runId: 'r1', kind: 'recheck' };
  expect(numbers.progress).toEqual({ ...run, done: 0, expected: null, requests: 0, perSecond: 0, etaSeconds: null });
  numbers.expect(200);
  [now, requests] = [3000, 2];
  numbers.add(100);
  expect(numbers.progress).toEqual({ ...run, done: 100, expected: 200, requests: 2, perSecond: 33.3, etaSeconds: 3 });
  [now, requests] = [6000, 5];
  numbers.add(150);
  expect(numbers.progress).toEqual({ ...run, done: 250, expected: 250, requests: 5, perSecond: 41.7, etaSeconds: 0 });
});
