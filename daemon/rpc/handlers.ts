import { PROTOCOL, type Result, methods } from '../../shared/contract.ts';
import type { daemonMethods } from '../../shared/methods-daemon.ts';
import { type Run, type Started } from '../../shared/run-views.ts';
import { logLevel } from '../../shared/views.ts';
import type { RootLog } from '../log.ts';
import { assertKnownRun, assertKnownStatuses, assertStreams, statusesToRead, withShopId } from '../names.ts';
import type { Pause } from '../pause.ts';
import type { ScheduleSettings } from '../schedule/settings.ts';
import type { StatusView } from '../status.ts';
import type { Backups } from '../store/backup.ts';
import { countOrders, getOrder, listOrders } from '../store/queries.ts';
import type { Store } from '../store/store.ts';
import type { StartedRun } from '../sync/active-runs.ts';
import type { Engine, Selection } from '../sync/engine.ts';
import { shuttingDown } from '../sync/failures.ts';
import { explainOrder } from '../why.ts';
import { askOf, assertPast, assertRange } from './asks.ts';
import { discover } from './discover.ts';
import type { Handlers } from './dispatch.ts';

export interface HandlerOptions<R> {
  readonly version: string;
  readonly instanceId: string;
  readonly engine: Engine<R>;
  readonly store: Store;
  readonly view: StatusView<R>;
  /** Server time, unix seconds. */
  readonly serverNow: () => number;
  readonly pause: Pause;
  readonly settings: Pick<ScheduleSettings, 'change'>;
  /** The schedule was paused, resumed or changed: those who watch want to know. */
  readonly scheduleChanged: () => void;
  readonly log: Pick<RootLog, 'level' | 'setLevel' | 'ring' | 'room'>;
  readonly backups: Pick<Backups, 'write'>;
  /** Trades the code of a consent for tokens, and goes on with them. */
  readonly authorize: (code: string) => Promise<Result<'auth.exchange'>>;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** Stops the daemon soon, what is pending within so many milliseconds; returns before anything has stopped. */
  readonly requestStop: (drainMs: number) => void;
}

const levels = logLevel.options;

const selection = (params: {
  readonly stream?: string | string[] | undefined;
  readonly shop?: string | undefined;
}): Selection => ({
  streams: typeof params.stream === 'string' ? [params.stream] : params.stream,
  shop: params.shop,
});

/** What each method of the contract means. */
export function createHandlers<R>(options: HandlerOptions<R>): Handlers {
  const { version, instanceId, engine, store, view, serverNow, log } = options;
  return {
    ...daemonHandlers(options),
    hello: async () => ({
      server: 'shopsyncd',
      version,
      protocol: PROTOCOL,
      instanceId,
      capabilities: Object.keys(methods),
    }),
    sync: async (params) => {
      const statuses = await statusesToRead(store, engine.streams, params.statuses);
      const ask = askOf({ ...params, statuses }, serverNow(), engine.since);
      const { runs, ended } = await engine.request(ask, selection(params), 'manual');
      return { runs: params.wait ? withEnds(runs, await ended) : runs };
    },
    fullResync: async (params) => {
      assertPast(params.since, serverNow());
      if (params.dryRun) return { estimate: await engine.estimate(selection(params), params) };
      const ask = { what: 'resync', since: params.since, anew: params.anew } as const;
      const { runs, ended } = await engine.request(ask, selection(params), 'manual');
      return { runs: params.wait ? withEnds(runs, await ended) : runs };
    },
    audit: async (params) => {
      const ask = { what: 'audit', repair: params.repair } as const;
      const { runs, ended } = await engine.request(ask, selection(params), 'manual');
      return { runs: params.wait ? withEnds(runs, await ended) : runs };
    },
    cancel: async ({ runId }) => {
      const runs = await engine.cancel(runId);
      log.room('rpc').info({ runs: runs.map((run) => run.runId) }, 'cancelled by a client');
      return { runs };
    },
    status: () => view.status(),
    history: async (params) => {
      if (params.stream !== undefined) assertStreams([params.stream], engine.streamNames);
      const asked = await withShopId(store, params);
      await assertKnownRun(store, params.before);
      return { runs: await store.history(asked) };
    },
    'orders.list': async (params) => {
      const { createdFrom, createdTo, updatedFrom, updatedTo } = params.filter;
      assertRange('filter.created', createdFrom, createdTo);
      assertRange('filter.updated', updatedFrom, updatedTo);
      const filter = await withShopId(store, params.filter);
      await assertKnownStatuses(store, params.filter.status);
      return store.query(listOrders, { ...params, filter });
    },
    'orders.get': async (params) => store.query(getOrder, await withShopId(store, params)),
    'orders.why': async (params) => explainOrder(store, engine, await withShopId(store, params)),
    'orders.counts': async (params) => store.query(countOrders, await withShopId(store, params)),
    subscribe: async ({ topics, since }, connection) => {
      const after = since?.instanceId === instanceId ? since.seq : undefined;
      return { instanceId, seq: await connection.subscribe(topics, after) };
    },
    unsubscribe: async ({ topics }, connection) => ({ topics: [...connection.unsubscribe(topics)] }),
  };
}

/** Those that steer and watch the daemon itself. */
function daemonHandlers<R>({
  version,
  engine,
  store,
  view,
  pause,
  settings,
  scheduleChanged,
  log,
  backups,
  authorize,
  metrics,
  requestStop,
}: HandlerOptions<R>): Pick<Handlers, keyof typeof daemonMethods> {
  const told = log.room('rpc');
  return {
    'schedule.get': async () => view.schedule(),
    'schedule.set': async (changes) => {
      await settings.change(changes);
      const set = Object.entries(changes).map(([rule, value]) => [rule, value ?? 'as configured']);
      told.info({ changes: Object.fromEntries(set) }, 'the schedule was changed by a client');
      engine.rescheduled();
      scheduleChanged();
      return view.schedule();
    },
    pause: async () => {
      await pause.begin();
      told.info('paused by a client');
      scheduleChanged();
      return view.pause();
    },
    resume: async () => {
      await pause.end();
      told.info('resumed by a client');
      engine.catchUp();
      scheduleChanged();
      return view.pause();
    },
    health: () => view.health(),
    metrics: async () => ({ text: await metrics() }),
    logs: async ({ lines, level }) => ({ lines: log.ring.newest(lines, level) }),
    'log.setLevel': async ({ level }) => {
      const previous = log.level;
      const words = 'the log level was set by a client';
      // Whichever of the two levels shows it.
      const isShown = levels.indexOf(previous) <= levels.indexOf('info');
      if (isShown) told.info({ from: previous, to: level }, words);
      log.setLevel(level);
      if (!isShown) told.info({ from: previous, to: level }, words);
      return { level, previous };
    },
    backup: async ({ file }, { signal }) => {
      told.info({ file }, 'a backup was begun by a client');
      try {
        const backup = await backups.write(file, signal);
        told.info({ ...backup }, 'the backup is whole');
        return backup;
      } catch (error) {
        told.warn({ file, err: error }, 'the backup failed');
        throw error;
      }
    },
    'auth.exchange': ({ code }) => authorize(code),
    shutdown: async ({ drainMs }) => {
      const active = engine.units.flatMap(({ sync }) => sync.activeRuns);
      const runs = await Promise.all(active.map(({ runId }) => store.run(runId)));
      told.info({ drainMs }, 'shut down by a client');
      requestStop(drainMs);
      return { stopping: true, runs: runs.filter((run) => run !== undefined) };
    },
    'rpc.discover': async () => discover(methods, version),
  };
}

/** What was begun, and how it ended. @throws AppError `shutting_down` when the daemon stopped one of the runs. */
function withEnds(begun: readonly StartedRun[], ended: readonly Run[]): Started['runs'] {
  if (ended.some(({ state }) => state === 'interrupted')) throw shuttingDown();
  return begun.map((one, index) => {
    const run = ended[index];
    if (run === undefined) return one;
    const { state, seen, inserted, updated, audit, error } = run;
    return {
      ...one,
      state,
      seen,
      inserted,
      updated,
      ...(audit !== undefined && { audit }),
      ...(error !== undefined && { error }),
    };
  });
}
