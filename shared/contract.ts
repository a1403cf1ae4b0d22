import { z } from 'zod';

import * as view from './views.ts';

/** Raised whenever a client written for the previous number could be misled. A test pins the contract's hash to it. */
export const PROTOCOL = 1;

/**
 * One row of the method table: what is checked at the socket, typed on both sides and published by `rpc.discover`.
 * `reads` marks the methods that change nothing; params given by position come in the order of the schema's keys.
 */
const method = <P extends z.ZodObject, R extends z.ZodType>(row: {
  readonly summary: string;
  readonly reads: boolean;
  readonly params: P;
  readonly result: R;
}) => row;

/** An instant as clients may write it: integer unix seconds, or ISO 8601. Inside it is always unix seconds. */
const instant = z
  .union([z.int().nonnegative(), z.iso.datetime({ offset: true })])
  .transform((value) => (typeof value === 'number' ? value : Math.floor(Date.parse(value) / 1000)));

const streams = z.union([z.string(), z.array(z.string()).min(1)]).describe('a stream, or a list of them; default all');
const shop = z.string().describe('shop id; default all');
const limit = z.int().min(1).max(500).default(50);
const wait = z.boolean().default(false).describe('answer when the runs have ended instead of when they are accepted');

export const methods = {
  hello: method({
    summary: 'Who answers, and which protocol it speaks.',
    reads: true,
    params: z.strictObject({ client: z.string().max(200).optional(), protocol: z.int().optional() }),
    result: view.hello,
  }),
  sync: method({
    summary: 'Fetch what is new. With from/to, re-read that span of update_time and touch nothing else.',
    reads: false,
    params: z.strictObject({
      stream: streams.optional(),
      shop: shop.optional(),
      from: instant.optional(),
      to: instant.optional(),
      wait,
    }),
    result: view.started,
  }),
  fullResync: method({
    summary: 'Re-read everything since a date. With dryRun, only the estimate.',
    reads: false,
    params: z.strictObject({
      stream: streams.optional(),
      shop: shop.optional(),
      since: instant.optional(),
      dryRun: z.boolean().default(false),
      wait,
    }),
    result: view.resync,
  }),
  cancel: method({
    summary: 'Stop a run, or all of them, at the edge of a page. What was read stays.',
    reads: false,
    params: z.strictObject({ runId: z.string().optional() }),
    result: z.object({ runs: z.array(view.run) }),
  }),
  status: method({
    summary: 'Shops, streams, runs under way, API budget and store, in one answer.',
    reads: true,
    params: z.strictObject({}),
    result: view.status,
  }),
  history: method({
    summary: 'Past and present runs, newest first. Page with `before`, the runId of the last one seen.',
    reads: true,
    params: z.strictObject({
      stream: z.string().optional(),
      shop: shop.optional(),
      kind: view.runKind.optional(),
      state: view.runState.optional(),
      limit,
      before: z.string().optional(),
    }),
    result: z.object({ runs: z.array(view.run) }),
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
        .default({}),
      sort: view.orderSort.default('-updateTime'),
      limit,
      cursor: z.string().optional(),
    }),
    result: z.object({ orders: z.array(view.orderRow), nextCursor: z.string().nullable() }),
  }),
  'orders.get': method({
    summary: 'One order with its line items and every status that was seen.',
    reads: true,
    params: z.strictObject({ id: z.string().min(1), shop: shop.optional() }),
    result: view.orderDetail,
  }),
  'orders.counts': method({
    summary: 'How many orders are stored, in groups.',
    reads: true,
    params: z.strictObject({ groupBy: z.enum(['status', 'shop', 'day']).default('status'), shop: shop.optional() }),
    result: z.object({ total: z.int(), groups: z.array(z.object({ key: z.string(), count: z.int() })) }),
  }),
  'orders.why': method({
    summary: 'Why an order is, or is not, in the store. What is not there is asked for by id.',
    reads: true,
    params: z.strictObject({ id: z.string().min(1), shop: shop.optional() }),
    result: view.orderWhy,
  }),
  subscribe: method({
    summary: 'Receive `event` notifications; the first is a snapshot of everything asked for.',
    reads: true,
    params: z.strictObject({ topics: z.array(view.topic).min(1).default(['runs', 'progress', 'counts', 'api']) }),
    result: z.object({ instanceId: z.string(), seq: z.int() }),
  }),
  unsubscribe: method({
    summary: 'Stop receiving events, of some topics or of all.',
    reads: true,
    params: z.strictObject({ topics: z.array(view.topic).min(1).optional() }),
    result: z.object({ topics: z.array(view.topic) }),
  }),
  health: method({
    summary: 'Whether the daemon does its work, check by check.',
    reads: true,
    params: z.strictObject({}),
    result: z.object({ ok: z.boolean(), checks: z.array(view.check) }),
  }),
  'rpc.discover': method({
    summary: 'This table as an OpenRPC document.',
    reads: true,
    params: z.strictObject({}),
    result: z.looseObject({ openrpc: z.string() }),
  }),
} as const;

export type Method = keyof typeof methods;
/** Params as a client writes them. */
export type Params<M extends Method> = z.input<(typeof methods)[M]['params']>;
/** Params as a handler receives them: checked, defaults filled, instants in unix seconds. */
export type Checked<M extends Method> = z.output<(typeof methods)[M]['params']>;
export type Result<M extends Method> = z.output<(typeof methods)[M]['result']>;
