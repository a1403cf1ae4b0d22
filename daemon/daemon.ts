import { randomUUID } from 'node:crypto';

import { methods } from '../shared/contract.ts';
import { createAsked } from './asked.ts';
import { createBus } from './bus.ts';
import type { Config } from './config/load.ts';
import type { RootLog } from './log.ts';
import { createPublisher } from './publish.ts';
import { createDispatcher } from './rpc/dispatch.ts';
import { createHandlers } from './rpc/handlers.ts';
import { listen } from './rpc/server.ts';
import { StatusView } from './status.ts';
import { loadBudgets, saveBudgets } from './store/learned.ts';
import { lastAsked } from './store/pending.ts';
import { Store } from './store/store.ts';
import { streams } from './streams/all.ts';
import { Engine } from './sync/engine.ts';
import { openAccount } from './tiktok/account.ts';

export interface DaemonOptions {
  readonly config: Config;
  readonly version: string;
  readonly socket: string;
  readonly stateDir: string;
  readonly appKey: string;
  readonly secret: string;
  readonly tokens: { readonly accessToken?: string | undefined; readonly refreshToken?: string | undefined };
  readonly log: RootLog;
}

export interface Daemon {
  /** Stops runs at the edge of a page, answers what is pending, and leaves nothing open. */
  stop(): Promise<void>;
}

/** What was learned of the budget is kept at least this often, in milliseconds. */
const keepBudgetsMs = 10_000;
const graceMs = 2000;

const setTimer = (work: () => void, ms: number): (() => void) => {
  const timer = setTimeout(work, ms);
  timer.unref();
  return () => clearTimeout(timer);
};

/** Opens everything in order, and starts what is missing. Throws AppError of class `store` or `configuration`. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, version, log } = options;
  const now = Date.now;
  const identity = { instanceId: randomUUID(), version, startedAt: new Date(now()).toISOString() };
  const room = log.room('daemon');

  const store = await Store.open({ path: config.store.path, keepPayload: config.store.keepPayload, now });
  if (store.takenOver.length > 0)
    room.info(
      { tables: store.takenOver },
      'took over a database of the older dashboard; its tables are kept under new names',
    );

  const account = await openAccount({
    baseUrl: config.api.baseUrl,
    authUrl: config.api.authUrl,
    appKey: options.appKey,
    secret: options.secret,
    tokens: options.tokens,
    shops: config.api.shops.length === 0 ? undefined : config.api.shops,
    requestsPerSecond: config.api.requestsPerSecondIsSet ? config.api.requestsPerSecond : undefined,
    requestsPerDay: config.api.requestsPerDay ?? undefined,
    concurrency: config.api.concurrency,
    timeoutMs: config.api.timeoutMs,
    stateDir: options.stateDir,
    saved: await store.query(loadBudgets),
    nextAsked: createAsked(await store.query(lastAsked), now),
    warn: (message) => log.room('tiktok').warn(message),
  });

  const policy = { settle: config.sync.settleMs / 1000, overlap: config.sync.overlapMs / 1000 };
  const bus = createBus({ now, onWatcherError: (error) => room.error({ err: error }, 'a watcher failed') });
  const engine = new Engine({
    account,
    store,
    streams,
    policy,
    now,
    setTimer,
    since: config.sync.since,
    concurrency: config.api.concurrency,
    timeZone: config.schedule.timeZone ?? undefined,
    pattern: (stream) => (stream === 'orders' ? config.schedule.orders : null),
    monotonic: () => performance.now(),
    random: Math.random,
    log: log.room('sync'),
    watch: {
      run: (run) => publisher.run(run),
      progress: (shop, stream) => publisher.progress(shop, stream),
    },
  });
  const view = new StatusView({
    identity,
    store,
    engine,
    account,
    policy,
    streams: streams.map((stream) => stream.name),
    dailyQuota: config.api.requestsPerDay,
  });
  const publisher = createPublisher({ bus, view, log: room, setTimer });

  const rpcLog = log.room('rpc');
  const serverNow = () => account.serverClock.now();
  const handlers = createHandlers({ version, instanceId: identity.instanceId, engine, store, view, serverNow });
  const server = await listen({
    path: options.socket,
    dispatcher: createDispatcher(methods, handlers, {
      onInternalError: (error, method) => rpcLog.error({ err: error, method }, 'a method failed unexpectedly'),
    }),
    subscriptions: { watch: bus.watch, snapshot: () => view.status(), now, schedule: setTimer },
    onError: (error) => rpcLog.error({ err: error }, 'the control socket failed'),
  });
  room.info({ ...identity, socket: options.socket, store: store.path }, 'listening');

  const keepBudgets = (): Promise<void> => store.change(saveBudgets, account.saved());
  const keeper = setInterval(() => {
    keepBudgets().catch((error: unknown) => room.warn({ err: error }, 'the budget could not be kept'));
  }, keepBudgetsMs);
  keeper.unref();

  const started = engine.start();
  started.catch((error: unknown) => room.error({ err: error }, 'the first run could not start'));

  return {
    stop: async () => {
      clearInterval(keeper);
      await engine.close();
      await publisher.stop();
      await started.catch(() => undefined);
      await server.close({ graceMs });
      await keepBudgets().catch((error: unknown) => room.warn({ err: error }, 'the budget could not be kept'));
      await account.close();
      await store.close();
      room.info('stopped');
    },
  };
}
