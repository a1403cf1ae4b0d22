import { PROTOCOL, methods } from '../../shared/contract.ts';
import { AppError } from '../errors.ts';
import type { StatusView } from '../status.ts';
import { countOrders, getOrder, listOrders } from '../store/queries.ts';
import type { Store } from '../store/store.ts';
import type { Engine, Selection } from '../sync/engine.ts';
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
}

const selection = (params: {
  readonly stream?: string | string[] | undefined;
  readonly shop?: string | undefined;
}): Selection => ({
  streams: typeof params.stream === 'string' ? [params.stream] : params.stream,
  shop: params.shop,
});

/** What each method of the contract means. */
export function createHandlers<R>({
  version,
  instanceId,
  engine,
  store,
  view,
  serverNow,
}: HandlerOptions<R>): Handlers {
  return {
    hello: async () => ({
      server: 'shopsyncd',
      version,
      protocol: PROTOCOL,
      instanceId,
      capabilities: Object.keys(methods),
    }),
    sync: async (params) => {
      const { runs, ended } = await engine.request(askOf(params, serverNow()), selection(params), 'manual');
      if (params.wait) await ended;
      return { runs };
    },
    fullResync: async (params) => {
      if (params.dryRun) return { estimate: await engine.estimate(selection(params), params.since) };
      const ask = { what: 'resync', since: params.since } as const;
      const { runs, ended } = await engine.request(ask, selection(params), 'manual');
      if (params.wait) await ended;
      return { runs };
    },
    cancel: async ({ runId }) => ({ runs: await engine.cancel(runId) }),
    status: () => view.status(),
    history: async (params) => ({ runs: await store.history(params) }),
    'orders.list': (params) => store.query(listOrders, params),
    'orders.get': (params) => store.query(getOrder, params),
    'orders.why': (params) => explainOrder(store, engine, params),
    'orders.counts': (params) => store.query(countOrders, params),
    subscribe: async ({ topics }, connection) => ({ instanceId, seq: await connection.subscribe(topics) }),
    unsubscribe: async ({ topics }, connection) => ({ topics: [...connection.unsubscribe(topics)] }),
    health: () => view.health(),
    'rpc.discover': async () => discover(methods, version),
  };
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
