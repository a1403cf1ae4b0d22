import type { Evolution } from '../evolution.ts';
import type { WorldOptions } from '../history.ts';
import { money, type Market } from '../market.ts';
import type { Product } from '../products/product.ts';
import { countProducts, type ProductFigures } from './by-product.ts';
import { dateOf, dayOf, dayOfDate } from './calendar.ts';
import { countDay } from './count.ts';
import { plus, type DayFigures, type Figures } from './figures.ts';

const DAY = 86_400;

/** A shop's figures per local day, which are told a day late and change for some days more. */
export class Performance {
  /** The first local day of the shop, as days since 1970. */
  readonly first: number;
  readonly #life: () => Evolution;
  readonly #options: WorldOptions;
  readonly #market: Market;
  readonly #now: () => number;
  readonly #final = new Map<number, Figures>();
  readonly #extra = new Map<number, number>();

  /** `life` gives the orders up to date, `now` the instant up to which the shop has lived, unix seconds. */
  constructor(options: WorldOptions, market: Market, life: () => Evolution, now: () => number) {
    this.#life = life;
    this.#options = options;
    this.#market = market;
    this.#now = now;
    this.first = dayOf(options.start - options.days * DAY, market.utcOffset);
  }

  /** The last day of which anything is told. */
  get latest(): number {
    return dayOf(this.#now() - this.#options.analyticsDelay, this.#market.utcOffset) - 1;
  }

  isFinal(day: number): boolean {
    return this.latest - day >= this.#options.restatedDays;
  }

  /** The figures of a day as they are told now; a day later than the latest has what happened so far. */
  of(day: number): Figures {
    const restated = this.#options.restatedDays;
    const age = Math.min(restated, Math.max(0, this.latest - day));
    const kept = this.#final.get(day);
    const figures = kept ?? countDay(this.#life(), this.#options, this.#market, { day, age, restated });
    if (kept === undefined && this.isFinal(day)) this.#final.set(day, figures);
    const extra = this.#extra.get(day) ?? 0;
    if (extra === 0) return figures;
    const { gmvBy } = figures;
    return { ...figures, gmv: figures.gmv + extra, gmvBy: { ...gmvBy, PRODUCT_CARD: gmvBy.PRODUCT_CARD + extra } };
  }

  /** The sum over [from, until). */
  sum(from: number, until: number): Figures | undefined {
    let total: Figures | undefined;
    for (let day = from; day < until; day += 1) total = total === undefined ? this.of(day) : plus(total, this.of(day));
    return total;
  }

  /** What each product sold over [from, until), counted anew at each call. */
  ofProducts(products: readonly Product[], from: number, until: number): readonly ProductFigures[] {
    return countProducts(this.#life(), this.#options, this.#market, products, [from, until]);
  }

  /** Restates the GMV of a date by so many minor units, whether or not it was final. Throws for what is no date. */
  restate(date: string, by: number): void {
    const day = dayOfDate(date);
    if (day === undefined) throw new Error(`${date} is no date`);
    this.#extra.set(day, (this.#extra.get(day) ?? 0) + by);
  }

  /** Every day that is told, as it is told now. */
  days(): DayFigures[] {
    const count = Math.max(0, this.latest + 1 - this.first);
    return Array.from({ length: count }, (_, index) => this.#view(this.first + index));
  }

  #view(day: number): DayFigures {
    const { gmv, orders, unitsSold, buyers, refunds } = this.of(day);
    return {
      date: dateOf(day),
      final: this.isFinal(day),
      gmv: money(gmv, this.#market),
      currency: this.#market.currency,
      orders,
      unitsSold,
      buyers,
      refunds: money(refunds, this.#market),
    };
  }
}
