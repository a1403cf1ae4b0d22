import type { Columns } from './columns.ts';
import { lifeFrom } from './lifecycle.ts';
import { marketOf } from './markets.ts';
import { hash } from './random.ts';
import type { Rhythm } from './rhythm.ts';
import type { StreamOptions } from './stream-options.ts';
import { traitsOf, type Traits } from './traits.ts';

export interface WorldOptions extends StreamOptions {
  readonly seed: number;
  /** ISO alpha-2 of a known market. */
  readonly region: string;
  /** Which of the seller's shops this is; keeps ids apart. */
  readonly shopIndex: number;
  /** Orders before `start`. */
  readonly orders: number;
  /** Where history ends and life begins, unix seconds, integer. */
  readonly start: number;
  /** Length of the history in days. */
  readonly days: number;
  /** After `start`: how many times faster orders come in and move on. */
  readonly pace: number;
  /** Moments in the history at which `burstSize` orders changed in one second. */
  readonly bursts: number;
  readonly burstSize: number;
  /** Age in days from which an order's address is blanked. */
  readonly blankAfterDays: number;
  /** Order texts kept in memory. */
  readonly cachedOrders: number;
}

/** The seed of one order. */
export const seedOf = (options: WorldOptions, position: number): number =>
  hash(hash(options.seed, options.shopIndex + 1), position);

/** Adds one order with its whole life, of which nothing has happened yet; returns its position. */
export function addOrder(columns: Columns, options: WorldOptions, created: number): number {
  const market = marketOf(options.region);
  const traits: Traits = traitsOf(seedOf(options, columns.size), market);
  const pace = created < options.start ? 1 : options.pace;
  const first = traits.cod ? 'AWAITING_SHIPMENT' : 'UNPAID';
  const life = lifeFrom(first, created, traits, { utcOffset: market.utcOffset, pace });
  const position = columns.add(created);
  columns.replaceSteps(position, 0, life.steps);
  columns.paid[position] = life.paidAt;
  return position;
}

/** Fills the columns with the years before `start`; returns when the first order after it is placed, unix seconds. */
export function layHistory(columns: Columns, options: WorldOptions, rhythm: Rhythm): number {
  for (let order = 0; order < options.orders; order += 1) addOrder(columns, options, rhythm.next());
  for (let burst = 0; burst < options.bursts; burst += 1) {
    bulkComplete(columns, options, Math.floor(((burst + 0.5) / options.bursts) * options.orders));
  }
  return rhythm.next();
}

/** Closes the next `burstSize` delivered orders from `position` on in one second, as a nightly job of a shop does. */
function bulkComplete(columns: Columns, options: WorldOptions, position: number): void {
  const chosen: number[] = [];
  let second = 0;
  for (let at = position; at < columns.size && chosen.length < options.burstSize; at += 1) {
    const last = columns.stepCount(at) - 1;
    if (columns.stepStatus(at, last) !== 'COMPLETED') continue;
    chosen.push(at);
    second = Math.max(second, columns.stepTime(at, last - 1) + 3600);
  }
  if (second >= options.start) return;
  for (const at of chosen) columns.setStepTime(at, columns.stepCount(at) - 1, second);
}
