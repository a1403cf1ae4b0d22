import { z } from 'zod';

import { audited, failure, run, runKind, runState, started } from './run-views.ts';

/** The shapes that leave the daemon. Times are ISO 8601 UTC, money is exact decimal text, units stand in names. */
const time = z.iso.datetime();
const count = z.int().nonnegative();

/** `seconds` is the time at the rate that the API grants at present; of a run that goes on, all is what is left. */
export const estimate = z.object({
  requests: count,
  seconds: z.number().nonnegative(),
  orders: count,
  records: count.describe('of all streams asked for, the orders among them'),
  goesOn: z
    .array(
      z.object({
        shop: z.string(),
        stream: z.string(),
        runId: z.string(),
        state: runState,
        at: time.describe('when it ended'),
        done: count.describe('records that it has read'),
        left: count.describe('records that are left'),
      }),
    )
    .optional()
    .describe('full runs of the last day that did not end: what they have read is not read again'),
  unknown: z
    .array(z.object({ shop: z.string(), stream: z.string(), message: z.string() }))
    .optional()
    .describe('streams that are not in these numbers, and why'),
});

export const resync = z.union([started, z.object({ estimate })]);

/** A run under way. `expected` is null until the API has told a total; `done` never falls and never passes it. */
export const progress = z.object({
  runId: z.string(),
  kind: runKind,
  done: count,
  expected: count.nullable(),
  requests: count,
  perSecond: z.number().nonnegative(),
  etaSeconds: z.number().nonnegative().nullable(),
});

/** Rule 10, from the lowest: what is done about pages that fail, and about a state that cannot be true. */
export const rung = z.enum(['page', 'window', 'smaller_page', 'bisect', 'back_24h', 'back_7d', 'full']);

export const ladderStep = z.object({
  rung: rung.describe('what is done about it'),
  reason: z.string(),
  since: time,
});

export const streamStatus = z.object({
  shop: z.string(),
  stream: z.string(),
  lastSyncTime: time.nullable(),
  lastRecordTime: time.nullable(),
  recordsSynced: count.nullable(),
  isFullSync: z.boolean().nullable(),
  total: count,
  byStatus: z.record(z.string(), count).optional(),
  lagSeconds: z.number().nonnegative().nullable().describe('server time now, less the time the copy is fresh to'),
  completeSince: time.nullable().describe('from here to freshTo nothing is missing'),
  freshTo: time.nullable(),
  missing: z.array(z.object({ from: time, to: time })).describe('spans of update_time not read yet'),
  rejected: count.describe('records set aside because they could not be stored'),
  overlapSeconds: count.describe('how far before the watermark a run starts; late arrivals widen it'),
  oddities: z.record(z.string(), count).describe('what contradicts the assumptions, counted by name'),
  nextRunAt: time.nullable(),
  nextRunReason: z.string().nullable(),
  audit: audited
    .extend({ runId: z.string(), at: time.describe('when it ended') })
    .nullable()
    .describe('the last audit that came to its end'),
  ladder: ladderStep.nullable().describe('what is being done about pages that fail or a state that cannot be true'),
  run: progress.nullable(),
  lastError: failure.nullable(),
});

export const apiStatus = z.object({
  shop: z.string(),
  requestsPerSecond: z.number().nonnegative(),
  ceiling: z.number().positive(),
  usedToday: count,
  dailyQuota: count.nullable(),
  throttledUntil: time.nullable(),
  tokenExpiresAt: time.nullable(),
});

export const status = z.object({
  instanceId: z.string(),
  version: z.string(),
  pid: z.int(),
  startedAt: time,
  shops: z.array(z.object({ id: z.string(), name: z.string(), region: z.string() })),
  streams: z.array(streamStatus),
  api: z.array(apiStatus),
  problem: failure.nullable().describe('why the shops could not be read'),
  clock: z.object({
    aheadSeconds: z.int().nullable().describe('the machine’s clock less TikTok’s; null before the first answer'),
    ok: z.boolean().describe('false: so far off that the copy is older, or the schedule is'),
  }),
  paused: z.object({ since: time }).nullable().describe('since when no run starts by itself; null: they do'),
  store: z.object({
    path: z.string(),
    bytes: count,
    problem: z.string().nullable().describe('why what is stored now may be lost, and what to do'),
  }),
});

export const authorized = z.object({
  shops: status.shape.shops.describe('those that are followed'),
  accessTokenExpiresAt: time.nullable().describe('it is refreshed before; null: TikTok did not tell'),
  refreshTokenExpiresAt: time.nullable().describe('the end of the authorization; null: TikTok did not tell'),
  problem: failure.nullable().describe('why the shops cannot be followed although the code was good'),
});

export const hello = z.object({
  server: z.literal('shopsyncd'),
  version: z.string(),
  protocol: z.int(),
  instanceId: z.string(),
  capabilities: z.array(z.string()),
});

export const orderSort = z.enum([
  'createTime',
  '-createTime',
  'updateTime',
  '-updateTime',
  'totalAmount',
  '-totalAmount',
  'id',
  '-id',
]);

export const orderRow = z.object({
  shop: z.string(),
  id: z.string(),
  status: z.string(),
  createTime: time,
  updateTime: time,
  paidTime: time.nullable(),
  currency: z.string().nullable(),
  totalAmount: z.string().nullable(),
  itemCount: count,
});

export const orderDetail = orderRow.extend({
  firstSeenAt: time,
  changedAt: time,
  runId: z.string(),
  lineItems: z.array(
    z.object({
      id: z.string(),
      skuId: z.string().nullable(),
      productId: z.string().nullable(),
      productName: z.string().nullable(),
      sellerSku: z.string().nullable(),
      salePrice: z.string().nullable(),
      displayStatus: z.string().nullable(),
    }),
  ),
  events: z.array(z.object({ updateTime: time, status: z.string(), seenAt: time, runId: z.string() })),
  payload: z.unknown().optional(),
});

/** `covered`: the run that last read its span; `whole` when the span counts as covered, not only as read. */
export const orderWhy = z.object({
  verdict: z.enum(['stored', 'rejected', 'not_covered', 'not_at_remote', 'missed']),
  shop: z.string().nullable(),
  firstSeenAt: time.optional(),
  changedAt: time.optional(),
  runId: z.string().optional(),
  rejected: z.object({ reason: z.string(), runId: z.string(), seenAt: time }).optional(),
  events: orderDetail.shape.events,
  updateTime: time.nullable(),
  covered: z.object({ runId: z.string(), at: time, whole: z.boolean() }).nullable(),
});

export const check = z.object({ name: z.string(), ok: z.boolean(), detail: z.string() });

export const lineLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
export const logLevel = z.enum([...lineLevel.options, 'off']);

/** A line as it was logged, with whatever fields it has. `line` counts up from 1 since the start: a gap tells what is lost. */
export const logLine = z.looseObject({
  line: z.int().positive(),
  time,
  level: lineLevel,
  room: z.string().optional(),
  msg: z.string().optional(),
});

export const topic = z.enum(['runs', 'progress', 'counts', 'api', 'logs']);

/**
 * `data` by topic: `snapshot` status · `runs` a run · `progress` and `counts` a stream's status · `api` a shop's budget · `logs` a line.
 * The last of a subscription: `overflow` when the reader fell too far behind · `shutdown` when the daemon stops.
 */
export const event = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('snapshot'), seq: z.int(), at: time, data: status }),
  z.object({ topic: z.literal('runs'), seq: z.int(), at: time, data: run }),
  z.object({ topic: z.literal('progress'), seq: z.int(), at: time, data: streamStatus }),
  z.object({ topic: z.literal('counts'), seq: z.int(), at: time, data: streamStatus }),
  z.object({ topic: z.literal('api'), seq: z.int(), at: time, data: apiStatus }),
  z.object({ topic: z.literal('logs'), seq: z.int(), at: time, data: logLine }),
  z.object({ topic: z.literal('overflow'), seq: z.int(), at: time, data: z.object({ dropped: count }) }),
  z.object({ topic: z.literal('shutdown'), seq: z.int(), at: time, data: z.object({}) }),
]);

export type Estimate = z.infer<typeof estimate>;
export type Rung = z.infer<typeof rung>;
export type LadderStep = z.infer<typeof ladderStep>;
export type Progress = z.infer<typeof progress>;
export type StreamStatus = z.infer<typeof streamStatus>;
export type ApiStatus = z.infer<typeof apiStatus>;
export type Status = z.infer<typeof status>;
export type OrderRow = z.infer<typeof orderRow>;
export type OrderDetail = z.infer<typeof orderDetail>;
export type Check = z.infer<typeof check>;
export type LineLevel = z.infer<typeof lineLevel>;
export type LogLine = z.infer<typeof logLine>;
export type Topic = z.infer<typeof topic>;
export type Event = z.infer<typeof event>;
