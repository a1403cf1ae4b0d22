import type { Run, RunState } from '../../../shared/run-views.ts';
import type { StreamStatus } from '../../../shared/views.ts';

export const aRun = (runId: string, state: RunState): Run => ({
  runId,
  stream: 'orders',
  shop: 's1',
  kind: 'full',
  trigger: 'manual',
  state,
  startedAt: '2026-01-01T00:00:00Z',
  finishedAt: null,
  from: null,
  to: null,
  requests: 0,
  seen: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  rejected: 0,
});

export const streamWith = (total: number, stream = 'orders'): StreamStatus => ({
  shop: 's1',
  stream,
  lastSyncTime: null,
  lastRecordTime: null,
  recordsSynced: null,
  isFullSync: null,
  total,
  lagSeconds: null,
  completeSince: null,
  freshTo: null,
  missing: [],
  overlapSeconds: 300,
  oddities: {},
  rejected: 0,
  nextRunAt: null,
  nextRunReason: null,
  audit: null,
  ladder: null,
  run: null,
  lastError: null,
});
