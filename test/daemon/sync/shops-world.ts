import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pino } from 'pino';
import { onTestFinished } from 'vitest';

import type { ScheduleSource } from '../../../daemon/schedule/rules.ts';
import { StatusView } from '../../../daemon/status.ts';
import { Store } from '../../../daemon/store/store.ts';
import { streams as allStreams } from '../../../daemon/streams/all.ts';
import { Engine, type Remote } from '../../../daemon/sync/engine.ts';
import type { AccountOptions } from '../../../daemon/tiktok/account.ts';
import { sleep } from '../../../daemon/tiktok/timers.ts';
import type { Run } from '../../../shared/run-views.ts';
import type { SandboxOptions } from '../../sandbox/options.ts';
import { taxonomyWorld } from '../tiktok/taxonomy-world.ts';
import { WireTimers } from '../tiktok/wire-timers.ts';
import { timed } from './timed.ts';

const policy = { settle: 60, overlap: 300 };
const day = 86_400;

export interface ShopsOptions {
  readonly sandbox?: Partial<SandboxOptions>;
  readonly account?: Partial<AccountOptions>;
  /** Names of the streams that are synced; default: all. */
  readonly streams?: readonly string[];
  readonly isWanted?: (shop: string) => boolean;
  /** By what runs start by themselves; default: they do not. */
  readonly schedule?: ScheduleSource;
  /** How old open records are read again, seconds; default: none are. */
  readonly recheck?: number;
  /** 0 to 1; default: always the middle. */
  readonly random?: () => number;
}

/**
 * Several shops under one token, in a time that passes only while nothing is on the wire and no page is being stored: the
 * real engine, account and budgets over HTTP. The first shop of the sandbox is called A, the second B.
 */
export async function shopsWorld(options: ShopsOptions = {}) {
  const timers = new WireTimers();
  const world = await taxonomyWorld({
    timers,
    requestsPerSecond: 10,
    ...options.account,
    sandbox: { shops: 2, regions: ['GB'], orders: 200, accessTtl: 30 * day, products: 30, ...options.sandbox },
    onAttempt: (_, shop) => {
      if (shop !== undefined) timers.answered();
    },
  });
  const { account, sandbox } = world;
  const [a, b] = sandbox.shops;
  if (a === undefined || b === undefined) throw new Error('two shops are needed');
  const folder = mkdtempSync(join(tmpdir(), 'shops-'));
  const now = () => Math.floor(world.now() * 1000);
  const path = join(folder, 'shopsync.db');
  /** Milliseconds that every request of a shop takes. */
  const latency = new Map<string, number>();
  const remote: Remote = {
    serverClock: account.serverClock,
    shops: (signal) => account.shops(signal),
    api: (shop) => {
      const api = account.api(shop);
      return {
        get shop() {
          return api.shop;
        },
        pace: (path) => api.pace(path),
        call: async (request, call) => {
          await sleep(timers, latency.get(shop.id) ?? 0, call.signal);
          const onAttempt = () => {
            timers.sent();
            call.onAttempt?.();
          };
          return api.call(request, { ...call, onAttempt });
        },
      };
    },
  };
  const runs: Run[] = [];
  /** Called with each id that has just been stored. */
  const watch = { stored: (_id: string): void => undefined };
  /** A daemon on the database. */
  const open = async () => {
    const store = await Store.open({ path, keepPayload: true, now });
    holdTime(store, timers);
    const engine = new Engine({
      account: remote,
      store,
      streams: allStreams
        .filter(({ name }) => options.streams?.includes(name) ?? true)
        .map((stream) => timed(stream, timers, (id) => watch.stored(id))),
      policy,
      now,
      monotonic: timers.now,
      random: options.random ?? (() => 0.5),
      since: Math.floor(world.now()) - 100 * day,
      concurrency: 8,
      schedule: options.schedule,
      recheck: options.recheck ?? null,
      isWanted: options.isWanted,
      setTimer: (work, ms) => timers.after(ms, work),
      log: pino({ level: 'silent' }),
      watch: { run: (run) => void (run.state === 'running' || runs.push(run)), progress: () => undefined },
    });
    const identity = { instanceId: 'one', version: '0.0.0', startedAt: new Date(now()).toISOString() };
    const view = new StatusView({ identity, store, engine, account, policy, dailyQuota: null });
    return { store, engine, view };
  };
  let opened = await open();
  const close = async (): Promise<void> => {
    await opened.engine.close();
    await opened.store.close();
  };
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });

  const unit = (shop: string, stream: string) => {
    const found = opened.engine.units.find((one) => one.shop.id === shop && one.stream.name === stream);
    if (found === undefined) throw new Error(`no stream ${stream} of ${shop}`);
    return found;
  };
  const isBusy = (): boolean => opened.engine.units.some(({ sync }) => sync.activeRuns.length > 0);
  const pass = (seconds: number): Promise<void> =>
    timers.until(new Promise((resolve) => void timers.after(seconds * 1000, resolve)));
  /** Lets time pass, a second at a time, until no run is under way; of a shop that waits for ever it is never so. */
  const settled = async (): Promise<void> => {
    do await pass(1);
    while (isBusy());
  };
  /** Begins the work of a daemon and, every `seconds`, ticks of the schedule. */
  const start = async (seconds = 60): Promise<void> => {
    const tick = (): void => {
      timers.after(seconds * 1000, tick);
      for (const { sync } of opened.engine.units) sync.tick();
    };
    await timers.until(opened.engine.start());
    await settled();
    timers.after(seconds * 1000, tick);
  };
  /** The daemon ends, and `seconds` later there is another one, of which nothing is asked but to start. */
  const restart = async (seconds: number): Promise<void> => {
    await timers.until(close());
    await pass(seconds);
    opened = await open();
    await timers.until(opened.engine.start());
  };
  return {
    ...world,
    a,
    b,
    path,
    timers,
    latency,
    runs,
    watch,
    unit,
    pass,
    settled,
    start,
    restart,
    /** Of the daemon that lives. */
    get store() {
      return opened.store;
    },
    get engine() {
      return opened.engine;
    },
    get view() {
      return opened.view;
    },
  };
}

/** No time passes while the database is asked, nor in the turn of the event loop that a long scan leaves to others. */
function holdTime(store: Store, timers: WireTimers): void {
  const query = store.query.bind(store);
  store.query = async (question, ...args) => {
    timers.sent();
    try {
      return await query(question, ...args);
    } finally {
      setImmediate(() => setImmediate(timers.answered));
    }
  };
}
