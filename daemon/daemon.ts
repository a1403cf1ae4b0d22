import { randomUUID } from 'node:crypto';

import { createAsked } from './asked.ts';
import { authorize } from './authorize.ts';
import { createBus } from './bus.ts';
import type { Config } from './config/load.ts';
import { Counters } from './counters.ts';
import type { RootLog } from './log.ts';
import { metricsText } from './metrics.ts';
import { Pause } from './pause.ts';
import { createPublisher } from './publish.ts';
import { type Doors, type DoorsOptions, openDoors } from './rpc/doors.ts';
import { createHandlers } from './rpc/handlers.ts';
import { Journal } from './rpc/journal.ts';
import { ScheduleSettings } from './schedule/settings.ts';
import { StatusView } from './status.ts';
import { Backups } from './store/backup.ts';
import { startCheckpoints } from './store/checkpoints.ts';
import { loadBudgets, saveBudgets } from './store/learned.ts';
import { lastAsked } from './store/pending.ts';
import { Store } from './store/store.ts';
import { streams as allStreams } from './streams/all.ts';
import { Engine } from './sync/engine.ts';
import { openAccount } from './tiktok/account.ts';

export interface DaemonOptions {
  readonly config: Config;
  readonly version: string;
  /** Path of control.sock; observe.sock lies beside it. */
  readonly socket: string;
  readonly groups?: DoorsOptions['groups'];
  readonly inherited?: DoorsOptions['inherited'];
  readonly stateDir: string;
  readonly appKey: string;
  readonly secret: string;
  readonly tokens: { readonly accessToken?: string | undefined; readonly refreshToken?: string | undefined };
  readonly log: RootLog;
  /** Somebody asked by the socket that the daemon stop, see Daemon.stop. Default: it does. */
  readonly requestStop?: (drainMs: number) => void;
}

export interface Daemon {
  /**
   * Stops runs at the edge of a page, answers what is pending, and leaves nothing open. Requests that are not answered
   * after `drainMs` milliseconds (default 0) are answered `shutting_down`. Called again it only shortens that time.
   */
  stop(options?: { readonly drainMs?: number }): Promise<void>;
}

/** What was learned of the budget is kept at least this often, in milliseconds. */
const keepBudgetsMs = 10_000;
const graceMs = 2000;
/** Lines of the log that wait for a subscriber who reads slowly; the next ones take the place of the oldest. */
const heldLogLines = 500;

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

  const { path, keepPayload } = config.store;
  const store = await Store.open({ path, keepPayload, now, checkpointsElsewhere: true });
  const checkpoints = startCheckpoints(path, {
    hold: () => store.holdWrites(),
    onError: (reason) =>
      log.room('store').warn({ reason }, 'the write-ahead log could not be written into the database'),
  });
  if (store.takenOver.length > 0)
    room.info(
      { tables: store.takenOver },
      'took over a database of the older dashboard; its tables are kept under new names',
    );

  const counters = new Counters();
  const pause = await Pause.load(store, now);
  const configured = config.schedule;
  const settings = await ScheduleSettings.load({ store, configured, now, log: room });
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
    onAttempt: (attempt, shop) => counters.attempt(attempt, shop),
    warn: (message) => log.room('tiktok').warn(message),
  });

  const streams = allStreams.filter(({ name }) => config.sync.streams.includes(name));
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
    recheck: config.sync.recheckMs === null ? null : config.sync.recheckMs / 1000,
    concurrency: config.api.concurrency,
    schedule: settings,
    requestsPerDay: config.api.requestsPerDay,
    monotonic: () => performance.now(),
    random: Math.random,
    log: log.room('sync'),
    isPaused: () => pause.since !== null,
    isWanted: (shop) => config.api.shops.length === 0 || config.api.shops.includes(shop),
    watch: {
      run: (run) => {
        counters.run(run);
        publisher.run(run);
      },
      progress: (shop, stream) => publisher.progress(shop, stream),
    },
  });
  const view = new StatusView({
    identity,
    store,
    engine,
    account,
    policy,
    dailyQuota: config.api.requestsPerDay,
    pause,
    settings,
  });
  const publisher = createPublisher({ bus, view, log: room, setTimer });

  const rpcLog = log.room('rpc');
  const serverNow = () => account.serverClock.now();
  // A client may come before the last of the doors is open.
  let opened: Doors | undefined;
  const handlers = createHandlers({
    version,
    instanceId: identity.instanceId,
    engine,
    store,
    view,
    serverNow,
    pause,
    settings,
    scheduleChanged: () => {
      for (const { shop, stream } of engine.units) publisher.progress(shop.id, stream.name);
    },
    log,
    backups: new Backups(store),
    authorize: (code) => authorize({ account, engine, log: log.room('tiktok') }, code),
    metrics: () =>
      metricsText({
        version,
        counters,
        status: () => view.status(),
        runs: () =>
          engine.units.flatMap(({ shop, stream, sync }) =>
            sync.activeRuns.map(({ kind }) => ({ shop: shop.id, stream: stream.name, kind })),
          ),
        connections: () => opened?.connections ?? 0,
        startedAt: performance.timeOrigin / 1000,
      }),
    requestStop: (drainMs) => {
      if (options.requestStop === undefined) void stop({ drainMs });
      else options.requestStop(drainMs);
    },
  });
  const doors = await openDoors({
    path: options.socket,
    groups: options.groups ?? {},
    inherited: options.inherited ?? {},
    handlers,
    version,
    onInternalError: (error, method) => rpcLog.error({ err: error, method }, 'a method failed unexpectedly'),
    subscriptions: {
      watch: bus.watch,
      journal: new Journal(bus.watch),
      snapshot: () => view.status(),
      now,
      schedule: setTimer,
    },
    onError: (error) => rpcLog.error({ err: error }, 'a socket failed'),
    onRestored: (path) => rpcLog.warn({ path }, 'a socket was removed by somebody, and is there again'),
  });
  opened = doors;
  room.info({ ...identity, socket: options.socket, store: store.path }, 'listening');
  log.ring.watch((line) => bus.publish({ topic: 'logs', key: String(line.line % heldLogLines), data: line }));

  const keepBudgets = (): Promise<void> => store.change(saveBudgets, account.saved());
  const keeper = setInterval(() => {
    keepBudgets().catch((error: unknown) => room.warn({ err: error }, 'the budget could not be kept'));
  }, keepBudgetsMs);
  keeper.unref();

  const started = engine.start();
  started.catch((error: unknown) => room.error({ err: error }, 'the first run could not start'));

  const close = async (): Promise<void> => {
    clearInterval(keeper);
    doors.refuseWork();
    await engine.close();
    await publisher.stop();
    await started.catch(() => undefined);
    await closeDoors();
    await keepBudgets().catch((error: unknown) => room.warn({ err: error }, 'the budget could not be kept'));
    await account.close();
    await checkpoints.stop();
    await store.close();
    room.info('stopped');
  };
  let abandonAt = Infinity;
  let areDoorsClosing = false;
  let closing: Promise<void> | undefined;
  const closeDoors = (): Promise<void> => {
    areDoorsClosing = true;
    return doors.close({ graceMs: Math.max(0, abandonAt - performance.now()) + graceMs });
  };
  const stop: Daemon['stop'] = ({ drainMs = 0 } = {}) => {
    if (performance.now() + drainMs < abandonAt) {
      abandonAt = performance.now() + drainMs;
      if (drainMs === 0) doors.abandon();
      else setTimer(() => doors.abandon(), drainMs);
      if (areDoorsClosing) void closeDoors();
    }
    closing ??= close();
    return closing;
  };
  return { stop };
}
