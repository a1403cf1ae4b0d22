import { catalogueOf, type Sku } from '../catalogue.ts';
import type { WorldOptions } from '../history.ts';
import type { Market } from '../market.ts';
import { Random, at, hash } from '../random.ts';
import type { Product, ProductStatus, Variant } from './product.ts';

const DAY = 86_400;
const ONE_DAY_BEFORE_START = 30 * DAY;

/** What was there before, at its first moment. */
const FIRST_STATUSES: readonly (readonly [below: number, status: ProductStatus])[] = [
  [0.8, 'ACTIVATE'],
  [0.88, 'SELLER_DEACTIVATED'],
  [0.92, 'DRAFT'],
  [0.94, 'PENDING'],
  [0.96, 'FAILED'],
  [0.98, 'PLATFORM_DEACTIVATED'],
  [0.99, 'FREEZE'],
  [1, 'DELETED'],
];

const unquoted = (text: string): string => String(JSON.parse(text));

/** The products that the orders of this market name, each with its SKUs. */
function soldProducts(market: Market): readonly (readonly Sku[])[] {
  const { sold, gifts } = catalogueOf(market);
  return [...Map.groupBy([...sold, ...gifts], ({ productId }) => productId).values()];
}

/** The product at a position, listed at `created`, unix seconds. The first ones are those that orders name. */
export function makeProduct(options: WorldOptions, market: Market, position: number, created: number): Product {
  const random = new Random(hash(hash(options.seed, options.shopIndex + 1), 0x70726f64 + position));
  const sold = soldProducts(market);
  const known = sold[position];
  if (known !== undefined) {
    const variants = known.map(({ id, sellerSku, price }) => ({
      id,
      sellerSku: unquoted(sellerSku),
      price,
      quantity: random.between(0, 400),
      active: true,
    }));
    const first = at(known, 0);
    const title = unquoted(first.productName);
    return {
      position,
      id: first.productId,
      created,
      updated: created,
      status: 'ACTIVATE',
      title,
      variants,
      version: 0,
    };
  }
  const draw = random.next();
  const status = FIRST_STATUSES.find(([below]) => draw < below)?.[1] ?? 'ACTIVATE';
  return {
    position,
    id: `17296${options.shopIndex}${1_000_000_000_000 + position * 1000 + random.between(0, 999)}`,
    created,
    updated: created,
    status,
    title: `${unquoted(at(random.pick(sold), 0).productName)} № ${position + 1}`,
    variants: makeVariants(options, market, position, random),
    version: 0,
  };
}

function makeVariants({ shopIndex }: WorldOptions, market: Market, position: number, random: Random): Variant[] {
  const price = Math.max(1, Math.round((random.between(300, 9000) * market.perCent) / market.priceStep));
  return Array.from({ length: random.between(1, 4) }, (_, index) => ({
    id: `17297${shopIndex}${1_000_000_000_000 + position * 100 + index}`,
    // Now and then a seller has not entered a code.
    sellerSku: random.chance(0.15) ? '' : `P${position}-${index + 1}`,
    price: (price + index) * market.priceStep,
    quantity: random.chance(0.1) ? 0 : random.between(1, 500),
    active: random.chance(0.95),
  }));
}

/** The products that the shop has at its start, listed and last changed in the years before. */
export function layProducts(options: WorldOptions, market: Market): Product[] {
  const { start, days, productsOnOneDay, oneDaySeconds } = options;
  const from = start - days * DAY;
  const random = new Random(hash(options.seed, 0x70726f64 + options.shopIndex));
  const day = Math.floor((start - ONE_DAY_BEFORE_START) / DAY) * DAY;
  return Array.from({ length: options.products }, (_, position) => {
    const created = random.between(from, Math.max(from, start - DAY));
    const changed = random.between(created, start - 1);
    // What changed on the one day must have been there before it.
    const onTheDay = position < productsOnOneDay;
    const listed = onTheDay ? Math.min(created, day - 1) : created;
    const product = makeProduct(options, market, position, listed);
    product.updated = onTheDay ? day + random.between(0, oneDaySeconds - 1) : changed;
    return product;
  });
}
