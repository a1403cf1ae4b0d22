import type { Market } from './market.ts';
import { Random, hash } from './random.ts';

/** What an order is from its first moment on, before anything happens to it. */
export interface Traits {
  readonly seed: number;
  readonly cod: boolean;
  readonly held: boolean;
  readonly shippingType: 'TIKTOK' | 'SELLER';
  readonly items: number;
  readonly buyerId: string;
  readonly warehouseId: string;
  /** Where a cancellation would come from, in [0, 1). */
  readonly fate: number;
}

const BUYERS = 40_000;

/** The traits that a seed stands for; the same at every call. */
export function traitsOf(seed: number, market: Market): Traits {
  const random = new Random(hash(seed, 0x747261));
  const crowd = random.next();
  // Loyal customers: small numbers come far more often than large ones.
  const buyer = Math.floor(BUYERS * random.next() ** 2);
  return {
    seed,
    cod: random.chance(market.cod),
    held: random.chance(market.hold),
    shippingType: random.chance(0.75) ? 'TIKTOK' : 'SELLER',
    items: crowd < 0.68 ? 1 : crowd < 0.9 ? 2 : crowd < 0.97 ? 3 : random.between(4, 7),
    buyerId: `749000000000${1_000_000 + buyer}`,
    warehouseId: `706800000000000000${random.chance(0.8) ? 1 : 2}`,
    fate: random.next(),
  };
}
