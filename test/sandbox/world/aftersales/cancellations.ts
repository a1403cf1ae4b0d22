import type { Columns } from '../columns.ts';
import type { WorldOptions } from '../history.ts';
import type { Market } from '../market.ts';
import { orderId } from '../order-id.ts';
import type { Traits } from '../traits.ts';
import type { Veil } from '../veil.ts';
import type { CancelStatus, Cancellation, VisibleCancellation } from './cancellation.ts';
import { renderCancellation, viewCancellation } from './render-cancellation.ts';

const ASKED_BEFORE = 15;

/** Every cancellation of a shop's orders, one for each order at most. */
export class Cancellations {
  readonly #columns: Columns;
  readonly #options: WorldOptions;
  readonly #market: Market;
  readonly #traits: (order: number) => Traits;
  readonly #veil: Veil<Cancellation>;
  readonly #list: Cancellation[] = [];
  readonly #byOrder = new Map<number, Cancellation>();

  constructor(
    columns: Columns,
    options: WorldOptions,
    market: Market,
    traits: (order: number) => Traits,
    veil: Veil<Cancellation>,
  ) {
    this.#columns = columns;
    this.#options = options;
    this.#market = market;
    this.#traits = traits;
    this.#veil = veil;
  }

  get list(): readonly Cancellation[] {
    return this.#veil.shown(this.#list);
  }

  /** The order at a position took a status at `time`, unix seconds. */
  happened(order: number, step: number, time: number): void {
    const status = this.#columns.stepStatus(order, step);
    if (status === 'CANCELLED') this.#close(order, 'CANCELLATION_REQUEST_COMPLETE', time);
    else if (status === 'AWAITING_SHIPMENT' && this.#asks(order, step)) {
      this.#open(order, 'BUYER', 'CANCELLATION_REQUEST_PENDING', time, time);
    } else if (this.#byOrder.get(order)?.status === 'CANCELLATION_REQUEST_PENDING') {
      this.#close(order, 'CANCELLATION_REQUEST_CANCELLED', time);
    }
  }

  /** The JSON of a cancellation as shown now. */
  payload(cancellation: Cancellation): Buffer {
    return Buffer.from(renderCancellation(cancellation, this.#traits(cancellation.order), this.#market));
  }

  view(cancellation: Cancellation): VisibleCancellation {
    return viewCancellation(cancellation, this.#traits(cancellation.order), this.#market);
  }

  #asks(order: number, step: number): boolean {
    const follows = step + 1 < this.#columns.stepCount(order);
    return follows && this.#columns.stepStatus(order, step + 1) === 'CANCELLED' && this.#traits(order).fate < 0.3;
  }

  #close(order: number, status: CancelStatus, time: number): void {
    const open = this.#byOrder.get(order);
    if (open === undefined) {
      const { fate } = this.#traits(order);
      const role = fate < 0.6 ? 'BUYER' : fate < 0.9 ? 'SELLER' : 'SYSTEM';
      const created = Math.max(this.#columns.created[order] ?? 0, time - ASKED_BEFORE);
      this.#open(order, role, status, created, time);
      return;
    }
    this.#veil.change(open, time, () => ({ ...open }));
    open.status = status;
    open.updated = time;
  }

  #open(order: number, role: Cancellation['role'], status: CancelStatus, created: number, updated: number): void {
    if (this.#byOrder.has(order)) return;
    const paidAt = this.#columns.paid[order] ?? 0;
    const cancellation: Cancellation = {
      position: this.#list.length,
      id: `40351${String(10_000_000_000_000 + order * 4 + this.#options.shopIndex * 10_000_000)}`,
      order,
      orderId: orderId(order, this.#options),
      role,
      created,
      updated,
      status,
      paid: paidAt > 0 && paidAt <= updated,
    };
    this.#veil.change(cancellation, updated, () => undefined);
    this.#list.push(cancellation);
    this.#byOrder.set(order, cancellation);
  }
}
