import { z } from 'zod';

import type { SubscriptionSource } from '../../../daemon/rpc/subscriptions.ts';
import { type Status, topic } from '../../../shared/views.ts';

/** One method of a table that only tests have. */
export const row = <P extends z.ZodObject, R extends z.ZodType>(params: P, result: R) => ({
  summary: 'for the test',
  reads: true,
  params,
  result,
});

export const emptyStatus: Status = {
  instanceId: 'test',
  version: '0',
  pid: 1,
  startedAt: '2026-01-01T00:00:00Z',
  shops: [],
  streams: [],
  api: [],
  problem: null,
  clock: { aheadSeconds: null, ok: true },
  paused: null,
  store: { path: '/dev/null', bytes: 0, problem: null },
};

export const realSchedule: SubscriptionSource['schedule'] = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** `subscribe` with nothing around it: the result is the seq. */
export const subscribing = row(
  z.strictObject({ topics: z.array(topic).default(['runs', 'progress']), after: z.int().optional() }),
  z.int(),
);
