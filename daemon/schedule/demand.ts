import type { Rhythm } from './rhythm.ts';
import { HOUR, MINUTE } from './wall-clock.ts';

/** What a shop's orders ask of the time between two runs. Times are local unix milliseconds. */
export interface Demand {
  /** Undefined until it is learned. */
  readonly rhythm: Rhythm | undefined;
  /** Orders of the hour before `from`. */
  readonly recentPerHour: number;
  /** When the last run began. */
  readonly from: number;
  /** Milliseconds between two ticks of the cron; may be Infinity. */
  readonly usual: number;
  /** Milliseconds between two runs at least. */
  readonly least: number;
}

/** A run that is likely to find nothing is not worth its request. */
const LEAST_ORDERS = 0.25;
/** What a run should find when the shop is busy. */
const MOST_ORDERS = 10;

/**
 * The moment at which the next run is wanted, the last one having begun at `demand.from`; null: not until `until`.
 *
 * Where λ orders an hour are expected, a run is wanted every `usual × √(mean λ / λ)`: with the number of runs given,
 * that spacing makes the mean age at which orders are read the least. Where λ changes, the shares of each minute add up.
 */
export function wantedAt(demand: Demand, until: number): number | null {
  let done = 0;
  for (let at = demand.from; at < until; at += MINUTE) {
    const share = MINUTE / wantedInterval(demand, ratePerHour(demand, at + MINUTE / 2));
    if (done + share >= 1) return Math.max(demand.from + demand.least, Math.ceil(at + ((1 - done) / share) * MINUTE));
    done += share;
  }
  return null;
}

/** The orders an hour expected between two moments. */
export function expectedBetween(demand: Demand, from: number, to: number): number {
  let sum = 0;
  let minutes = 0;
  for (let at = from; at < to; at += MINUTE) {
    sum += ratePerHour(demand, at + MINUTE / 2);
    minutes++;
  }
  return minutes === 0 ? ratePerHour(demand, from) : sum / minutes;
}

/** What was really seen stands above what was expected, and fades to it over about an hour. */
function ratePerHour({ rhythm, recentPerHour, from }: Demand, at: number): number {
  const expected = rhythm?.perHour(at) ?? 0;
  return expected + Math.max(0, recentPerHour - expected) * Math.exp(-(at - from) / HOUR);
}

/** Milliseconds. */
function wantedInterval({ rhythm, usual }: Demand, perHour: number): number {
  if (perHour <= 0) return Infinity;
  const shortest = (LEAST_ORDERS / perHour) * HOUR;
  const busy = (MOST_ORDERS / perHour) * HOUR;
  // Without a rhythm nobody knows what is usual: runs are only added.
  const spaced = rhythm === undefined ? Infinity : usual * Math.sqrt(rhythm.meanPerHour / perHour);
  return Math.max(shortest, Math.min(spaced, busy));
}
