import { wallClock } from '../../../daemon/schedule/wall-clock.ts';
import type { Arrivals } from '../../../daemon/store/arrivals.ts';
import { Random } from '../../sandbox/world/random.ts';

/** Orders as they come to a shop: quiet nights, busy evenings, busier weekends. Times are unix milliseconds. */

export const hour = 3_600_000;
export const day = 24 * hour;

/** How busy each hour of the day is, against the others. */
const busy = [3, 2, 1, 1, 1, 2, 4, 8, 14, 20, 24, 26, 28, 26, 24, 24, 26, 30, 38, 46, 48, 40, 24, 10];
const weekend = 1.4;
const busyMean = (busy.reduce((sum, one) => sum + one, 0) / 24) * ((5 + 2 * weekend) / 7);

/** Orders an hour that a shop of so many a day has at that time. */
export function trueRate(perDay: number, timeZone: string, at: number): number {
  const wall = wallClock(timeZone, at);
  const factor = wall.weekday === 0 || wall.weekday === 6 ? weekend : 1;
  return ((perDay / 24) * (busy[wall.hour] ?? 0) * factor) / busyMean;
}

/** The moments at which orders are created, each by itself (a Poisson process), in order. */
export function ordersOf(perDay: number, timeZone: string, from: number, to: number, seed: number): readonly number[] {
  const random = new Random(seed);
  const peak = ((perDay / 24) * Math.max(...busy) * weekend) / busyMean;
  const orders: number[] = [];
  for (let at = from; ;) {
    at += (-Math.log(1 - random.next()) / peak) * hour;
    if (at >= to) return orders;
    if (random.chance(trueRate(perDay, timeZone, at) / peak)) orders.push(at);
  }
}

/** What the store knows of them. */
export function stored(orders: readonly number[]): Arrivals {
  const perHour = new Map<number, number>();
  for (const at of orders) perHour.set(Math.floor(at / hour), (perHour.get(Math.floor(at / hour)) ?? 0) + 1);
  return { perHour, oldest: orders[0] === undefined ? null : Math.floor(orders[0] / 1000) };
}
