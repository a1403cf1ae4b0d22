import type { Method, Params, Result } from './contract.ts';
import type { Audited, Run } from './run-views.ts';
import type { Schedules } from './schedule-views.ts';
import type { Status, StreamStatus } from './views.ts';

/** A call of each method with what comes back, for documents and help. A test holds each against its schemas. */
type Examples = { readonly [M in Method]: { readonly params: Params<M>; readonly result: Result<M> } };

const shop = '7494012345678901234';
const orderId = '577123456789012345';
const runId = 'mi9x2k4e3fa1c0';
const at = '2026-11-22T10:15:00Z';
const before = '2026-11-22T10:00:00Z';

const runUnderWay: Run = {
  runId,
  stream: 'orders',
  shop,
  kind: 'incremental',
  trigger: 'manual',
  state: 'running',
  startedAt: at,
  finishedAt: null,
  from: '2026-11-22T09:54:00Z',
  to: at,
  requests: 1,
  seen: 12,
  inserted: 3,
  updated: 9,
  unchanged: 0,
  rejected: 0,
};

const ended: Run = { ...runUnderWay, state: 'succeeded', finishedAt: '2026-11-22T10:15:01Z' };

const audited: Audited = {
  asOf: '2026-11-22T03:15:10Z',
  statement: 'as of 2026-11-22 03:15:10Z: 104,310 of 104,310 orders, 0 stale',
  remote: 104_310,
  stored: 104_310,
  compared: 32,
  drifted: 0,
  repaired: 0,
  missing: 0,
  stale: 0,
  onlyLocal: 0,
  future: 0,
  undecided: 0,
  ok: true,
  whole: true,
};
const auditEnded = { state: 'succeeded', seen: 0, inserted: 0, updated: 0, audit: audited } as const;

const stream: StreamStatus = {
  shop,
  stream: 'orders',
  lastSyncTime: before,
  lastRecordTime: '2026-11-22T09:58:31Z',
  recordsSynced: 12,
  isFullSync: false,
  total: 104_310,
  byStatus: { AWAITING_SHIPMENT: 310, COMPLETED: 104_000 },
  lagSeconds: 61,
  completeSince: '2020-01-01T00:00:00Z',
  freshTo: before,
  missing: [],
  rejected: 0,
  overlapSeconds: 300,
  oddities: {},
  nextRunAt: '2026-11-22T10:30:00Z',
  nextRunReason: 'cron */15 * * * *, Europe/London',
  audit: { ...audited, runId: 'mi9q1b2c7fe0d4', at: '2026-11-22T03:15:14Z' },
  ladder: null,
  run: null,
  lastError: null,
};

const status: Status = {
  instanceId: '0f6f2c9e-8f0a-4d0e-9d52-3f3f3c6c1b11',
  version: '0.1.0',
  pid: 4242,
  startedAt: '2026-11-20T08:00:00Z',
  shops: [{ id: shop, name: 'Demo shop', region: 'GB' }],
  streams: [stream],
  api: [
    {
      shop,
      requestsPerSecond: 10,
      ceiling: 10,
      usedToday: 1234,
      dailyQuota: null,
      throttledUntil: null,
      tokenExpiresAt: '2026-11-29T08:00:00Z',
    },
  ],
  problem: null,
  clock: { aheadSeconds: 0, ok: true },
  paused: null,
  store: { path: '/var/lib/shopsync/shopsync.db', bytes: 412_000_000, problem: null },
};

const schedules: Schedules = {
  paused: false,
  pausedAt: null,
  adaptive: true,
  quietHours: '01:00-06:00',
  set: {},
  schedules: [
    {
      shop,
      stream: 'orders',
      kind: 'incremental',
      pattern: '*/15 * * * *',
      timeZone: 'Europe/London',
      nextRunAt: stream.nextRunAt,
      reason: stream.nextRunReason,
    },
  ],
};

const order = {
  shop,
  id: orderId,
  status: 'AWAITING_SHIPMENT',
  createTime: '2026-11-21T18:02:11Z',
  updateTime: '2026-11-22T09:58:31Z',
  paidTime: '2026-11-21T18:03:00Z',
  currency: 'GBP',
  totalAmount: '24.90',
  itemCount: 1,
} as const;

const stored = { firstSeenAt: '2026-11-21T18:15:02Z', changedAt: before, runId } as const;
const events = [{ updateTime: order.updateTime, status: order.status, seenAt: before, runId }];

export const examples: Examples = {
  hello: {
    params: { client: 'nagios-plugin 1.0', protocol: 1 },
    result: {
      server: 'shopsyncd',
      version: status.version,
      protocol: 1,
      instanceId: status.instanceId,
      capabilities: ['hello', 'status'],
    },
  },
  sync: {
    params: { stream: 'orders', statuses: 'open' },
    result: { runs: [{ runId, stream: 'orders', shop, kind: 'partial', joined: false }] },
  },
  fullResync: {
    params: { since: '2026-01-01T00:00:00Z', dryRun: true },
    result: { estimate: { requests: 1044, seconds: 105, orders: 104_310, records: 104_310 } },
  },
  audit: {
    params: { stream: 'orders', wait: true },
    result: { runs: [{ runId, stream: 'orders', shop, kind: 'audit', joined: false, ...auditEnded }] },
  },
  cancel: { params: { runId }, result: { runs: [{ ...ended, state: 'cancelled' }] } },
  status: { params: {}, result: status },
  history: { params: { state: 'succeeded', limit: 1 }, result: { runs: [ended] } },
  'orders.list': {
    params: { filter: { status: ['AWAITING_SHIPMENT'] }, limit: 1 },
    result: { orders: [order], nextCursor: null },
  },
  'orders.get': {
    params: { id: orderId },
    result: {
      ...order,
      ...stored,
      lineItems: [
        {
          id: '577123456789012346',
          skuId: '1729412345678901234',
          productId: '1729412345678901233',
          productName: 'Mug, blue',
          sellerSku: 'MUG-B',
          salePrice: '24.90',
          displayStatus: 'AWAITING_SHIPMENT',
        },
      ],
      events,
    },
  },
  'orders.counts': {
    params: { groupBy: 'shop' },
    result: { total: 104_310, groups: [{ key: shop, count: 104_310 }] },
  },
  'orders.why': {
    params: { id: orderId },
    result: {
      verdict: 'stored',
      shop,
      ...stored,
      events,
      updateTime: order.updateTime,
      covered: { runId, at: before, whole: true },
    },
  },
  subscribe: { params: { topics: ['runs', 'progress'] }, result: { instanceId: status.instanceId, seq: 0 } },
  unsubscribe: { params: { topics: ['progress'] }, result: { topics: ['runs'] } },
  'schedule.get': { params: {}, result: schedules },
  'schedule.set': {
    params: { orders: '*/5 * * * *', quietHours: null },
    result: {
      ...schedules,
      set: { orders: '*/5 * * * *' },
      schedules: schedules.schedules.map((next) => ({ ...next, pattern: '*/5 * * * *' })),
    },
  },
  pause: { params: {}, result: { paused: true, pausedAt: at } },
  resume: { params: {}, result: { paused: false, pausedAt: null } },
  health: { params: {}, result: { ok: true, checks: [{ name: 'clock', ok: true, detail: 'agrees with TikTok’s' }] } },
  metrics: {
    params: {},
    result: {
      text: '# HELP shopsync_paused 1 while no run starts by itself.\n# TYPE shopsync_paused gauge\nshopsync_paused 0\n',
    },
  },
  logs: {
    params: { lines: 20, level: 'warn' },
    result: {
      lines: [{ line: 7, time: at, level: 'warn', pid: 4242, room: 'tiktok', msg: 'the clock is 12 s ahead' }],
    },
  },
  'log.setLevel': { params: { level: 'debug' }, result: { level: 'debug', previous: 'info' } },
  backup: {
    params: { file: '/var/backups/shopsync-2026-11-22.db' },
    result: { file: '/var/backups/shopsync-2026-11-22.db', bytes: 398_000_000 },
  },
  'auth.exchange': {
    params: { code: 'ROW_Fe4gXwAAAAB0b2tlbg' },
    result: {
      shops: status.shops,
      accessTokenExpiresAt: '2026-11-29T10:15:00Z',
      refreshTokenExpiresAt: '2027-11-22T10:15:00Z',
      problem: null,
    },
  },
  shutdown: { params: { drainMs: 5000 }, result: { stopping: true, runs: [runUnderWay] } },
  'rpc.discover': {
    params: {},
    result: { openrpc: '1.3.2', info: { title: 'shopsync', version: '0.1.0' }, methods: [] },
  },
};
