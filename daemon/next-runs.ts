import type { Schedule } from '../shared/schedule-views.ts';
import type { Unit } from './sync/unit.ts';

/** When something starts by itself, ISO 8601 UTC, and why then. */
export type NextRun = Pick<Schedule, 'nextRunAt' | 'reason'>;

/** Why a stream runs only now and then: there is no token, or no scope, for it. */
const stopped = 'stopped until somebody authorizes';

const paused: NextRun = { nextRunAt: null, reason: 'paused' };

const shown = (at: number | null, reason: string): NextRun => ({
  nextRunAt: at === null ? null : new Date(at).toISOString(),
  reason,
});

/** When a stream asks for what is new: an attempt after a failure counts where it comes first. */
export function nextRun<R>(unit: Unit<R> | undefined, isPaused: boolean): NextRun {
  if (unit === undefined) return { nextRunAt: null, reason: null };
  if (isPaused) return paused;
  const { liveRetryAt: retryAt, isHeldBack, awaitsConsent } = unit.sync;
  const { nextAt, reason } = unit.schedule;
  if (retryAt !== null && (isHeldBack || nextAt === null || retryAt < nextAt))
    return shown(retryAt, awaitsConsent ? stopped : 'tries again after a failure');
  return shown(nextAt, reason);
}

/** All that a stream has before it: what is new, and the heavy work of the kinds that are on. */
export function nextRuns<R>(unit: Unit<R>, isPaused: boolean): Schedule[] {
  const { shop, stream, schedule, night } = unit;
  const { timeZone, pattern } = schedule;
  const base = { shop: shop.id, stream: stream.name, timeZone };
  return [
    { ...base, kind: 'incremental', pattern, ...nextRun(unit, isPaused) },
    ...night.plans(stream.name).map(({ kind, at, reason, ...plan }) => ({
      ...base,
      kind,
      pattern: plan.pattern,
      ...(isPaused ? paused : shown(at, reason)),
    })),
  ];
}
