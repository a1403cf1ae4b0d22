import { basketOf } from '../basket.ts';
import type { Evolution } from '../evolution.ts';
import { seedOf, type WorldOptions } from '../history.ts';
import type { Market } from '../market.ts';
import { Random, at, hash } from '../random.ts';
import { keyOf, positionOf } from '../time-index.ts';
import { traitsOf } from '../traits.ts';
import { beginOf } from './calendar.ts';
import { CHANNELS, type Figures } from './figures.ts';

const DAY = 86_400;

/** What of a day is known: its figures as told `age` days after they were told first, of `restated` days in all. */
export interface Asked {
  readonly day: number;
  readonly age: number;
  readonly restated: number;
}

/**
 * Counts the figures of a local day from the orders placed on it. TikTok: figures of younger days change until they are
 * final. Some orders are counted only days later, cancellations come in, and the amounts told first are too low. GMV
 * keeps what was cancelled later; what was never paid does not count.
 */
export function countDay(life: Evolution, options: WorldOptions, market: Market, asked: Asked): Figures {
  const { byCreate, columns } = life;
  const { day, age, restated } = asked;
  const begin = beginOf(day, market.utcOffset);
  const known = begin + (age + 1) * DAY;
  const gmvBy = { LIVE: 0, VIDEO: 0, PRODUCT_CARD: 0 };
  const buyersBy = { LIVE: new Set<string>(), VIDEO: new Set<string>(), PRODUCT_CARD: new Set<string>() };
  const buyers = new Set<string>();
  let [orders, skuOrders, unitsSold, refunds, cancelled] = [0, 0, 0, 0, 0];
  const last = byCreate.rank(keyOf(begin + DAY, 0));
  for (let rank = byCreate.rank(keyOf(begin, 0)); rank < last; rank += 1) {
    const position = positionOf(byCreate.keyAt(rank));
    const seed = seedOf(options, position);
    if (countedFrom(seed, restated) > age || isUnpaid(life, position)) continue;
    const traits = traitsOf(seed, market);
    const { subTotal, units, total } = basketOf(traits, market);
    const channel = at(CHANNELS, hash(seed, 0x6368) % CHANNELS.length);
    gmvBy[channel] += subTotal;
    buyersBy[channel].add(traits.buyerId);
    buyers.add(traits.buyerId);
    orders += 1;
    skuOrders += new Set(units.map(({ sku }) => sku.id)).size;
    unitsSold += units.length;
    const step = columns.shown[position] ?? 0;
    if (columns.stepStatus(position, step) === 'CANCELLED' && columns.stepTime(position, step) < known) {
      refunds += total;
      cancelled += 1;
    }
  }
  const less = told(asked, hash(options.seed, options.shopIndex));
  const shown = { LIVE: less(gmvBy.LIVE), VIDEO: less(gmvBy.VIDEO), PRODUCT_CARD: less(gmvBy.PRODUCT_CARD) };
  const random = new Random(hash(hash(options.seed, options.shopIndex), day));
  const visitors = less(orders * random.between(18, 30) + random.between(20, 60));
  return {
    gmv: shown.LIVE + shown.VIDEO + shown.PRODUCT_CARD,
    gmvBy: shown,
    buyersBy: {
      LIVE: buyersBy.LIVE.size,
      VIDEO: buyersBy.VIDEO.size,
      PRODUCT_CARD: buyersBy.PRODUCT_CARD.size,
    },
    orders,
    skuOrders,
    unitsSold,
    buyers: buyers.size,
    refunds,
    cancelled,
    visitors,
    pageViews: Math.floor(visitors * 1.4),
    impressions: visitors * 11,
  };
}

/** One order in ten is found out of its day's figures at first, and counted on a later day. */
const countedFrom = (seed: number, restated: number): number => {
  const draw = hash(seed, 0x616e61);
  return restated === 0 || draw % 10 > 0 ? 0 : 1 + ((draw >>> 8) % restated);
};

/** Whether nobody has paid for the order shown at a position, and perhaps nobody will. */
export function isUnpaid({ columns }: Evolution, position: number): boolean {
  const step = columns.shown[position] ?? 0;
  const status = columns.stepStatus(position, step);
  if (status === 'UNPAID') return true;
  return status === 'CANCELLED' && (step === 0 || columns.stepStatus(position, step - 1) === 'UNPAID');
}

/** Amounts as they are told at an age: less by 1 % for each day that is missing, and a little more, so that each differs. */
function told({ day, age, restated }: Asked, seed: number): (amount: number) => number {
  if (age >= restated) return (amount) => amount;
  const perMille = (restated - age) * 10 + (hash(seed, day * 31 + age) % 9);
  return (amount) => Math.max(0, Math.floor((amount * (1000 - perMille)) / 1000));
}
