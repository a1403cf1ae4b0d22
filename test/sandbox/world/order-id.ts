import { hash } from './random.ts';
import { MAX_ORDERS } from './time-index.ts';

/** Ids of the seller's shops lie in blocks of this many: room for a world of orders. */
const STRIDE = 4_000_037;
const BLOCK = STRIDE * MAX_ORDERS;
const FIRST = 400_000_000_000_000;

export interface Numbering {
  readonly seed: number;
  readonly shopIndex: number;
}

/** The id of the order at a position: 18 digits that begin with 5764, growing, without a visible pattern. */
export function orderId(position: number, { seed, shopIndex }: Numbering): string {
  const jitter = hash(seed, position) % STRIDE;
  return `576${FIRST + shopIndex * BLOCK + position * STRIDE + jitter}`;
}

/** The position that `id` would stand at, or undefined for an id that this shop never gives. */
export function positionOfId(id: string, numbering: Numbering): number | undefined {
  if (!/^5764\d{14}$/.test(id)) return undefined;
  const position = Math.floor((Number(id.slice(3)) - FIRST - numbering.shopIndex * BLOCK) / STRIDE);
  if (position < 0 || position >= MAX_ORDERS) return undefined;
  return orderId(position, numbering) === id ? position : undefined;
}
