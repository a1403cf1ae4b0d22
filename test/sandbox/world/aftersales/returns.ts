import type { Agenda } from '../agenda.ts';
import { seedOf, type WorldOptions } from '../history.ts';
import type { Market } from '../market.ts';
import { orderId } from '../order-id.ts';
import { Random, hash } from '../random.ts';
import type { Traits } from '../traits.ts';
import type { Veil } from '../veil.ts';
import { renderReturn, viewReturn } from './render-return.ts';
import { planOf, type ReturnStep } from './return-life.ts';
import type { Return, VisibleReturn } from './return.ts';

/** Share of the delivered orders that come back. */
const SHARE = 0.06;

/** Every return of a shop's orders. */
export class Returns {
  readonly #options: WorldOptions;
  readonly #market: Market;
  readonly #agenda: Agenda;
  readonly #traits: (order: number) => Traits;
  readonly #veil: Veil<Return>;
  readonly #list: Return[] = [];

  constructor(
    options: WorldOptions,
    market: Market,
    agenda: Agenda,
    traits: (order: number) => Traits,
    veil: Veil<Return>,
  ) {
    this.#options = options;
    this.#market = market;
    this.#agenda = agenda;
    this.#traits = traits;
    this.#veil = veil;
  }

  get list(): readonly Return[] {
    return this.#veil.shown(this.#list);
  }

  /** The order at a position was delivered at `time`, unix seconds: perhaps its buyer wants to give it back. */
  delivered(order: number, time: number): void {
    const random = new Random(hash(seedOf(this.#options, order), 0x726574));
    if (!random.chance(SHARE)) return;
    const { type, wait, steps } = planOf(random, time < this.#options.start ? 1 : this.#options.pace);
    this.#agenda.at(time + wait, (created) => {
      const opened: Return = {
        position: this.#list.length,
        id: `40352${String(10_000_000_000_000 + order * 4 + this.#options.shopIndex * 10_000_000)}`,
        order,
        orderId: orderId(order, this.#options),
        type,
        created,
        updated: created,
        status: 'RETURN_OR_REFUND_REQUEST_PENDING',
      };
      this.#veil.change(opened, created, () => undefined);
      this.#list.push(opened);
      this.#goOn(opened, steps, created);
    });
  }

  /** The JSON of a return as shown now; `version` is that of the path. */
  payload(record: Return, version: string): Buffer {
    return Buffer.from(renderReturn(record, this.#traits(record.order), this.#market, version));
  }

  view(record: Return): VisibleReturn {
    return viewReturn(record, this.#traits(record.order), this.#market);
  }

  #goOn(record: Return, steps: readonly ReturnStep[], from: number): void {
    const [next, ...later] = steps;
    if (next === undefined) return;
    this.#agenda.at(from + next.after, (time) => {
      this.#veil.change(record, time, () => ({ ...record }));
      record.status = next.status;
      record.updated = time;
      this.#goOn(record, later, time);
    });
  }
}
