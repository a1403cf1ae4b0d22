import type { Rhythm } from '../../../daemon/schedule/rhythm.ts';

const hour = 3_600_000;

/** The same number of orders in every hour. */
export const steady = (perHour: number, meanPerHour = perHour): Rhythm => ({
  isLearned: true,
  perHour: () => perHour,
  meanPerHour,
});

/** So many orders in each UTC hour, one after the other, and again. */
export const changing = (rates: readonly number[]): Rhythm => ({
  isLearned: true,
  perHour: (at) => rates[Math.floor(at / hour) % rates.length] ?? 0,
  meanPerHour: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
});
