import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pino } from 'pino';
import { onTestFinished } from 'vitest';

import { StatusView } from '../../../daemon/status.ts';
import { Store } from '../../../daemon/store/store.ts';
import { streams as allStreams } from '../../../daemon/streams/all.ts';
import type { Stream } from '../../../daemon/streams/stream.ts';
import { Engine, type Remote } from '../../../daemon/sync/engine.ts';
import type { AccountOptions } from '../../../daemon/tiktok/account.ts';
import { sleep } from '../../../daemon/tiktok/timers.ts';
import type { Run } from '../../../shared/views.ts';
import type { SandboxOptions } from '../../sandbox/options.ts';
import { taxonomyWorld } from '../tiktok/taxonomy-world.ts';
import { WireTimers } from '../tiktok/wire-timers.ts';

const policy = { settle: 60, overlap: 300 };
const day = 86_400;

export interface ShopsOptions {
  readonly sandbox?: Partial<SandboxOptions>;
  readonly account?: Partial<AccountOptions>;
  /** Names of the streams that are synced; default: all. */
  readonly streams?: readonly string[];
  readonly isWanted?: (shop: string) => boolean;
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
  const store = await Store.open({ path: join(folder, 'shopsync.db'), keepPayload: true, now });
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
  const engine = new Engine({
    account: remote,
    store,
    streams: allStreams
      .filter(({ name }) => options.streams?.includes(name) ?? true)
      .map((stream) => timed(stream, timers, (id) => watch.stored(id))),
    policy,
    now,
    monotonic: timers.now,
    random: () => 0.5,
    since: Math.floor(world.now()) - 100 * day,
    concurrency: 8,
    timeZone: 'UTC',
    pattern: () => null,
    isWanted: options.isWanted,
    setTimer: (work, ms) => timers.after(ms, work),
    log: pino({ level: 'silent' }),
    watch: { run: (run) => void (run.state === 'running' || runs.push(run)), progress: () => undefined },
  });
  onTestFinished(async () => {
    await engine.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const identity = { instanceId: 'one', version: '0.0.0', startedAt: new Date(now()).toISOString() };
  const view = new StatusView({ identity, store, engine, account, policy, dailyQuota: null });
  const unit = (shop: string, stream: string) => {
    const found = engine.units.find((one) => one.shop.id === shop && one.stream.name === stream);
    if (found === undefined) throw new Error(`no stream ${stream} of ${shop}`);
    return found;
  };
  const isBusy = (): boolean => engine.units.some(({ sync }) => sync.activeRuns.length > 0);
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
      for (const { sync } of engine.units) sync.tick();
    };
    await timers.until(engine.start());
    await settled();
    timers.after(seconds * 1000, tick);
  };
  return { ...world, a, b, timers, latency, store, engine, view, runs, watch, unit, pass, settled, start };
}

/** Holds the time while a page is being stored, and tells what has been. */
function timed<R>(stream: Stream<R>, timers: WireTimers, stored: (id: string) => void): Stream<R> {
  return {
    ...stream,
    async *read(window, context) {
      for await (const page of stream.read(window, context)) {
        timers.sent();
        try {
          yield page;
        } finally {
          timers.answered();
        }
        for (const record of page.records) stored(stream.table.idOf(record));
      }
    },
  };
}
