import type { RunKind } from '../../shared/run-views.ts';
import type { HeavyAsk } from '../sync/asks.ts';
import type { Planned } from './cadence.ts';
import type { PlannedNight } from './night-work.ts';
import type { NightKind } from './rules.ts';

/** Who does a stream's work. */
export interface Worker {
  readonly activeRuns: readonly { readonly kind: RunKind }[];
  /** Local milliseconds at which something that failed is tried again, or null. */
  readonly retryAt: number | null;
  readonly awaitsConsent: boolean;
  begin(ask: HeavyAsk): void;
}

/** Heavy work of one kind. Local milliseconds. */
export interface NightJob {
  readonly kind: NightKind;
  readonly ask: HeavyAsk;
  readonly lane: Lane;
  /** When the newest run of the kind began that succeeded, or that a person cancelled. */
  settledAt: number | null;
  /** When it was tried last, unless that settled it. */
  triedAt: number | null;
  planned: PlannedNight | undefined;
}

/** One stream of a shop. */
export interface Lane {
  readonly stream: string;
  readonly sync: Worker;
  readonly jobs: readonly NightJob[];
  /** When the stream was seen first; undefined until the store has told. */
  since: number | undefined;
  /** Whether the store could not tell it. */
  isUnread: boolean;
  /** Whether everything has been read once. */
  isWhole: boolean;
}

/** What has failed is not begun again sooner than after so many milliseconds. */
const tryAgainMs = 900_000;
/** The same for what has failed for a day, and is tried in any hour. */
const overdueAgainMs = 6 * 3_600_000;

const asks: Readonly<Record<NightKind, HeavyAsk>> = {
  full: { what: 'resync' },
  recheck: { what: 'recheck' },
  audit: { what: 'audit', repair: true },
};

export function laneOf(stream: string, kinds: readonly NightKind[], sync: Worker): Lane {
  const jobs: NightJob[] = [];
  const lane: Lane = { stream, sync, jobs, since: undefined, isUnread: false, isWhole: false };
  for (const kind of kinds)
    jobs.push({ kind, ask: asks[kind], lane, settledAt: null, triedAt: null, planned: undefined });
  return lane;
}

const workOf = ({ kind, stream }: { readonly kind: string; readonly stream: string }): string =>
  `${kind === 'full' ? 'full run' : kind} of ${stream}`;

/**
 * What keeps work that is due from beginning, and until when if that is known, local milliseconds.
 * @param underWay heavy work of the shop. @param isAsked whether some has been asked for and is not seen yet.
 */
export function hindrance(at: {
  readonly job: NightJob;
  readonly lane: Lane;
  readonly underWay: { readonly kind: string; readonly stream: string } | undefined;
  readonly isAsked: boolean;
  readonly now: number;
}): Planned | undefined {
  const { job, lane, underWay, isAsked, now } = at;
  if (underWay?.kind === job.kind && underWay.stream === lane.stream) return { at: null, reason: 'under way' };
  if (underWay !== undefined) return { at: null, reason: `waits until the ${workOf(underWay)} has ended` };
  if (isAsked) return { at: null, reason: 'waits for other heavy work of the shop' };
  if (!lane.isWhole) return { at: null, reason: 'waits until everything has been read once' };
  const { retryAt, awaitsConsent } = lane.sync;
  if (retryAt !== null)
    return {
      at: retryAt,
      reason: awaitsConsent ? 'waits until somebody authorizes' : 'waits until what failed was tried again',
    };
  const wait = job.planned?.isOverdue === true ? overdueAgainMs : tryAgainMs;
  if (job.triedAt !== null && now >= job.triedAt && now < job.triedAt + wait)
    return { at: job.triedAt + wait, reason: 'tries again after a failure' };
  return undefined;
}
