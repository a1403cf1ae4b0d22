import { type Demand, expectedBetween, wantedAt } from './demand.ts';
import type { Rhythm } from './rhythm.ts';
import { lastTickIn, tickAfter, usualInterval } from './ticks.ts';
import { HOUR, MINUTE, wallTime } from './wall-clock.ts';

/** When something starts by itself, and why then. */
export interface Planned {
  /** Local unix milliseconds; null: not at all. */
  readonly at: number | null;
  /** In words for those who run the daemon. */
  readonly reason: string;
}

/** What decides on the next live run of a stream. All times are local unix milliseconds. */
export interface SyncAsk {
  /** Cron of 5 fields, null: the schedule is off. */
  readonly pattern: string | null;
  /** IANA name. */
  readonly timeZone: string;
  /** False: exactly the cron. */
  readonly adaptive: boolean;
  readonly rhythm: Rhythm | undefined;
  /** Orders seen in the hour before the last run. */
  readonly recentPerHour: number;
  /** When the last run began, however it ended; null: none yet. */
  readonly lastRunAt: number | null;
  readonly now: number;
  /** Milliseconds between the beginnings of two runs at least; less than a minute counts as one. */
  readonly leastMs: number;
  /** 0 to 1, fixed for a shop and stream: spreads them over the first seconds. */
  readonly phase: number;
}

/** Runs closer together would find nothing but quota to lose. */
const LEAST = MINUTE;
/** The longest that is left out of the ticks. */
const MOST = HOUR;
const MOST_JITTER = 30_000;

/**
 * The next run for what is new: `now` at the earliest. Until then the answer stays the same whenever it is asked for.
 * More orders never make it later. It comes no later than the later of 60 minutes after the last run and the next tick,
 * and half a minute of jitter.
 */
export function nextSync(ask: SyncAsk): Planned {
  if (ask.pattern === null) return { at: null, reason: 'the schedule is off' };
  // Clocks are put back, too: a run from the future says nothing.
  const lastRunAt = ask.lastRunAt !== null && ask.lastRunAt <= ask.now ? ask.lastRunAt : null;
  const planned =
    ask.adaptive && lastRunAt !== null
      ? adapted(ask, ask.pattern, lastRunAt)
      : {
          at: tickAfter(ask.pattern, ask.timeZone, lastRunAt ?? ask.now),
          reason: `cron ${ask.pattern}, ${ask.timeZone}`,
        };
  if (planned.at === null || planned.at >= ask.now) return planned;
  const isLate = ask.now - planned.at > MINUTE;
  const late = `due since ${wallTime(ask.timeZone, planned.at)}: one run for all that was missed`;
  return { at: ask.now, reason: isLate ? late : planned.reason };
}

function adapted(ask: SyncAsk, pattern: string, lastRunAt: number): Planned {
  const { timeZone, rhythm, recentPerHour, leastMs, phase } = ask;
  const known = rhythm?.isLearned === true ? rhythm : undefined;
  const least = Math.max(LEAST, leastMs);
  const usual = usualInterval(pattern, timeZone, lastRunAt);
  const demand: Demand = { rhythm: known, recentPerHour, from: lastRunAt, usual, least };
  const plan = (at: number, reason: string): Planned => ({
    at: at + Math.round(phase * mostJitter(at - lastRunAt)),
    reason,
  });
  const orders = (at: number): string => `about ${ordersWords(expectedBetween(demand, lastRunAt, at))} an hour`;
  const between = (at: number, where = 'between'): Planned =>
    plan(at, `${orders(at)} now: every ${minutesWords(at - lastRunAt)}, ${where} the ticks of ${pattern}`);

  const wanted = wantedAt(demand, lastRunAt + MOST);
  const first = tickAfter(pattern, timeZone, lastRunAt + least - 1);
  if (wanted !== null && (first === null || wanted < first)) return between(wanted);
  const cron = `cron ${pattern}, ${timeZone}`;
  if (first === null) return { at: null, reason: cron };
  if (known === undefined) return plan(first, `${cron}; the rhythm of the shop is known after 7 days of orders`);
  const until = wanted ?? lastRunAt + MOST;
  if (first > until) return plan(first, cron);

  const tick = lastTickIn(pattern, timeZone, first, until) ?? first;
  // While runs are as close as the ticks, one tick more would be spent on orders that the next run reads soon enough.
  const close = Math.max(lastRunAt + least, Math.min(until, lastRunAt + usual - 2 * mostJitter(usual)));
  if (usual <= MOST / 2 && close > tick) return between(close, 'instead of at');
  const left = ticksBetween(pattern, timeZone, first, tick);
  if (left === 0) return plan(tick, cron);
  const words = left === 1 ? `1 tick of ${pattern} is` : `${left} ticks of ${pattern} are`;
  return plan(tick, `${orders(tick)} at this time: ${words} left out`);
}

/** Milliseconds. */
function mostJitter(interval: number): number {
  return Math.min(MOST_JITTER, interval / 10);
}

/** Ticks from `first` on before `last`: 60 at most. */
function ticksBetween(pattern: string, timeZone: string, first: number, last: number): number {
  let count = 0;
  for (let tick: number | null = first; tick !== null && tick < last; count++) {
    tick = tickAfter(pattern, timeZone, tick);
  }
  return count;
}

function ordersWords(perHour: number): string {
  const rounded = perHour < 9.95 ? Math.round(perHour * 10) / 10 : Math.round(perHour);
  return `${rounded} ${rounded === 1 ? 'order' : 'orders'}`;
}

function minutesWords(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / MINUTE));
  return minutes === 1 ? 'minute' : `${minutes} minutes`;
}
