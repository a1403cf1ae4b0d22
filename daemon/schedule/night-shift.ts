import { type Run, heavyKinds } from '../../shared/run-views.ts';
import type { Log } from '../log.ts';
import { nightRecord } from '../store/night.ts';
import type { Store } from '../store/store.ts';
import type { Alarm, Alarms } from './alarms.ts';
import type { Planned } from './cadence.ts';
import { type Lane, type NightJob, type Worker, hindrance, laneOf } from './night-lane.ts';
import { nextNightWork } from './night-work.ts';
import { isQuiet } from './quiet-hours.ts';
import { type NightKind, type ScheduleSource, nightKinds, nightPattern, phaseOf } from './rules.ts';

export interface NightShiftOptions {
  readonly shop: string;
  readonly store: Pick<Store, 'query' | 'metadata'>;
  readonly log: Log;
  readonly alarms: Pick<Alarms, 'open'>;
  /** Local milliseconds. */
  readonly now: () => number;
  readonly source: ScheduleSource;
  /** IANA name. */
  readonly timeZone: () => string;
  readonly isPaused: () => boolean;
}

/** When a stream's heavy work of one kind begins next by itself. */
export interface NightPlan extends Planned {
  readonly kind: NightKind;
  readonly pattern: string;
}

/** How long it takes at most, milliseconds, until a run that was asked for is seen among those under way. */
const beginsWithinMs = 60_000;
/** What waits for something that tells no moment is looked at again after this many milliseconds. */
const lookAgainMs = 300_000;

/**
 * Begins the heavy work of one shop in its quiet hours: full resyncs, then rechecks, then audits, one at a time over all
 * of its streams. What could not be done in its night is overdue a day later, and then begins as soon as it can.
 */
export class NightShift {
  readonly #options: NightShiftOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #alarm: Alarm;
  /** When the last one was asked for that is not seen among the runs under way yet, local milliseconds. */
  #askedAt: number | undefined;

  constructor(options: NightShiftOptions) {
    this.#options = options;
    this.#alarm = options.alarms.open(
      () => this.#wake(),
      () => this.rescheduled(),
    );
  }

  /** A stream of the shop. @param kinds the work that there is for it. */
  add(stream: string, kinds: readonly NightKind[], sync: Worker): void {
    this.#lanes.set(stream, laneOf(stream, kinds, sync));
  }

  /** The stream has begun to be synced. Never throws: a history that cannot be read is read again later. */
  async start(stream: string): Promise<void> {
    const lane = this.#lanes.get(stream);
    if (lane === undefined) return;
    const { store, shop, now, log } = this.#options;
    try {
      const record = await store.query(nightRecord, shop, stream, nightKinds, now());
      lane.isWhole = (await store.metadata(shop, stream)) !== undefined;
      lane.since = record.since ?? now();
      lane.isUnread = false;
      for (const job of lane.jobs) job.settledAt = record.settledAt.get(job.kind) ?? null;
    } catch (error) {
      log.warn({ err: error, shop, stream }, 'when heavy work was done last cannot be read: it waits');
      lane.isUnread = true;
    }
    this.check();
  }

  /** The rules have changed, or the clock was set. */
  rescheduled(): void {
    for (const job of this.#jobs) job.planned = undefined;
    this.check();
  }

  /** A run of the shop has begun or has ended, whoever began it. */
  noticed(run: Run): void {
    const lane = this.#lanes.get(run.stream);
    const job = lane?.jobs.find(({ kind }) => kind === run.kind);
    if (run.state === 'running') {
      if (heavyKinds.has(run.kind)) this.#askedAt = undefined;
      return;
    }
    if (job !== undefined) {
      const isSettled = run.state === 'succeeded' || run.state === 'cancelled';
      if (isSettled) job.settledAt = Date.parse(run.startedAt);
      job.triedAt = isSettled ? null : this.#options.now();
      job.planned = undefined;
    }
    // Whether everything is there now stands in the store.
    if (lane !== undefined && !lane.isWhole && run.state === 'succeeded') void this.start(run.stream);
    else this.check();
  }

  /** Whether work of the night that has failed may be tried again now. */
  mayTryAgain(): boolean {
    const { source, timeZone, now } = this.#options;
    return isQuiet(source.rules.quietHours, timeZone(), now()) && this.#underWay() === undefined;
  }

  /** What a stream has before it; nothing of the kinds that are off. */
  plans(stream: string): readonly NightPlan[] {
    const { source, now } = this.#options;
    const lane = this.#lanes.get(stream);
    return (lane?.jobs ?? []).flatMap((job) => {
      const pattern = nightPattern(job.kind, source.rules);
      if (lane === undefined || pattern === null) return [];
      const planned = this.#planned(job, lane);
      const isDue = planned.at !== null && planned.at <= now();
      const { at, reason } = (isDue ? this.#hindrance(job, lane) : undefined) ?? planned;
      return [{ kind: job.kind, pattern, at, reason }];
    });
  }

  /** Begins what is due and nothing stands in the way of, and sets the alarm for the rest. */
  check(): void {
    const { isPaused, now, log, shop } = this.#options;
    if (isPaused()) return;
    const isUnread = [...this.#lanes.values()].some((lane) => lane.isUnread);
    let wakeAt = isUnread ? now() + lookAgainMs : Number.POSITIVE_INFINITY;
    for (const job of this.#jobs) {
      const { lane } = job;
      const { at, reason } = this.#planned(job, lane);
      if (at === null) continue;
      const hindered = at > now() ? undefined : this.#hindrance(job, lane);
      if (at > now() || hindered !== undefined) {
        wakeAt = Math.min(wakeAt, hindered === undefined ? at : (hindered.at ?? now() + lookAgainMs));
        continue;
      }
      log.info({ shop, stream: lane.stream, kind: job.kind, reason }, 'heavy work begins by the schedule');
      job.triedAt = now();
      this.#askedAt = now();
      lane.sync.begin(job.ask);
      wakeAt = Math.min(wakeAt, now() + lookAgainMs);
    }
    this.#alarm.set(Number.isFinite(wakeAt) ? Math.max(wakeAt, now() + 1000) : null);
  }

  #wake(): void {
    for (const lane of this.#lanes.values()) if (lane.isUnread) void this.start(lane.stream);
    this.check();
  }

  /** In the order in which they begin. */
  get #jobs(): readonly NightJob[] {
    const jobs = [...this.#lanes.values()].flatMap((lane) => lane.jobs);
    return nightKinds.flatMap((kind) => jobs.filter((job) => job.kind === kind));
  }

  #planned(job: NightJob, lane: Lane): Planned {
    const { source, timeZone, now, shop } = this.#options;
    if (lane.since === undefined) return { at: null, reason: 'waits for what the store tells of the last time' };
    // Asked again before its moment, it stays the same.
    if (job.planned !== undefined && (job.planned.at === null || job.planned.at > now())) return job.planned;
    const changedAt = job.kind === 'recheck' ? undefined : source.changedAt?.(job.kind);
    job.planned = nextNightWork({
      what: job.kind,
      pattern: nightPattern(job.kind, source.rules),
      quietHours: source.rules.quietHours,
      timeZone: timeZone(),
      doneAt: job.settledAt,
      // What has just been switched on is not overdue for all the time before.
      since: Math.max(lane.since, changedAt ?? 0),
      now: now(),
      phase: phaseOf(shop, lane.stream, job.kind),
    });
    return job.planned;
  }

  #hindrance(job: NightJob, lane: Lane): Planned | undefined {
    const now = this.#options.now();
    const isAsked = this.#askedAt !== undefined && Math.abs(now - this.#askedAt) < beginsWithinMs;
    return hindrance({ job, lane, underWay: this.#underWay(), isAsked, now });
  }

  /** Heavy work of the shop that goes on, whoever began it. */
  #underWay(): { readonly stream: string; readonly kind: string } | undefined {
    for (const { stream, sync } of this.#lanes.values())
      for (const { kind } of sync.activeRuns) if (heavyKinds.has(kind)) return { stream, kind };
    return undefined;
  }
}
