import { basketOf } from '../basket.ts';
import type { Evolution } from '../evolution.ts';
import { seedOf, type WorldOptions } from '../history.ts';
import type { Market } from '../market.ts';
import type { Product } from '../products/product.ts';
import { hash } from '../random.ts';
import { keyOf, positionOf } from '../time-index.ts';
import { traitsOf } from '../traits.ts';
import { beginOf } from './calendar.ts';
import { isUnpaid } from './count.ts';

/** What a product sold in a span; GMV in minor units. */
export interface ProductFigures {
  /** Place in the order of listing. */
  readonly position: number;
  readonly id: string;
  readonly gmv: number;
  readonly orders: number;
  readonly unitsSold: number;
  readonly clicks: number;
}

/** The figures of every product over the local days [from, until), those that sold nothing too. */
export function countProducts(
  life: Evolution,
  options: WorldOptions,
  market: Market,
  products: readonly Product[],
  [from, until]: readonly [from: number, until: number],
): readonly ProductFigures[] {
  const { byCreate } = life;
  const sold = new Map<string, { gmv: number; unitsSold: number; orders: Set<number> }>();
  const last = byCreate.rank(keyOf(beginOf(until, market.utcOffset), 0));
  for (let rank = byCreate.rank(keyOf(beginOf(from, market.utcOffset), 0)); rank < last; rank += 1) {
    const position = positionOf(byCreate.keyAt(rank));
    if (isUnpaid(life, position)) continue;
    for (const unit of basketOf(traitsOf(seedOf(options, position), market), market).units) {
      const entry = sold.get(unit.sku.productId) ?? { gmv: 0, unitsSold: 0, orders: new Set() };
      entry.gmv += unit.original - unit.sellerDiscount - unit.platformDiscount;
      entry.unitsSold += 1;
      entry.orders.add(position);
      sold.set(unit.sku.productId, entry);
    }
  }
  return products.map(({ id, position }) => {
    const { gmv = 0, unitsSold = 0, orders } = sold.get(id) ?? {};
    const count = orders?.size ?? 0;
    return { position, id, gmv, orders: count, unitsSold, clicks: count * (8 + (hash(position, from) % 12)) };
  });
}
