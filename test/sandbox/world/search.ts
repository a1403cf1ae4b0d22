import type { Columns } from './columns.ts';
import { keyOf, positionOf, type TimeIndex } from './time-index.ts';
import type { Traits } from './traits.ts';
import type { World } from './world.ts';

/** A half-open span of unix seconds; a missing end is open. */
export interface Span {
  readonly ge: number | undefined;
  readonly lt: number | undefined;
}

export interface OrderQuery {
  readonly sortField: 'create_time' | 'update_time';
  readonly descending: boolean;
  readonly created: Span;
  readonly updated: Span;
  readonly status: string | undefined;
  readonly shippingType: string | undefined;
  readonly buyerId: string | undefined;
  readonly asksToCancel: boolean | undefined;
  readonly warehouseIds: readonly string[] | undefined;
  readonly limit: number;
  /** Ranks of the whole result to leave out, or the key after which the page begins. */
  readonly from: { readonly offset: number } | { readonly after: number };
}

export interface Page {
  readonly positions: readonly number[];
  /** Orders that match now, on all pages. */
  readonly total: number;
  /** Key of the last order of the page. */
  readonly lastKey: number;
  readonly nextOffset: number;
  readonly more: boolean;
}

/** Searches the visible orders. Without other filters than the sorted one this costs two binary searches. */
export function searchOrders(world: World, query: OrderQuery): Page {
  const { byCreate, byUpdate, columns } = world.state;
  const byTime = query.sortField === 'create_time';
  const index = byTime ? byCreate : byUpdate;
  const { ge, lt } = byTime ? query.created : query.updated;
  const low = ge === undefined ? 0 : index.rank(keyOf(ge, 0));
  const high = lt === undefined ? index.size : index.rank(keyOf(lt, 0));
  const matches = filterOf(world, query, columns);
  const ranks = matches === undefined ? new Range(low, Math.max(low, high)) : select(index, low, high, matches);

  const first = firstOf(ranks, index, query);
  const last = Math.min(ranks.length, first + query.limit);
  const keys: number[] = [];
  for (let at = first; at < last; at += 1) {
    keys.push(index.keyAt(ranks.at(query.descending ? ranks.length - 1 - at : at)));
  }
  return {
    positions: keys.map(positionOf),
    total: ranks.length,
    lastKey: keys.at(-1) ?? 0,
    nextOffset: last,
    more: last < ranks.length,
  };
}

/** Ranks of an index in ascending order. */
interface Ranks {
  readonly length: number;
  at(position: number): number;
}

class Range implements Ranks {
  readonly #low: number;
  readonly length: number;

  constructor(low: number, high: number) {
    this.#low = low;
    this.length = high - low;
  }

  at(position: number): number {
    return this.#low + position;
  }
}

function select(index: TimeIndex, low: number, high: number, matches: (position: number) => boolean): Ranks {
  const ranks: number[] = [];
  for (let rank = low; rank < high; rank += 1) {
    if (matches(positionOf(index.keyAt(rank)))) ranks.push(rank);
  }
  return { length: ranks.length, at: (position) => ranks[position] ?? 0 };
}

function firstOf(ranks: Ranks, index: TimeIndex, { from, descending }: OrderQuery): number {
  if ('offset' in from) return Math.min(from.offset, ranks.length);
  const keyAt = (at: number): number => index.keyAt(ranks.at(descending ? ranks.length - 1 - at : at));
  let low = 0;
  let high = ranks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const passed = descending ? keyAt(middle) >= from.after : keyAt(middle) <= from.after;
    if (passed) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The filters that the sorted index does not answer; undefined when there are none. */
function filterOf(world: World, query: OrderQuery, columns: Columns): ((position: number) => boolean) | undefined {
  const tests: ((position: number) => boolean)[] = [];
  const { created, updated, status, shippingType, buyerId, asksToCancel, warehouseIds } = query;
  const traits = (test: (traits: Traits) => boolean) => (position: number) => test(world.traits(position));
  const inside = ({ ge = -Infinity, lt = Infinity }: Span, time: number): boolean => time >= ge && time < lt;
  const shown = (position: number): number => columns.shown[position] ?? 0;
  if (query.sortField === 'create_time' && (updated.ge ?? updated.lt) !== undefined) {
    tests.push((position) => inside(updated, columns.stepTime(position, shown(position))));
  }
  if (query.sortField === 'update_time' && (created.ge ?? created.lt) !== undefined) {
    tests.push((position) => inside(created, columns.created[position] ?? 0));
  }
  if (status !== undefined) tests.push((position) => columns.stepStatus(position, shown(position)) === status);
  if (shippingType !== undefined) tests.push(traits((order) => order.shippingType === shippingType));
  if (buyerId !== undefined) tests.push(traits((order) => order.buyerId === buyerId));
  if (warehouseIds !== undefined) tests.push(traits((order) => warehouseIds.includes(order.warehouseId)));
  if (asksToCancel !== undefined)
    tests.push((position) => columns.asksToCancel(position, world.traits(position)) === asksToCancel);
  if (tests.length === 0) return undefined;
  return (position) => tests.every((test) => test(position));
}
