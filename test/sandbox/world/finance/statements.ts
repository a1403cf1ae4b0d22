import { basketOf } from '../basket.ts';
import type { Evolution } from '../evolution.ts';
import { seedOf, type WorldOptions } from '../history.ts';
import { alphabetical } from '../json.ts';
import { money, type Market } from '../market.ts';
import { Random, hash } from '../random.ts';
import { keyOf, positionOf } from '../time-index.ts';
import { traitsOf } from '../traits.ts';

export type PaymentStatus = 'PAID' | 'FAILED' | 'PROCESSING';

/** What a day's settlement came to; amounts are minor units, fees negative: settlement = revenue + fee + adjustment. */
interface Amounts {
  readonly revenue: number;
  readonly fee: number;
  readonly adjustment: number;
}

export interface VisibleStatement {
  readonly id: string;
  /** Unix seconds; 00:00 UTC of the day after the one it covers. */
  readonly statementTime: number;
  readonly revenueAmount: string;
  readonly feeAmount: string;
  readonly adjustmentAmount: string;
  readonly settlementAmount: string;
  readonly currency: string;
  readonly paymentStatus: PaymentStatus;
  /** Missing until it is paid. */
  readonly paymentId: string | undefined;
}

const DAY = 86_400;
/** TikTok: statements exist from 2023-07-01 on. */
const EARLIEST = Date.UTC(2023, 6, 1) / 1000;

/** A shop's daily statements: orders completed on a day of UTC, less fees, and now and then what was spent on ads. */
export class Statements {
  readonly #options: WorldOptions;
  readonly #market: Market;
  readonly #life: () => Evolution;
  readonly #now: () => number;
  readonly #days = new Map<number, Amounts | undefined>();

  /** `life` gives the orders up to date, `now` the instant up to which the shop has lived, unix seconds. */
  constructor(options: WorldOptions, market: Market, life: () => Evolution, now: () => number) {
    this.#options = options;
    this.#market = market;
    this.#life = life;
    this.#now = now;
  }

  /** The statements there are now, with a time in [ge, lt), unix seconds, oldest first. */
  between(ge: number, lt: number): VisibleStatement[] {
    const life = this.#life();
    const first = Math.max(EARLIEST, this.#options.start - this.#options.days * DAY, ge - DAY);
    const last = Math.min(this.#now(), lt - 1);
    const list: VisibleStatement[] = [];
    for (let day = Math.floor(first / DAY); (day + 1) * DAY <= last; day += 1) {
      if ((day + 1) * DAY < ge) continue;
      if (!this.#days.has(day)) this.#days.set(day, this.#settle(life, day));
      const amounts = this.#days.get(day);
      if (amounts !== undefined) list.push(this.#view(day, amounts));
    }
    return list;
  }

  /** A day without any amount has no statement. */
  #settle({ byUpdate, columns }: Evolution, day: number): Amounts | undefined {
    const random = new Random(hash(hash(this.#options.seed, this.#options.shopIndex), day + 0x73746d));
    let revenue = 0;
    const last = byUpdate.rank(keyOf((day + 1) * DAY, 0));
    for (let rank = byUpdate.rank(keyOf(day * DAY, 0)); rank < last; rank += 1) {
      const position = positionOf(byUpdate.keyAt(rank));
      if (columns.stepStatus(position, columns.shown[position] ?? 0) !== 'COMPLETED') continue;
      revenue += basketOf(traitsOf(seedOf(this.#options, position), this.#market), this.#market).subTotal;
    }
    const adjustment = random.chance(0.11) ? -this.#market.priceStep * random.between(1, 400) : 0;
    if (revenue === 0 && adjustment === 0) return undefined;
    return { revenue, fee: revenue === 0 ? 0 : -Math.round(revenue * 0.09), adjustment };
  }

  /** TikTok: the payment follows days later, so a statement changes after it was told. */
  #view(day: number, { revenue, fee, adjustment }: Amounts): VisibleStatement {
    const random = new Random(hash(hash(this.#options.seed, this.#options.shopIndex), day + 0x706179));
    const statementTime = (day + 1) * DAY;
    const paidAfter = random.between(3 * DAY, 6 * DAY);
    const fails = random.chance(0.04);
    const age = this.#now() - statementTime;
    const paid = age >= paidAfter + (fails ? 2 * DAY : 0);
    const number = this.#options.shopIndex * 100_000 + day;
    const m = (minor: number): string => money(minor, this.#market);
    return {
      id: `7676${String(100_000_000_000_000 + number)}`,
      statementTime,
      revenueAmount: m(revenue),
      feeAmount: m(fee),
      adjustmentAmount: m(adjustment),
      settlementAmount: m(revenue + fee + adjustment),
      currency: this.#market.currency,
      paymentStatus: paid ? 'PAID' : fails && age >= paidAfter ? 'FAILED' : 'PROCESSING',
      paymentId: paid ? `3459${String(100_000_000_000_000 + number)}` : undefined,
    };
  }
}

/** The JSON of a statement. */
export const renderStatement = (statement: VisibleStatement): string =>
  alphabetical({
    adjustment_amount: statement.adjustmentAmount,
    currency: statement.currency,
    fee_amount: statement.feeAmount,
    id: statement.id,
    net_sales_amount: statement.revenueAmount,
    payment_id: statement.paymentId,
    payment_status: statement.paymentStatus,
    revenue_amount: statement.revenueAmount,
    settlement_amount: statement.settlementAmount,
    shipping_cost_amount: '0',
    statement_time: statement.statementTime,
  });
