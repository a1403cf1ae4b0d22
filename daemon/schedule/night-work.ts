import type { ClockSpan } from '../config/kinds-time.ts';
import type { Planned } from './cadence.ts';
import { isQuiet, quietFrom, quietWords } from './quiet-hours.ts';
import { tickAfter } from './ticks.ts';
import { DAY, MINUTE, wallTime } from './wall-clock.ts';

/** What decides on the next start of heavy work. All times are local unix milliseconds. */
export interface NightAsk {
  /** In words: `audit`. */
  readonly what: string;
  /** Cron of 5 fields, null: the schedule is off. */
  readonly pattern: string | null;
  /** Null: it may start at any hour. */
  readonly quietHours: ClockSpan | null;
  /** IANA name. */
  readonly timeZone: string;
  /** When the last one that succeeded began, null: none yet. */
  readonly doneAt: number | null;
  /** From when on it could have been due. */
  readonly since: number;
  readonly now: number;
  /** 0 to 1, fixed for a shop and kind of work: spreads them over the first minutes of the quiet hours. */
  readonly phase: number;
}

export interface PlannedNight extends Planned {
  /** Due for a day without having been done: it waits for no quiet hours any more. */
  readonly isOverdue: boolean;
}

const MOST_JITTER = 5 * MINUTE;
/** How long it waits for quiet hours in which the daemon runs. */
const PATIENCE = DAY;

/**
 * The next start of heavy work: the first quiet moment from the tick on that makes it due, `now` when that has passed
 * and it is quiet now. A day after that tick it starts in any hour. What is done only once it has succeeded stays due:
 * whoever starts it again after a failure waits in between.
 */
export function nextNightWork(ask: NightAsk): PlannedNight {
  const { what, pattern, quietHours, timeZone, doneAt, since, now } = ask;
  const cron = `cron ${pattern}, ${timeZone}`;
  // Clocks are put back, too: what lies in the future says nothing.
  const last = Math.max(0, ...[doneAt ?? since, since].filter((at) => at <= now));
  const due = pattern === null ? null : tickAfter(pattern, timeZone, last);
  if (due === null) return { at: null, reason: pattern === null ? 'the schedule is off' : cron, isOverdue: false };
  const latest = due + PATIENCE;
  if (now >= latest) {
    const reason = `overdue since ${wallTime(timeZone, due)}: starts as soon as it can`;
    return { at: now, reason, isOverdue: true };
  }
  const at = quietStart(ask, due);
  if (at > latest) {
    return { at: latest, reason: `without quiet hours within a day the ${what} starts all the same`, isOverdue: false };
  }
  if (quietHours === null || at === due) return { at, reason: cron, isOverdue: false };
  if (at > now)
    return { at, reason: `waits for the quiet hours ${quietWords(quietHours)}, ${timeZone}`, isOverdue: false };
  return { at, reason: `due since ${wallTime(timeZone, due)}`, isOverdue: false };
}

/** The first quiet moment from `due` and `now` on, a little later where the quiet hours begin it. */
function quietStart({ quietHours, timeZone, now, phase }: NightAsk, due: number): number {
  if (quietHours === null) return Math.max(due, now);
  const { fromMinute, toMinute } = quietHours;
  const length = ((toMinute - fromMinute + 1440) % 1440 || 1440) * MINUTE;
  const spread = Math.round(phase * Math.min(MOST_JITTER, length / 2));
  const after = (begin: number): number => (isQuiet(quietHours, timeZone, begin + spread) ? begin + spread : begin);

  const earliest = Math.max(due, now);
  const begin = quietFrom(quietHours, timeZone, earliest);
  if (begin > earliest) return after(begin);
  // It is quiet. Since when decides whether this start still has to wait for its place.
  const before = Math.max(due, earliest - spread);
  return Math.max(
    earliest,
    isQuiet(quietHours, timeZone, before) ? earliest : after(quietFrom(quietHours, timeZone, before)),
  );
}
