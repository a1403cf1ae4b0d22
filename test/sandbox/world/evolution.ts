import { Columns } from './columns.ts';
import { EventHeap } from './event-heap.ts';
import { addOrder, layHistory, seedOf, type WorldOptions } from './history.ts';
import { marketOf } from './markets.ts';
import { hash } from './random.ts';
import { Rhythm } from './rhythm.ts';
import { TimeIndex, keyOf } from './time-index.ts';

/** How late versions become visible: `fraction` of them, by `least` to `most` seconds. */
export interface Lag {
  readonly fraction: number;
  readonly least: number;
  readonly most: number;
}

export const NO_LAG: Lag = { fraction: 0, least: 0, most: 0 };
const DAY = 86_400;

/** The life of a shop: what has happened by an instant, and what the API shows of it. All times are unix seconds. */
export class Evolution {
  readonly columns: Columns;
  readonly byUpdate: TimeIndex;
  readonly byCreate: TimeIndex;
  lag: Lag;
  /** Told of each version of an order as it happens, by the order's position. */
  onHappen: ((position: number) => void) | undefined;
  readonly #options: WorldOptions;
  readonly #rhythm: Rhythm;
  readonly #life = new EventHeap();
  readonly #reveals = new EventHeap();
  #nextPlacing: number;
  #shift = 0;
  #frozenAt: number | undefined;

  constructor(options: WorldOptions, lag: Lag) {
    this.#options = options;
    this.lag = lag;
    const { seed, start, days, orders, pace } = options;
    const { utcOffset } = marketOf(options.region);
    const from = start - days * DAY;
    this.#rhythm = new Rhythm({ seed: hash(seed, options.shopIndex), from, to: start, count: orders, utcOffset, pace });
    this.columns = new Columns(orders + 1024);
    this.#nextPlacing = layHistory(this.columns, options, this.#rhythm);
    // What is older than any delay is simply there; the last moments before the start are lived through.
    const settled = start - Math.ceil(lag.most) - 1;
    const updates: number[] = [];
    const creations: number[] = [];
    const { happened, shown, created, size } = this.columns;
    for (let position = 0; position < size; position += 1) {
      const count = this.columns.stepCount(position);
      let last = count - 1;
      while (last >= 0 && this.columns.stepTime(position, last) > settled) last -= 1;
      happened[position] = last;
      shown[position] = last;
      if (last >= 0) {
        updates.push(keyOf(this.columns.stepTime(position, last), position));
        creations.push(keyOf(created[position] ?? 0, position));
      }
      if (last < count - 1) this.#awaitNext(position);
    }
    this.byUpdate = new TimeIndex(Float64Array.from(updates));
    this.byCreate = new TimeIndex(Float64Array.from(creations));
    this.advance(start);
  }

  get frozen(): boolean {
    return this.#frozenAt !== undefined;
  }

  /** Since when the life of the shop stands still. */
  get frozenAt(): number | undefined {
    return this.#frozenAt;
  }

  /** Lets everything happen that is due by `now`, in order of time. A `now` in the past changes nothing. */
  advance(now: number): void {
    for (;;) {
      const life = this.frozen ? Infinity : this.#life.due;
      const placing = this.frozen ? Infinity : this.#nextPlacing;
      const due = Math.min(this.#reveals.due, life, placing);
      if (due > now) return;
      if (this.#reveals.due === due) this.#reveal(this.#reveals.pop(), due);
      else if (life === due) this.#step(this.#life.pop(), due);
      else this.#place(due);
    }
  }

  /** Stops the life of the shop, after showing every version that was still held back. */
  freeze(now: number): void {
    if (this.frozen) return;
    this.advance(now);
    for (const position of this.#reveals.drain()) this.#show(position);
    this.#frozenAt = Math.floor(now);
  }

  /** Goes on with the life of the shop; everything planned happens later by the time it was frozen. */
  thaw(now: number): void {
    if (this.#frozenAt === undefined) return;
    const pause = Math.max(0, Math.floor(now) - this.#frozenAt);
    this.#frozenAt = undefined;
    this.#shift += pause;
    this.#nextPlacing += pause;
    for (const position of this.#life.drain()) {
      const next = (this.columns.happened[position] ?? -1) + 1;
      const count = this.columns.stepCount(position);
      const planned = this.columns.stepTime(position, next);
      const paid = this.columns.paid[position] ?? 0;
      if (next < count && paid >= planned) this.columns.paid[position] = paid + pause;
      for (let step = next; step < count; step += 1) {
        this.columns.setStepTime(position, step, this.columns.stepTime(position, step) + pause);
      }
      this.#awaitNext(position);
    }
  }

  /** Makes the next planned version of an order happen now, whatever its time says, shown `lateBy` seconds later. */
  happen(position: number, now: number, lateBy: number): void {
    this.columns.happened[position] = (this.columns.happened[position] ?? -1) + 1;
    this.onHappen?.(position);
    if (lateBy > 0) this.#hold(position, Math.floor(now) + lateBy);
    else this.#show(position);
    this.#awaitNext(position);
  }

  /** The delay that the present lag gives to the version that comes next, in seconds. */
  lagOfNext(position: number): number {
    const { fraction, least, most } = this.lag;
    const version = (this.columns.happened[position] ?? -1) + 1;
    const draw = hash(seedOf(this.#options, position), 0x6c6167 + version);
    if (fraction === 0 || (draw % 10_000) / 10_000 >= fraction) return 0;
    return least + (hash(draw, 1) % (Math.floor(most - least) + 1));
  }

  #place(due: number): void {
    const position = addOrder(this.columns, this.#options, due);
    this.#nextPlacing = this.#rhythm.next() + this.#shift;
    this.happen(position, due, this.lagOfNext(position));
  }

  #step(position: number, due: number): void {
    const next = (this.columns.happened[position] ?? -1) + 1;
    const outdated = next >= this.columns.stepCount(position) || this.columns.stepTime(position, next) !== due;
    if (!outdated) this.happen(position, due, this.lagOfNext(position));
  }

  #awaitNext(position: number): void {
    const next = (this.columns.happened[position] ?? -1) + 1;
    if (next < this.columns.stepCount(position)) this.#life.push(this.columns.stepTime(position, next), position);
  }

  #hold(position: number, until: number): void {
    this.columns.revealAt[position] = until;
    this.#reveals.push(until, position);
  }

  #reveal(position: number, due: number): void {
    if (this.columns.revealAt[position] === due) this.#show(position);
  }

  #show(position: number): void {
    const { columns } = this;
    const before = columns.shown[position] ?? -1;
    const after = columns.happened[position] ?? -1;
    columns.revealAt[position] = 0;
    if (before === after) return;
    if (before >= 0) this.byUpdate.remove(columns.stepTime(position, before), position);
    else this.byCreate.add(columns.created[position] ?? 0, position);
    columns.shown[position] = after;
    this.byUpdate.add(columns.stepTime(position, after), position);
  }
}
