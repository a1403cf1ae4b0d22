import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pino } from 'pino';
import { onTestFinished } from 'vitest';

import { Store } from '../../../daemon/store/store.ts';
import { orders } from '../../../daemon/streams/orders.ts';
import { Engine, type Remote } from '../../../daemon/sync/engine.ts';
import type { Run } from '../../../shared/run-views.ts';
import { taxonomyWorld } from '../tiktok/taxonomy-world.ts';
import { WireTimers } from '../tiktok/wire-timers.ts';
import { timed } from './timed.ts';

const policy = { settle: 60, overlap: 300 };
const day = 86_400;
/** An answer takes no time of this world; the engine is told that it does, so that it sends as many walkers as it would. */
const latencyMs = 300;

export interface QuotaOptions {
  readonly orders: number;
  /** Requests. */
  readonly perDay: number;
  /** Seconds between the ticks of the schedule. */
  readonly interval: number;
}

/** What was told at some moment (unix seconds) of the time left. */
interface Told {
  readonly at: number;
  readonly seconds: number;
}

/**
 * Days of a shop that lives, within seconds: the real engine, account and budget over HTTP, in a time that passes only
 * while nothing is on the wire and no page is being stored.
 */
export async function quotaWorld({ orders: count, perDay, interval }: QuotaOptions) {
  const timers = new WireTimers();
  const sentByDay = new Map<string, number>();
  const world = await taxonomyWorld({
    timers,
    requestsPerDay: perDay,
    requestsPerSecond: 10,
    sandbox: { orders: count, days: 400, frozen: false, accessTtl: 30 * day },
    onAttempt: (_, shop) => {
      if (shop !== undefined) timers.answered();
    },
  });
  const { account, sandbox } = world;
  const today = (): string => new Date(world.now() * 1000).toISOString().slice(0, 10);
  const folder = mkdtempSync(join(tmpdir(), 'quota-'));
  const now = () => Math.floor(world.now() * 1000);
  const store = await Store.open({ path: join(folder, 'shopsync.db'), keepPayload: false, now });
  const remote: Remote = {
    serverClock: account.serverClock,
    shops: (signal) => account.shops(signal),
    api: (shop) => {
      const api = account.api(shop);
      return {
        ...api,
        pace: (path) => ({ ...api.pace(path), latencyMs }),
        call: (request, options) => {
          const onAttempt = () => {
            timers.sent();
            sentByDay.set(today(), (sentByDay.get(today()) ?? 0) + 1);
            options.onAttempt?.();
          };
          return api.call(request, { ...options, onAttempt });
        },
      };
    },
  };
  const runs: Run[] = [];
  const backfill = Promise.withResolvers<{ readonly run: Run; readonly at: number }>();
  const engine = new Engine({
    account: remote,
    store,
    streams: [timed(orders, timers)],
    policy,
    now,
    monotonic: timers.now,
    random: () => 0.5,
    since: Math.floor(world.now()) - 500 * day,
    concurrency: 8,
    setTimer: (work, ms) => timers.after(ms, work),
    log: pino({ level: 'silent' }),
    watch: {
      run: (run) => {
        if (run.state === 'running') return;
        runs.push(run);
        if (run.kind === 'full') backfill.resolve({ run, at: world.now() });
        void look();
      },
      progress: () => note(),
    },
  });
  onTestFinished(async () => {
    await engine.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Orders placed and not stored yet, with when. */
  const waiting = new Map<string, number>();
  /** Seconds from placing to storing, the longest of each day. */
  const delays = new Map<string, number>();
  const told: Told[] = [];
  /** Takes down what is told of the time left, every 10 s at most. */
  const note = (): void => {
    const progress = engine.units[0]?.sync.progress;
    if (progress?.kind !== 'full' || progress.etaSeconds === null) return;
    if (world.now() - (told.at(-1)?.at ?? 0) >= 10) told.push({ at: world.now(), seconds: progress.etaSeconds });
  };
  const look = async (): Promise<void> => {
    const [on, at, ids] = [today(), world.now(), [...waiting.keys()]];
    if (ids.length === 0) return;
    const rows = await store.query((db) => db.selectFrom('orders').select('id').where('id', 'in', ids).execute());
    for (const { id } of rows) {
      delays.set(on, Math.max(delays.get(on) ?? 0, at - (waiting.get(id) ?? at)));
      waiting.delete(id);
    }
  };
  const tick = (): void => {
    timers.after(interval * 1000, tick);
    note();
    for (const { sync } of engine.units) sync.tick();
    // Just missed by the run that begins here: it has to wait for the next one.
    timers.after(10_000, () => waiting.set(sandbox.world.place({ still: true }), world.now()));
  };
  const pass = (seconds: number): Promise<void> =>
    timers.until(new Promise((resolve) => void timers.after(seconds * 1000, resolve)));
  /** Starts the daemon's work and its schedule; off the hour, so that a day does not begin with a tick. */
  const start = async (): Promise<void> => {
    await timers.until(engine.start());
    timers.after((interval * 1000) / 2, tick);
  };
  return { ...world, timers, engine, runs, backfill: backfill.promise, start, pass, waiting, delays, told, sentByDay };
}

/** What T23 asks of a backfill that a daily quota spreads over days, and of live work beside it. */
export async function backfillByQuota(options: QuotaOptions) {
  const world = await quotaWorld(options);
  const { timers, engine, now } = world;
  const began = now();
  await world.start();
  const estimate = await timers.until(engine.estimate({}, undefined));
  const { run, at } = await timers.until(world.backfill);
  // Live work goes on when history is done; the day is the last whole one that is watched.
  await world.pass(day);
  const end = now();
  // What is told in the last seconds is off by whole parts of them.
  const told = world.told.filter((one) => at - one.at > 20);
  const off = (seconds: number, from: number): number => Math.abs((from + seconds - at) / (at - from));
  return {
    run,
    estimate,
    /** From start to end of the backfill, seconds. */
    took: at - began,
    /** How far the estimates made in advance were off, as a part of the time that was left. */
    estimateOff: off(estimate.seconds, began),
    etasTold: told.length,
    etaOff: Math.max(...told.map((one) => off(one.seconds, one.at))),
    delays: Object.fromEntries(world.delays),
    /** Orders that are not stored though two intervals have passed. */
    lost: [...world.waiting.values()].filter((placed) => placed < end - 2 * options.interval).length,
    sentByDay: Object.fromEntries(world.sentByDay),
    failed: world.runs.filter(({ state }) => state !== 'succeeded'),
  };
}
