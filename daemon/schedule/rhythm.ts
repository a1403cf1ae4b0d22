import type { Arrivals } from '../store/arrivals.ts';
import { HOUR, MINUTE, wallClock } from './wall-clock.ts';

/** How many orders to expect. */
export interface Rhythm {
  /** Whether the store holds 7 days of orders; before that the figures say little. */
  readonly isLearned: boolean;
  /** Expected orders an hour at that time, local unix milliseconds. */
  perHour(atMs: number): number;
  /** Expected orders an hour, over a whole week. */
  readonly meanPerHour: number;
}

const LEARNED_HOURS = 7 * 24;
const MEMORY_HOURS = 28 * 24;

/** A run may be an hour away: what has been created since may not have been read yet. */
const UNREAD_HOURS = 1;

/** How much what is expected anyway weighs against what was seen, in hours of watching. */
const WEIGHT = { hourOfDay: 2, weekday: 24, cell: 4 };

/**
 * The rhythm of a shop by hour of day and weekday on its own wall clock, from the last 4 weeks.
 *
 * An hour of the week was seen four times at most, so it is not believed alone. Every level is the mean of a Gamma
 * distribution, which Poisson counts update by plain addition of orders and hours: the shop's mean is what is expected
 * of an hour of day (seen 28 times, and mixed with its neighbours, for rushes do not keep to the clock), hour of day ×
 * weekday is what is expected of an hour of the week, and four weeks of that hour itself count as much again. An empty
 * hour so keeps half of what its day and hour promise, and of a single wild week its hour takes about an eighth.
 *
 * @param nowMs Local unix milliseconds.
 */
export function learnRhythm(arrivals: Arrivals, timeZone: string, nowMs: number): Rhythm {
  const nowHour = Math.floor(nowMs / HOUR);
  const oldestHour = arrivals.oldest === null ? nowHour : Math.floor(arrivals.oldest / 3600);
  const seen = Array.from({ length: 168 }, () => new Seen());
  // The hour of the oldest order is there in part only.
  const fromHour = Math.max(nowHour - MEMORY_HOURS, oldestHour + 1);
  for (let hour = fromHour; hour < nowHour - UNREAD_HOURS; hour++) {
    // By halves: in some zones the wall's hours begin in the middle of them.
    for (const minute of [15, 45]) {
      seen[cellOf(timeZone, hour * HOUR + minute * MINUTE)]?.add((arrivals.perHour.get(hour) ?? 0) / 2, 1 / 2);
    }
  }
  const cells = smoothed(seen);
  return {
    isLearned: arrivals.oldest !== null && nowHour - oldestHour >= LEARNED_HOURS,
    perHour: (atMs) => cells[cellOf(timeZone, atMs)] ?? 0,
    meanPerHour: cells.reduce((sum, rate) => sum + rate, 0) / cells.length,
  };
}

/** The hour of the week, 0 to 167. */
function cellOf(timeZone: string, atMs: number): number {
  const { weekday, hour } = wallClock(timeZone, atMs);
  return weekday * 24 + hour;
}

function smoothed(seen: readonly Seen[]): readonly number[] {
  const all = sumOf(seen);
  if (all.hours === 0) return seen.map(() => 0);
  const mean = all.orders / all.hours;
  const ofHour = Array.from({ length: 24 }, (_, hour) => sumOf(seen.filter((_cell, cell) => cell % 24 === hour)));
  const hourly = ofHour.map((own, hour) => {
    const mixed = new Seen();
    for (const [by, share] of [
      [23, 1 / 4],
      [0, 1 / 2],
      [1, 1 / 4],
    ] as const) {
      const near = ofHour[(hour + by) % 24] ?? own;
      mixed.add(near.orders * share, near.hours * share);
    }
    return mixed.rate(mean, WEIGHT.hourOfDay);
  });
  const promised = (cell: number): number => hourly[cell % 24] ?? mean;
  const factors = Array.from({ length: 7 }, (_, weekday) => {
    const against = new Seen();
    for (let cell = weekday * 24; cell < weekday * 24 + 24; cell++) {
      const { orders, hours } = seen[cell] ?? new Seen();
      // In mean hours, so that a rush weighs what it brings.
      if (mean > 0) against.add(orders / mean, (hours * promised(cell)) / mean);
    }
    return against.rate(1, WEIGHT.weekday);
  });
  return seen.map((own, cell) => own.rate(promised(cell) * (factors[Math.floor(cell / 24)] ?? 1), WEIGHT.cell));
}

function sumOf(parts: readonly Seen[]): Seen {
  const sum = new Seen();
  for (const { orders, hours } of parts) sum.add(orders, hours);
  return sum;
}

/** Orders, and the hours in which they were seen. */
class Seen {
  orders = 0;
  hours = 0;

  add(orders: number, hours: number): void {
    this.orders += orders;
    this.hours += hours;
  }

  /** Orders an hour, when `expected` of them weigh as much as `weight` hours. */
  rate(expected: number, weight: number): number {
    return (this.orders + expected * weight) / (this.hours + weight);
  }
}
