import type { Step } from './lifecycle.ts';
import { codeOf, statusOf, type Status } from './status.ts';
import { MAX_ORDERS } from './time-index.ts';
import type { Traits } from './traits.ts';

/** Versions kept per order; a longer life forgets its second one. */
const SLOTS = 10;

/** Orders as columns: some 70 bytes each, so that a million fit and a start takes no time. Times are unix seconds. */
export class Columns {
  size = 0;
  /** Instant of placing. */
  created: Uint32Array;
  /** Instant of payment, 0 = never. */
  paid: Uint32Array;
  /** Position of the last version that has happened, and of the one that the API shows; -1 = none. */
  happened: Int8Array;
  shown: Int8Array;
  /** When the version that happened last becomes visible. */
  revealAt: Float64Array;
  /** Edits that moved no update_time. */
  touches: Uint16Array;
  #stepCount: Uint8Array;
  #stepTime: Uint32Array;
  #stepStatus: Uint8Array;

  constructor(capacity: number) {
    this.created = new Uint32Array(capacity);
    this.paid = new Uint32Array(capacity);
    this.happened = new Int8Array(capacity);
    this.shown = new Int8Array(capacity);
    this.revealAt = new Float64Array(capacity);
    this.touches = new Uint16Array(capacity);
    this.#stepCount = new Uint8Array(capacity);
    this.#stepTime = new Uint32Array(capacity * SLOTS);
    this.#stepStatus = new Uint8Array(capacity * SLOTS);
  }

  /** Adds an order of which nothing has happened yet; returns its position. Throws RangeError when the world is full. */
  add(created: number): number {
    if (this.size === MAX_ORDERS) throw new RangeError(`a world holds at most ${MAX_ORDERS} orders`);
    if (this.size === this.created.length) this.#grow();
    const position = this.size;
    this.size += 1;
    this.created[position] = created;
    this.happened[position] = -1;
    this.shown[position] = -1;
    return position;
  }

  stepCount(position: number): number {
    return this.#stepCount[position] ?? 0;
  }

  stepTime(position: number, step: number): number {
    return this.#stepTime[position * SLOTS + step] ?? 0;
  }

  stepStatus(position: number, step: number): Status {
    return statusOf(this.#stepStatus[position * SLOTS + step] ?? 0);
  }

  setStepTime(position: number, step: number, time: number): void {
    this.#stepTime[position * SLOTS + step] = time;
  }

  /** Replaces everything after version `keep` - 1 with `steps`, forgetting early versions when there are too many. */
  replaceSteps(position: number, keep: number, steps: readonly Step[]): void {
    const base = position * SLOTS;
    const forget = Math.max(0, keep + steps.length - SLOTS);
    if (forget > 0) {
      this.#stepTime.copyWithin(base + 1, base + 1 + forget, base + keep);
      this.#stepStatus.copyWithin(base + 1, base + 1 + forget, base + keep);
      this.happened[position] = Math.max(0, (this.happened[position] ?? 0) - forget);
      this.shown[position] = Math.max(0, (this.shown[position] ?? 0) - forget);
    }
    let slot = base + keep - forget;
    for (const step of steps) {
      this.#stepTime[slot] = step.time;
      this.#stepStatus[slot] = codeOf(step.status);
      slot += 1;
    }
    this.#stepCount[position] = slot - base;
  }

  /** When the order last reached `status` among the versions shown, unix seconds; 0 = never. */
  reached(position: number, status: Status): number {
    for (let step = this.shown[position] ?? -1; step >= 0; step -= 1) {
      if (this.stepStatus(position, step) === status) return this.stepTime(position, step);
    }
    return 0;
  }

  /** Whether the version shown waits for the seller's answer to a buyer who wants to cancel. */
  asksToCancel(position: number, traits: Traits): boolean {
    const step = this.shown[position] ?? 0;
    if (this.stepStatus(position, step) !== 'AWAITING_SHIPMENT' || step + 1 >= this.stepCount(position)) return false;
    return this.stepStatus(position, step + 1) === 'CANCELLED' && traits.fate < 0.3;
  }

  #grow(): void {
    const capacity = Math.min(MAX_ORDERS, Math.max(1024, this.created.length * 2));
    const wider = <A extends Uint8Array | Int8Array | Uint16Array | Uint32Array | Float64Array>(to: A, from: A): A => {
      to.set(from);
      return to;
    };
    this.created = wider(new Uint32Array(capacity), this.created);
    this.paid = wider(new Uint32Array(capacity), this.paid);
    this.happened = wider(new Int8Array(capacity), this.happened);
    this.shown = wider(new Int8Array(capacity), this.shown);
    this.revealAt = wider(new Float64Array(capacity), this.revealAt);
    this.touches = wider(new Uint16Array(capacity), this.touches);
    this.#stepCount = wider(new Uint8Array(capacity), this.#stepCount);
    this.#stepTime = wider(new Uint32Array(capacity * SLOTS), this.#stepTime);
    this.#stepStatus = wider(new Uint8Array(capacity * SLOTS), this.#stepStatus);
  }
}
