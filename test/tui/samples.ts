import type { Audited, Failure, Run } from '../../shared/run-views.ts';
import type { Schedules } from '../../shared/schedule-views.ts';
import type { Progress, Status, StreamStatus } from '../../shared/views.ts';

const isoAgo = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

export const failure = (over: Partial<Failure> = {}): Failure => ({
  code: 'api',
  kind: 'incremental',
  message: 'TikTok answered 500 to the order search',
  hint: 'nothing to do, it is tried again',
  retryable: true,
  at: isoAgo(180),
  nextAttemptAt: isoAgo(-3600),
  ...over,
});

export const progress = (over: Partial<Progress> = {}): Progress => ({
  runId: 'run-1',
  kind: 'full',
  done: 61_000,
  expected: 100_000,
  requests: 1220,
  perSecond: 1250,
  etaSeconds: 31,
  ...over,
});

export const run = (over: Partial<Run> = {}): Run => ({
  runId: 'run-1',
  stream: 'orders',
  shop: '7000000000001',
  kind: 'incremental',
  trigger: 'schedule',
  state: 'succeeded',
  startedAt: isoAgo(130),
  finishedAt: isoAgo(105),
  from: null,
  to: null,
  requests: 2,
  seen: 100_000,
  inserted: 99_000,
  updated: 12,
  unchanged: 988,
  rejected: 0,
  ...over,
});

/** One that found nothing. */
export const audited = (over: Partial<Audited> = {}): Audited => ({
  asOf: '2026-11-22T03:15:10Z',
  statement: 'as of 2026-11-22 03:15:10Z: 100,000 of 100,000 orders, 0 stale',
  ok: true,
  whole: true,
  remote: 100_000,
  stored: 100_000,
  compared: 32,
  drifted: 0,
  repaired: 0,
  missing: 0,
  stale: 0,
  onlyLocal: 0,
  future: 0,
  undecided: 0,
  ...over,
});

/** One that found something and mended it. */
export const mended = (over: Partial<Audited> = {}): Audited =>
  audited({ drifted: 3, repaired: 3, missing: 10, stale: 7, ...over });

/** One after which something is still not as at TikTok. */
export const unmended = (over: Partial<Audited> = {}): Audited =>
  mended({
    ok: false,
    repaired: 0,
    stored: 99_990,
    statement: 'as of 2026-11-22 03:15:10Z: 10 missing, 7 stale',
    ...over,
  });

/** The same as a stream tells of it, five hours old. */
export const lastAudit = (of = audited()): NonNullable<StreamStatus['audit']> => ({
  ...of,
  runId: 'run-0',
  at: isoAgo(5 * 3600 + 60),
});

export const schedules = (over: Partial<Schedules> = {}): Schedules => ({
  paused: false,
  pausedAt: null,
  adaptive: true,
  quietHours: '01:00-06:00',
  set: {},
  schedules: [],
  ...over,
});

export const stream = (over: Partial<StreamStatus> = {}): StreamStatus => ({
  shop: '7000000000001',
  stream: 'orders',
  lastSyncTime: isoAgo(400),
  lastRecordTime: isoAgo(420),
  recordsSynced: 100_000,
  isFullSync: true,
  audit: null,
  total: 100_000,
  byStatus: {
    UNPAID: 812,
    AWAITING_SHIPMENT: 4210,
    AWAITING_COLLECTION: 1330,
    IN_TRANSIT: 9120,
    DELIVERED: 6001,
    COMPLETED: 71_527,
    CANCELLED: 7000,
  },
  lagSeconds: 61,
  completeSince: '2020-01-01T00:00:00Z',
  freshTo: isoAgo(61),
  missing: [],
  overlapSeconds: 300,
  oddities: {},
  rejected: 0,
  nextRunAt: isoAgo(-252),
  nextRunReason: 'cron */15 * * * *',
  ladder: null,
  run: null,
  lastError: null,
  ...over,
});

export const status = (over: Partial<Status> = {}): Status => ({
  instanceId: 'instance-1',
  version: '0.1.0',
  pid: 4242,
  startedAt: isoAgo(11_520),
  shops: [{ id: '7000000000001', name: 'Demo shop', region: 'GB' }],
  streams: [stream()],
  api: [
    {
      shop: '7000000000001',
      requestsPerSecond: 10,
      ceiling: 50,
      usedToday: 12_345,
      dailyQuota: null,
      throttledUntil: null,
      tokenExpiresAt: isoAgo(-864_000),
    },
  ],
  problem: null,
  clock: { aheadSeconds: 0, ok: true },
  paused: null,
  store: { path: '/var/lib/shopsync/shopsync.db', bytes: 412_000_000, problem: null },
  ...over,
});
