import { z } from 'zod';

import { instant, method, nothing, shop, streams, wait } from './method-row.ts';
import { daemonMethods } from './methods-daemon.ts';
import * as runs from './run-views.ts';
import * as view from './views.ts';

// In a file of its own, so that the client reads the number without loading the schemas.
export { PROTOCOL } from './protocol.ts';

const limit = z.int().min(1).max(500).default(50).describe('how many at most');

const orderId = z.string().min(1).describe('order id');

/** Why a call that needs the API or starts runs may be refused. */
const runErrors = ['unknown_stream', 'unknown_shop', 'not_authorized', 'api', 'store', 'shutting_down'] as const;

export const methods = {
  hello: method({
    summary: 'Who answers, and which protocol it speaks.',
    reads: true,
    params: z.strictObject({
      client: z.string().max(200).optional().describe('name and version of the client'),
      protocol: z.int().optional().describe('the number that the client was written for'),
    }),
    result: view.hello,
    errors: [],
  }),
  sync: method({
    summary:
      'Fetch what is new. With from/to, re-read that span of update_time; with statuses, only the orders that have one ' +
      'of them. Both touch nothing else.',
    reads: false,
    params: z.strictObject({
      stream: streams.optional(),
      shop: shop.optional(),
      statuses: z
        .union([z.string(), z.array(z.string()).min(1)])
        .optional()
        .describe('statuses of orders; `open` names every one but COMPLETED and CANCELLED'),
      from: instant
        .optional()
        .describe('inclusive: unix seconds or ISO 8601; default `sync.since` of the configuration'),
      to: instant.optional().describe('exclusive: unix seconds or ISO 8601; default now'),
      wait,
    }),
    result: runs.started,
    errors: [...runErrors, 'busy'],
  }),
  fullResync: method({
    summary: 'Re-read everything since a date. With dryRun, only the estimate.',
    reads: false,
    params: z.strictObject({
      stream: streams.optional(),
      shop: shop.optional(),
      since: instant.optional().describe('unix seconds or ISO 8601; default `sync.since` of the configuration'),
      dryRun: z.boolean().default(false).describe('only tell what it would cost'),
      wait,
      anew: z.boolean().default(false).describe('read again also what a full resync has read that did not end'),
    }),
    result: view.resync,
    errors: [...runErrors, 'busy'],
  }),
  audit: method({
    summary:
      'Prove that nothing is missing and nothing is stale: what the API counts against what is stored, and what differs ' +
      'is read again.',
    reads: false,
    params: z.strictObject({
      stream: streams.optional(),
      shop: shop.optional(),
      repair: z.boolean().default(true).describe('store what was found; false: only tell'),
      wait,
    }),
    result: runs.started,
    errors: [...runErrors, 'busy'],
  }),
  cancel: method({
    summary: 'Stop a run, or all of them, at the edge of a page. What was read stays.',
    reads: false,
    params: z.strictObject({ runId: z.string().optional().describe('default all that are under way') }),
    result: z.object({ runs: z.array(runs.run) }),
    errors: ['unknown_run'],
  }),
  status: method({
    summary: 'Shops, streams, runs under way, API budget and store, in one answer.',
    reads: true,
    params: nothing,
    result: view.status,
    errors: ['store'],
  }),
  history: method({
    summary: 'Past and present runs, newest first. Page with `before`, the runId of the last one seen.',
    reads: true,
    params: z.strictObject({
      stream: z.string().optional().describe('default all'),
      shop: shop.optional(),
      kind: runs.runKind.optional().describe('default all'),
      state: runs.runState.optional().describe('default all'),
      limit,
      before: z.string().optional().describe('a runId: only runs that began before it'),
    }),
    result: z.object({ runs: z.array(runs.run) }),
    errors: ['unknown_stream', 'unknown_shop', 'unknown_run', 'store'],
  }),
  'orders.list': method({
    summary: 'Orders as stored, filtered, sorted, by pages.',
    reads: true,
    params: z.strictObject({
      filter: z
        .strictObject({
          shop: shop.optional(),
          status: z.array(z.string()).min(1).optional(),
          createdFrom: instant.optional(),
          createdTo: instant.optional(),
          updatedFrom: instant.optional(),
          updatedTo: instant.optional(),
          query: z.string().min(1).max(200).optional().describe('part of an order id, or of a product name'),
        })
        .default({})
        .describe('all that are given have to hold'),
      sort: view.orderSort.default('-updateTime').describe('`-` before it descends'),
      limit,
      cursor: z.string().optional().describe('`nextCursor` of the page before, with the same filter and sort'),
    }),
    result: z.object({ orders: z.array(view.orderRow), nextCursor: z.string().nullable() }),
    errors: ['unknown_shop', 'store'],
  }),
  'orders.get': method({
    summary: 'One order with its line items and every status that was seen.',
    reads: true,
    params: z.strictObject({ id: orderId, shop: shop.optional() }),
    result: view.orderDetail,
    errors: ['unknown_order', 'unknown_shop', 'store'],
  }),
  'orders.counts': method({
    summary: 'How many orders are stored, in groups.',
    reads: true,
    params: z.strictObject({
      groupBy: z.enum(['status', 'shop', 'day']).default('status').describe('`day` is the UTC day of creation'),
      shop: shop.optional(),
    }),
    result: z.object({ total: z.int(), groups: z.array(z.object({ key: z.string(), count: z.int() })) }),
    errors: ['unknown_shop', 'store'],
  }),
  'orders.why': method({
    summary: 'Why an order is, or is not, in the store. What is not there is asked for by id.',
    reads: true,
    params: z.strictObject({ id: orderId, shop: shop.optional() }),
    result: view.orderWhy,
    errors: ['unknown_shop', 'limit', 'not_authorized', 'api', 'store', 'shutting_down'],
  }),
  subscribe: method({
    summary: 'Receive `event` notifications; the first is a snapshot of everything asked for.',
    reads: true,
    params: z.strictObject({
      topics: z.array(view.topic).min(1).default(['runs', 'progress', 'counts', 'api']).describe('what to hear of'),
      since: z
        .strictObject({ instanceId: z.string(), seq: z.int().nonnegative() })
        .optional()
        .describe('the last event seen before the connection was lost'),
    }),
    result: z.object({ instanceId: z.string(), seq: z.int() }),
    errors: ['store'],
  }),
  unsubscribe: method({
    summary: 'Stop receiving events, of some topics or of all.',
    reads: true,
    params: z.strictObject({ topics: z.array(view.topic).min(1).optional().describe('default all') }),
    result: z.object({ topics: z.array(view.topic) }),
    errors: [],
  }),
  ...daemonMethods,
} as const;

export type Method = keyof typeof methods;
/** Params as a client writes them. */
export type Params<M extends Method> = z.input<(typeof methods)[M]['params']>;
/** Params as a handler receives them: checked, defaults filled, instants in unix seconds. */
export type Checked<M extends Method> = z.output<(typeof methods)[M]['params']>;
export type Result<M extends Method> = z.output<(typeof methods)[M]['result']>;
