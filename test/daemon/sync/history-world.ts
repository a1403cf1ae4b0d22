import type { History } from './history.ts';
import type { ModelOrder, ModelShop } from './model-shop.ts';
import { policy } from './workshop.ts';

/** Numbers that look random and are the same for the same seed, 0 to 1. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A status that no order can be stored with: the record is set aside. */
export const unusable = '';

/** Whatever is stamped in the future lies at most this far ahead, seconds. */
export const farthest = 7200;

/** A shop that lives: orders are placed and change, some show late, some carry times that nobody would expect. */
export class LivingShop {
  readonly #shop: ModelShop;
  readonly #random: () => number;
  readonly #lag: number;
  readonly #now: () => number;
  /** Orders with a version of the future: the next one is likely to step back. */
  readonly #leaped: ModelOrder[] = [];

  constructor(shop: ModelShop, history: History, random: () => number, now: () => number) {
    this.#shop = shop;
    this.#random = random;
    this.#lag = Math.min(history.lag, policy.settle + policy.overlap - 1);
    this.#now = now;
    const end = now();
    for (let i = 0; i < history.orders; i++) this.#past(end - this.#upTo(i % 4 === 0 ? 3_000_000 : 40_000) - 1);
    for (const count of history.ties) {
      const second = end - 1 - this.#upTo(20_000);
      const spread = this.#random() < 0.5 ? 1 : 30;
      for (let i = 0; i < count; i++) shop.place(second, { createTime: second - this.#upTo(spread) });
    }
  }

  /** Now, or a while ago and not visible before now. */
  place(): void {
    const late = this.#late();
    const at = Math.floor(this.#now()) - this.#upTo(late + 1);
    this.#shop.place(at, { visibleAt: at + late });
  }

  /** Many at once, in one second. */
  burst(count: number): void {
    const at = Math.floor(this.#now());
    for (let i = 0; i < count; i++) this.#shop.place(at, { visibleAt: this.#visibleAt(at) });
  }

  /** A new version now; after one of the future it is a step back in time. */
  change(): void {
    const at = Math.floor(this.#now());
    const order = this.#random() < 0.2 ? this.#leaped.pop() : this.#any();
    const status = this.#random() < 0.05 ? unusable : ['UNPAID', 'PAID', 'DELIVERED'][this.#upTo(3)];
    if (order !== undefined)
      this.#shop.change(order.id, at, { visibleAt: this.#visibleAt(at), status: status ?? 'PAID' });
  }

  /** Something happens. */
  stir(): void {
    [() => this.change(), () => this.place(), () => this.burst(3)][this.#upTo(3)]?.();
  }

  /** A version that claims to be of the future. */
  leap(): void {
    const now = Math.floor(this.#now());
    const order = this.#any();
    if (order === undefined) return;
    this.#leaped.push(order);
    this.#shop.change(order.id, now + 1 + this.#upTo(farthest), { visibleAt: this.#visibleAt(now), status: 'PAID' });
  }

  #past(at: number): void {
    const createTime = at - (this.#random() < 0.1 ? this.#upTo(500_000) : this.#upTo(50));
    this.#shop.place(at, { createTime });
  }

  #visibleAt(at: number): number {
    return at + this.#late();
  }

  /** Seconds after which a version shows. */
  #late(): number {
    return this.#random() < 0.5 ? 0 : this.#upTo(this.#lag + 1);
  }

  #any(): ModelOrder | undefined {
    const all = [...this.#shop.orders.values()];
    return all[this.#upTo(all.length)];
  }

  /** An integer from 0, less than `limit`. */
  #upTo(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
