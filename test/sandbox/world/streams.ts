import type { Cancellation } from './aftersales/cancellation.ts';
import { Claims } from './aftersales/claims.ts';
import type { Return } from './aftersales/return.ts';
import { Agenda } from './agenda.ts';
import { Performance } from './analytics/performance.ts';
import type { Evolution, Lag } from './evolution.ts';
import { Statements } from './finance/statements.ts';
import type { WorldOptions } from './history.ts';
import type { Market } from './market.ts';
import { Listing } from './products/listing.ts';
import type { Product } from './products/product.ts';
import { Random, hash } from './random.ts';
import { Veil } from './veil.ts';

/**
 * What a shop has besides orders. Each part is made when it is first asked for, so that a shop whose orders alone are
 * read costs no more than they do. While the shop is frozen its calendar stands still too.
 */
export class Streams {
  readonly #options: WorldOptions;
  readonly #market: Market;
  readonly #life: () => Evolution;
  readonly #clock: () => number;
  readonly #agendas: Agenda[] = [];
  readonly #veils: {
    readonly products: Veil<Product>;
    readonly returns: Veil<Return>;
    readonly cancellations: Veil<Cancellation>;
  };
  #listing: { readonly part: Listing; readonly agenda: Agenda } | undefined;
  #claims: { readonly part: Claims; readonly agenda: Agenda } | undefined;
  #performance: Performance | undefined;
  #statements: Statements | undefined;

  /** `life` gives the orders up to date, `clock` unix seconds. */
  constructor(options: WorldOptions, market: Market, life: () => Evolution, clock: () => number) {
    this.#options = options;
    this.#market = market;
    this.#life = life;
    this.#clock = clock;
    const random = (salt: number): Random => new Random(hash(hash(options.seed, options.shopIndex), salt));
    this.#veils = {
      products: new Veil(random(1), clock),
      returns: new Veil(random(2), clock),
      cancellations: new Veil(random(3), clock),
    };
  }

  get listing(): Listing {
    if (this.#listing === undefined) {
      const agenda = new Agenda();
      this.#listing = {
        part: new Listing(this.#options, this.#market, agenda, this.#clock, this.#veils.products),
        agenda,
      };
      this.#begin(agenda);
    }
    this.#listing.agenda.advance(this.#clock());
    return this.#listing.part;
  }

  get claims(): Claims {
    const life = this.#life();
    if (this.#claims === undefined) {
      const agenda = new Agenda();
      const part = new Claims(life.columns, this.#options, this.#market, agenda, this.#veils);
      life.onHappen = (position) => part.happened(position);
      this.#claims = { part, agenda };
      this.#begin(agenda);
    }
    this.#claims.agenda.advance(this.#clock());
    return this.#claims.part;
  }

  get performance(): Performance {
    this.#performance ??= new Performance(this.#options, this.#market, this.#life, () => this.#now());
    return this.#performance;
  }

  get statements(): Statements {
    this.#statements ??= new Statements(this.#options, this.#market, this.#life, () => this.#now());
    return this.#statements;
  }

  /** From now on changes of products, returns and cancellations become visible late as `lag` says. */
  late(lag: Lag): void {
    for (const veil of Object.values(this.#veils)) veil.late(lag);
  }

  /** Stops the life of the streams, and shows every change that was held back. */
  freeze(now: number): void {
    for (const agenda of this.#agendas) agenda.freeze(now);
    for (const veil of Object.values(this.#veils)) veil.lift();
  }

  thaw(now: number): void {
    for (const agenda of this.#agendas) agenda.thaw(now);
  }

  #now(): number {
    return this.#life().frozenAt ?? this.#clock();
  }

  #begin(agenda: Agenda): void {
    this.#agendas.push(agenda);
    const { frozenAt } = this.#life();
    if (frozenAt !== undefined) agenda.freeze(frozenAt);
  }
}
