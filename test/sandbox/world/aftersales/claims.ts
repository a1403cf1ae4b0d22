import type { Agenda } from '../agenda.ts';
import type { Columns } from '../columns.ts';
import { seedOf, type WorldOptions } from '../history.ts';
import type { Market } from '../market.ts';
import { traitsOf } from '../traits.ts';
import type { Veil } from '../veil.ts';
import type { Cancellation } from './cancellation.ts';
import { Cancellations } from './cancellations.ts';
import type { Return } from './return.ts';
import { Returns } from './returns.ts';

export interface Veils {
  readonly returns: Veil<Return>;
  readonly cancellations: Veil<Cancellation>;
}

/** What follows from orders: buyers who cancel them and buyers who send them back. */
export class Claims {
  readonly returns: Returns;
  readonly cancellations: Cancellations;
  readonly #columns: Columns;
  readonly #agenda: Agenda;

  /** Begins with what followed from everything that has happened to the orders so far. */
  constructor(columns: Columns, options: WorldOptions, market: Market, agenda: Agenda, veils: Veils) {
    this.#columns = columns;
    this.#agenda = agenda;
    const traits = (order: number) => traitsOf(seedOf(options, order), market);
    this.returns = new Returns(options, market, agenda, traits, veils.returns);
    this.cancellations = new Cancellations(columns, options, market, traits, veils.cancellations);
    for (let order = 0; order < columns.size; order += 1) {
      const last = columns.happened[order] ?? -1;
      for (let step = 0; step <= last; step += 1) this.#follow(order, step, columns.stepTime(order, step));
    }
  }

  /** Something has just happened to the order at this position. */
  happened(order: number): void {
    const step = this.#columns.happened[order] ?? 0;
    this.#follow(order, step, Math.max(this.#columns.stepTime(order, step), this.#agenda.now));
  }

  #follow(order: number, step: number, time: number): void {
    if (this.#columns.stepStatus(order, step) === 'DELIVERED') this.returns.delivered(order, time);
    else this.cancellations.happened(order, step, time);
  }
}
