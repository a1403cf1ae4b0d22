import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

import { createAsked } from '../../daemon/asked.ts';
import { loadConfig } from '../../daemon/config/load.ts';
import type { Env } from '../../shared/paths.ts';
import { streamNames } from '../../shared/streams.ts';
import { shopsWorld } from '../daemon/sync/shops-world.ts';
import type { FaultInput } from '../sandbox/faults-kinds.ts';
import { seeded } from './moments.ts';
import { differences } from './stream-rows.ts';

const hour = 3600;
/** So many hours pass after the first sync. */
const lived = 72;

/** Days of orders that a shop has before: the rhythm is learned from seven. */
const history = 9;

type World = Awaited<ReturnType<typeof openWorld>>;

export interface Days {
  /** Over the configuration as it is when nobody writes one. */
  readonly env?: Env;
  /** Orders that come in a day, of each shop; default: 300. */
  readonly perDay?: number;
  /** Streams that are synced; default: all. */
  readonly streams?: readonly string[];
  /** Whether the API has faults, the daemon ends and begins again, and somebody is at the database; default: yes. */
  readonly isTroubled?: boolean;
}

/** Two shops with their schedule. */
async function openWorld({ env = {}, perDay = 300, streams = streamNames }: Days) {
  const { schedule, sync } = loadConfig({ env: { HOME: '/nowhere', ...env } }).config;
  const world = await shopsWorld({
    streams,
    schedule: { rules: schedule },
    recheck: (sync.recheckMs ?? 0) / 1000,
    random: seeded(3),
    account: { nextAsked: createAsked(0, () => 0) },
    sandbox: {
      regions: ['GB', 'VN'],
      orders: perDay * history,
      days: history,
      products: 60,
      productChanges: 40,
      frozen: false,
      seed: 6,
    },
  });
  const database = new Database(world.path);
  onTestFinished(() => void database.close());
  const rows = (text: string): Record<string, unknown>[] =>
    z.array(z.record(z.string(), z.unknown())).parse(database.prepare(text).all([]));
  return { world, database, rows };
}

/** What somebody does to the database of each shop: records that are gone, and some that are older than they were. */
export const damaged = { gone: 6, aged: 4 };
function damage({ world, database, rows }: World): void {
  const before = Math.floor(world.now()) - 2 * 24 * hour;
  for (const shop of world.sandbox.shops) {
    const ids = rows(
      `select id from orders where shop_id = '${shop.id}' and status in ('COMPLETED', 'CANCELLED')
        and update_time < ${before} order by update_time % 97, id limit ${damaged.gone + damaged.aged}`,
    ).map(({ id }) => `'${String(id)}'`);
    const gone = ids.slice(0, damaged.gone).join();
    database.exec(`delete from order_line_items where order_id in (${gone}); delete from orders where id in (${gone})`);
    for (const [at, id] of ids.slice(damaged.gone).entries())
      database.exec(
        `update orders set update_time = update_time - ${at % 2 === 0 ? hour : 24 * hour} where id = ${id}`,
      );
  }
}

/** Something that goes wrong at the API so many hours after the first sync; nights of the shops are among them. */
const faults: readonly { readonly at: number; readonly of: (a: string, b: string) => FaultInput }[] = [
  { at: 2.5, of: (_, b) => ({ kind: 'code', code: 36009003, probability: 0.4, seconds: 1200, shop: b }) },
  { at: 5, of: (a) => ({ kind: '429', retryAfter: 20, seconds: 1800, shop: a }) },
  { at: 9.1, of: (a) => ({ kind: '503', seconds: 400, shop: a }) },
  { at: 14, of: () => ({ kind: '503', every: 3, seconds: 900 }) },
  { at: 17, of: () => ({ kind: 'truncate', match: '/order/', every: 2, times: 6 }) },
  { at: 19, of: () => ({ kind: 'cut', every: 2, times: 6 }) },
  { at: 22, of: (_, b) => ({ kind: 'slow', ms: 40, times: 30, shop: b }) },
  { at: 24, of: () => ({ kind: 'late', fraction: 0.3, least: 5, seconds: 45 }) },
  { at: 27, of: () => ({ kind: 'late', fraction: 0, seconds: 1 }) },
  { at: 28.2, of: (_, b) => ({ kind: 'code', code: 36009003, every: 3, times: 5, shop: b }) },
  { at: 33, of: () => ({ kind: 'expire' }) },
  { at: 40, of: (a) => ({ kind: 'code', code: 105005, match: '/return_refund/', shop: a, seconds: 4 * hour }) },
  { at: 50, of: (a) => ({ kind: '429', retryAfter: 5, every: 2, seconds: 1200, shop: a }) },
  { at: 59, of: () => ({ kind: '500', every: 4, seconds: 600 }) },
];
/** Hours after the first sync at which somebody is at the database, between two nights of both shops. */
const damageAt = 21;
/** When the daemon ends, and for how many hours. */
const down = { at: 45, hours: 2 };

const figures = z.object({ shop: z.string(), stream: z.string(), kind: z.string(), runs: z.int(), requests: z.int() });

/** Whether something stands in the way of freshness at a moment, hours after the first sync. */
const isTrouble = (at: number): boolean =>
  (at > down.at - 1 && at < down.at + down.hours + 1) || faults.some((one) => at > one.at - 1 && at < one.at + 1);

/** How old the orders of a shop were when they were stored, seconds. */
interface Freshness {
  readonly orders: number;
  readonly mean: number;
  readonly p95: number;
  readonly most: number;
}

function freshnessOf(ages: readonly number[]): Freshness {
  const sorted = ages.toSorted((one, other) => one - other);
  const at = (part: number): number => Math.round(sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN);
  const mean = Math.round(sorted.reduce((sum, age) => sum + age, 0) / sorted.length);
  return { orders: sorted.length, mean, p95: at(0.95), most: at(1) };
}

/** Of orders that came in these days: from being placed to being stored, all of them and those out of trouble. */
function freshness({ rows }: World, storedAt: ReadonlyMap<string, number>, began: number) {
  const ages = rows(`select id, create_time as at from orders where create_time >= ${began}`).flatMap(({ id, at }) => {
    const stored = storedAt.get(String(id));
    const placed = Number(at);
    return stored === undefined ? [] : [{ age: stored - placed, isCalm: !isTrouble((placed - began) / hour) }];
  });
  const calm = ages.filter(({ isCalm }) => isCalm);
  return { all: freshnessOf(ages.map(({ age }) => age)), calm: freshnessOf(calm.map(({ age }) => age)) };
}

/** Lives three days of two shops through, and lets the copy come to rest. */
export async function threeDays(days: Days = {}) {
  const { isTroubled = true, streams = streamNames } = days;
  const opened = await openWorld(days);
  const { world, rows } = opened;
  const { a, b, sandbox, timers, now, pass } = world;
  const storedAt = new Map<string, number>();
  await timers.until(world.engine.start());
  await world.settled();
  const began = Math.floor(now());
  world.watch.stored = (id) => {
    if (!storedAt.has(id)) storedAt.set(id, now());
  };
  const moments: readonly { readonly at: number; readonly what: () => void | Promise<void> }[] = [
    ...faults.map(({ at, of }) => ({ at, what: () => sandbox.faults.add(of(a.id, b.id)) })),
    { at: damageAt, what: () => damage(opened) },
    { at: down.at, what: () => world.restart(down.hours * hour) },
  ].toSorted((one, other) => one.at - other.at);
  for (const { at, what } of isTroubled ? moments : []) {
    await pass(Math.max(0, began + at * hour - now()));
    await what();
  }
  await pass(began + lived * hour - now());
  const spent = rows(
    `select shop_id as shop, stream, kind, count(*) as runs, sum(requests) as requests from sync_runs
      where started_at >= ${began * 1000} group by 1, 2, 3 order by 1, 2, 3`,
  ).map((row) => figures.parse(row));

  sandbox.faults.clear();
  sandbox.freeze(true);
  await pass(hour);
  const sync = () => world.engine.request({ what: 'sync' }, {}, 'manual').then(({ ended }) => ended);
  await timers.until(sync());
  await world.settled();
  const unlike = sandbox.shops.flatMap((shop) =>
    differences({ rows: (text) => rows(text) }, shop).filter((line) => streams.some((one) => line.startsWith(one))),
  );
  const refused = Object.values(sandbox.requests.toJSON().paths).reduce((sum, { failed }) => sum + failed, 0);
  return { shops: sandbox.shops, rows, spent, unlike, refused, fresh: freshness(opened, storedAt, began) };
}

/** Requests of the whole three days of a stream and shop, or of one kind of its runs. */
export const requestsOf = (
  spent: readonly z.output<typeof figures>[],
  of: { readonly shop?: string; readonly stream: string; readonly kind?: string },
): number =>
  spent
    .filter(
      ({ shop, stream, kind }) => stream === of.stream && shop === (of.shop ?? shop) && kind === (of.kind ?? kind),
    )
    .reduce((sum, { requests }) => sum + requests, 0);
