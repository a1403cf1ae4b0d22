import { PROTOCOL, methods } from '../../shared/contract.ts';
import type { daemonMethods } from '../../shared/methods-daemon.ts';
import type { Run } from '../../shared/views.ts';
import { AppError } from '../errors.ts';
import type { RootLog } from '../log.ts';
import type { Pause } from '../pause.ts';
import type { StatusView } from '../status.ts';
import type { Backups } from '../store/backup.ts';
import { countOrders, getOrder, listOrders } from '../store/queries.ts';
import type { Store } from '../store/store.ts';
import type { Engine, Selection } from '../sync/engine.ts';
import { shuttingDown } from '../sync/failures.ts';
import type { Ask } from '../sync/planner.ts';
import { explainOrder } from '../why.ts';
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
  /** The schedule was paused or resumed: those who watch want to know. */
  readonly scheduleChanged: () => void;
  readonly log: Pick<RootLog, 'level' | 'setLevel' | 'ring'>;
  readonly backups: Pick<Backups, 'write'>;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** Stops the daemon soon, what is pending within so many milliseconds; returns before anything has stopped. */
  readonly requestStop: (drainMs: number) => void;
}

const selection = (params: {
  readonly stream?: string | string[] | undefined;
  readonly shop?: string | undefined;
}): Selection => ({
  streams: typeof params.stream === 'string' ? [params.stream] : params.stream,
  shop: params.shop,
});

/** What each method of the contract means. */
export function createHandlers<R>(options: HandlerOptions<R>): Handlers {
  const { version, instanceId, engine, store, view, serverNow } = options;
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
      const { runs, ended } = await engine.request(askOf(params, serverNow()), selection(params), 'manual');
      if (params.wait) assertEnded(await ended);
      return { runs };
    },
    fullResync: async (params) => {
      if (params.dryRun) return { estimate: await engine.estimate(selection(params), params.since) };
      const ask = { what: 'resync', since: params.since } as const;
      const { runs, ended } = await engine.request(ask, selection(params), 'manual');
      if (params.wait) assertEnded(await ended);
      return { runs };
    },
    cancel: async ({ runId }) => ({ runs: await engine.cancel(runId) }),
    status: () => view.status(),
    history: async (params) => ({ runs: await store.history(params) }),
    'orders.list': (params) => store.query(listOrders, params),
    'orders.get': (params) => store.query(getOrder, params),
    'orders.why': (params) => explainOrder(store, engine, params),
    'orders.counts': (params) => store.query(countOrders, params),
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
  scheduleChanged,
  log,
  backups,
  metrics,
  requestStop,
}: HandlerOptions<R>): Pick<Handlers, keyof typeof daemonMethods> {
  return {
    'schedule.get': async () => view.schedule(),
    pause: async () => {
      await pause.begin();
      scheduleChanged();
      return view.pause();
    },
    resume: async () => {
      await pause.end();
      engine.catchUp();
      scheduleChanged();
      return view.pause();
    },
    health: () => view.health(),
    metrics: async () => ({ text: await metrics() }),
    logs: async ({ lines, level }) => ({ lines: log.ring.newest(lines, level) }),
    'log.setLevel': async ({ level }) => {
      const previous = log.level;
      log.setLevel(level);
      return { level, previous };
    },
    backup: ({ file }, { signal }) => backups.write(file, signal),
    shutdown: async ({ drainMs }) => {
      const active = engine.units.flatMap(({ sync }) => sync.activeRuns);
      const runs = await Promise.all(active.map(({ runId }) => store.run(runId)));
      requestStop(drainMs);
      return { stopping: true, runs: runs.filter((run) => run !== undefined) };
    },
    'rpc.discover': async () => discover(methods, version),
  };
}

/** @throws AppError `shutting_down` when the daemon stopped a run that somebody waits for. */
function assertEnded(runs: readonly Run[]): void {
  if (runs.some(({ state }) => state === 'interrupted')) throw shuttingDown();
}

/** @throws AppError `invalid_params` for a span that ends before it begins. */
function askOf(
  params: { readonly from?: number | undefined; readonly to?: number | undefined },
  serverNow: number,
): Ask {
  if (params.from === undefined && params.to === undefined) return { what: 'sync' };
  const span = { from: params.from ?? 0, to: params.to ?? Math.floor(serverNow) + 1 };
  if (span.from >= span.to)
    throw new AppError('usage', 'invalid_params', 'from: must lie before to', {
      hint: 'from is inclusive, to is exclusive',
    });
  return { what: 'span', span };
}
