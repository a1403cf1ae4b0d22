import type { VisibleCancellation } from './aftersales/cancellation.ts';
import type { VisibleReturn } from './aftersales/return.ts';
import type { DayFigures } from './analytics/figures.ts';
import type { Change, Placing, VisibleOrder } from './change.ts';
import { Evolution, NO_LAG, type Lag } from './evolution.ts';
import type { VisibleStatement } from './finance/statements.ts';
import { addOrder, seedOf, type WorldOptions } from './history.ts';
import { lifeFrom } from './lifecycle.ts';
import type { Market } from './market.ts';
import { marketOf } from './markets.ts';
import { orderId, positionOfId } from './order-id.ts';
import { renderOrder } from './order.ts';
import { PayloadCache } from './payload-cache.ts';
import { privacyOf } from './privacy.ts';
import type { VisibleProduct } from './products/product.ts';
import { viewProduct } from './products/render.ts';
import { codeOf, isTerminal, type Status } from './status.ts';
import { Streams } from './streams.ts';
import { positionOf } from './time-index.ts';
import { traitsOf, type Traits } from './traits.ts';

/** One shop, alive: its orders, and in `streams` what it has besides. Every method first lets happen what is due by the clock. */
export class World {
  readonly market: Market;
  readonly streams: Streams;
  readonly #options: WorldOptions;
  readonly #now: () => number;
  readonly #life: Evolution;
  readonly #cache: PayloadCache;
  #late = false;

  /** `now` gives unix seconds, fractions allowed. */
  constructor(options: WorldOptions, lag: Lag, now: () => number) {
    this.market = marketOf(options.region);
    this.#options = options;
    this.#now = now;
    this.#life = new Evolution(options, lag);
    this.#cache = new PayloadCache(options.cachedOrders);
    this.streams = new Streams(options, this.market, () => this.state, now);
  }

  /** The state behind the API at this instant. Valid until the next call. */
  get state(): Evolution {
    this.#life.advance(this.#now());
    return this.#life;
  }

  /** How many orders the API shows. */
  get size(): number {
    return this.state.byUpdate.size;
  }

  /** Everything visible, by update_time. Do not change the world while walking. */
  *orders(): Generator<VisibleOrder> {
    const { byUpdate } = this.state;
    for (let rank = 0; rank < byUpdate.size; rank += 1) yield this.viewOf(positionOf(byUpdate.keyAt(rank)));
  }

  /** Every product, deleted ones too, as the API shows it now. */
  products(): readonly VisibleProduct[] {
    return this.streams.listing.products.map((product) => viewProduct(product, this.market));
  }

  /** The figures of every local day from the shop's first to the latest available, as they are told now. */
  days(): readonly DayFigures[] {
    return this.streams.performance.days();
  }

  returns(): readonly VisibleReturn[] {
    const { returns } = this.streams.claims;
    return returns.list.map((record) => returns.view(record));
  }

  cancellations(): readonly VisibleCancellation[] {
    const { cancellations } = this.streams.claims;
    return cancellations.list.map((record) => cancellations.view(record));
  }

  /** Every daily statement, oldest first. */
  statements(): readonly VisibleStatement[] {
    return this.streams.statements.between(0, Infinity);
  }

  /** The order as shown now, or undefined while it is not visible. */
  find(id: string): VisibleOrder | undefined {
    const position = this.positionOf(id);
    return position === undefined ? undefined : this.viewOf(position);
  }

  /** The position of a visible order. */
  positionOf(id: string): number | undefined {
    const { columns } = this.state;
    const position = positionOfId(id, this.#options);
    if (position === undefined || position >= columns.size) return undefined;
    return (columns.shown[position] ?? -1) >= 0 ? position : undefined;
  }

  /** Places an order; returns its id. */
  place(placing: Placing = {}): string {
    const life = this.state;
    const { columns } = life;
    const now = Math.floor(this.#now());
    const at = placing.at ?? placing.createTime ?? now;
    const position = addOrder(columns, this.#options, placing.createTime ?? at);
    const first = columns.stepStatus(position, 0);
    this.#plan(position, placing.status ?? first, at, now, placing.still ?? false);
    life.happen(position, now, this.#lateBy(position, placing));
    return orderId(position, this.#options);
  }

  /**
   * Moves an order on: to its next planned status, or to the one given. Returns it as it is then shown.
   * Throws when the order is not visible, or has reached its end and no status is given.
   */
  move(id: string, status?: Status, change: Change = {}): VisibleOrder {
    const life = this.state;
    const position = this.#need(id);
    const now = Math.floor(this.#now());
    const next = (life.columns.happened[position] ?? -1) + 1;
    if (status === undefined && next >= life.columns.stepCount(position)) {
      throw new Error(`order ${id} has reached its end; name the status it should take`);
    }
    const to = status ?? life.columns.stepStatus(position, next);
    this.#plan(position, to, change.at ?? now, now, change.still ?? false);
    life.happen(position, now, this.#lateBy(position, change));
    this.#cache.forget(position);
    return this.viewOf(position);
  }

  /** Edits an order so that its text differs while update_time stays. Throws when it is not visible. */
  touch(id: string): void {
    const { columns } = this.state;
    const position = this.#need(id);
    columns.touches[position] = (columns.touches[position] ?? 0) + 1;
    this.#cache.forget(position);
  }

  /** Moves `count` orders, the newest open ones first, all with one update_time; places what is missing. Returns ids. */
  burst(count: number, second = Math.floor(this.#now())): string[] {
    const { byUpdate, columns } = this.state;
    const ids: string[] = [];
    for (let rank = byUpdate.size - 1; rank >= 0 && ids.length < count; rank -= 1) {
      const position = positionOf(byUpdate.keyAt(rank));
      const next = (columns.happened[position] ?? -1) + 1;
      if (next < columns.stepCount(position)) ids.push(orderId(position, this.#options));
    }
    for (const id of ids) this.move(id, undefined, { at: second });
    while (ids.length < count) ids.push(this.place({ at: second }));
    return ids;
  }

  /** Stops or resumes the life of the shop. Stopping shows every version that was still held back. */
  freeze(frozen: boolean): void {
    if (frozen) {
      this.state.freeze(this.#now());
      this.streams.freeze(this.#now());
    } else {
      this.#life.thaw(this.#now());
      this.streams.thaw(this.#now());
    }
  }

  /** From now on versions become visible late as `lag` says, those of manual changes too; null = again by `usual`. */
  late(lag: Lag | null, usual: Lag = NO_LAG): void {
    this.state.lag = lag ?? usual;
    this.streams.late(lag ?? NO_LAG);
    this.#late = lag !== null;
  }

  /** The JSON of an order as shown now, in UTF-8. */
  payload(position: number): Buffer {
    const { columns } = this.#life;
    const traits = this.traits(position);
    const privacy = privacyOf(columns, position, traits, this.#now(), this.#options.blankAfterDays);
    const step = columns.shown[position] ?? 0;
    return this.#cache.get(position, step * 4 + privacy, () =>
      renderOrder({ columns, position, traits, privacy, id: orderId(position, this.#options), market: this.market }),
    );
  }

  traits(position: number): Traits {
    return traitsOf(seedOf(this.#options, position), this.market);
  }

  /** Prepares the texts of the whole visible world. */
  warm(): void {
    const { byUpdate } = this.state;
    for (let rank = 0; rank < byUpdate.size; rank += 1) this.payload(positionOf(byUpdate.keyAt(rank)));
  }

  #plan(position: number, status: Status, at: number, now: number, still: boolean): void {
    const { columns } = this.#life;
    const around = { utcOffset: this.market.utcOffset, pace: this.#options.pace };
    const life = lifeFrom(status, Math.max(at, now), this.traits(position), around);
    const steps = still ? [] : life.steps.slice(1);
    columns.replaceSteps(position, (columns.happened[position] ?? -1) + 1, [{ status, time: at }, ...steps]);
    const paid = columns.paid[position] ?? 0;
    if (paid > 0 && paid <= at) return;
    const unpaid = status === 'UNPAID' || status === 'CANCELLED' || this.#onDelivery(position, status);
    columns.paid[position] = unpaid ? (still ? 0 : life.paidAt) : at;
  }

  #onDelivery(position: number, status: Status): boolean {
    return this.traits(position).cod && !isTerminal(status) && codeOf(status) < codeOf('DELIVERED');
  }

  #lateBy(position: number, change: Change): number {
    return change.lateBy ?? (this.#late ? this.#life.lagOfNext(position) : 0);
  }

  #need(id: string): number {
    const position = this.positionOf(id);
    if (position === undefined) throw new Error(`no order ${id} is visible`);
    return position;
  }

  /** The order at a position, which must be visible. */
  viewOf(position: number): VisibleOrder {
    const { columns } = this.#life;
    const step = columns.shown[position] ?? 0;
    return {
      id: orderId(position, this.#options),
      createTime: columns.created[position] ?? 0,
      updateTime: columns.stepTime(position, step),
      status: columns.stepStatus(position, step),
    };
  }
}
