import { methods } from '../../shared/contract.ts';
import { orderDetail } from '../../shared/views.ts';
import { discover } from './discover.ts';
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
  type Handlers,
  type MethodTable,
} from './dispatch.ts';
import { wireError } from './errors.ts';
import type { Call, Refusal } from './message.ts';

/** What the API told of an order, its buyer included, stays behind the control socket. */
const shownOrder = orderDetail.omit({ payload: true });

/** What can be called on observe.sock, with the results as they are there: every method that only reads. */
export const observed: MethodTable = {
  ...Object.fromEntries(Object.entries(methods).filter(([, row]) => row.reads)),
  'orders.get': { ...methods['orders.get'], result: shownOrder },
};

const writing = new Set(Object.keys(methods).filter((name) => !Object.hasOwn(observed, name)));

const readOnly = (method: string): Refusal['error'] =>
  wireError('read_only', `${method} changes something, and observe.sock is for reading`, {
    hint: 'call it on control.sock in the same folder; the group that owns that socket may open it',
  });

/** Writing calls become refusals; as notifications they are dropped, since nothing is answered to those. */
const admitted = (item: Call | Refusal): readonly (Call | Refusal)[] => {
  if (item.kind === 'refusal' || !writing.has(item.method)) return [item];
  return item.id === undefined ? [] : [{ kind: 'refusal', id: item.id, error: readOnly(item.method) }];
};

/**
 * The dispatcher of observe.sock: the same methods and handlers as on control.sock, less those that change something
 * (answered `read_only`), payloads and personal fields.
 */
export const createObserver = (handlers: Handlers, version: string, options: DispatcherOptions): Dispatcher => {
  const dispatcher = createDispatcher(
    methods,
    {
      ...handlers,
      hello: async (params, connection) => ({
        ...(await handlers.hello(params, connection)),
        capabilities: Object.keys(observed),
      }),
      'orders.get': async (params, connection) => shownOrder.parse(await handlers['orders.get'](params, connection)),
      'rpc.discover': async () => discover(observed, version),
    },
    options,
  );
  return {
    answer: ({ isBatch, items }, connection) =>
      dispatcher.answer({ isBatch, items: items.flatMap(admitted) }, connection),
  };
};
