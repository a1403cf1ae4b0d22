import { hash } from '../random.ts';
import { pageOf, type PageAsked, type RecordPage } from '../records.ts';
import { MAX_ORDERS } from '../time-index.ts';
import type { Listing } from './listing.ts';
import type { Product, ProductStatus } from './product.ts';
import { auditOf, tierOf } from './render.ts';

/** Both ends included, unix seconds; a missing end is open. */
export interface ClosedSpan {
  readonly ge: number | undefined;
  readonly le: number | undefined;
}

export interface ProductQuery {
  readonly status: ProductStatus | 'ALL';
  readonly created: ClosedSpan;
  readonly updated: ClosedSpan;
  readonly sellerSkus: readonly string[] | undefined;
  readonly skuIds: readonly string[] | undefined;
  readonly tiers: readonly string[] | undefined;
  readonly audits: readonly string[] | undefined;
}

/** Whose place moves when something changes: that of the changed product, or everybody's. */
export type ProductOrder = 'drift' | 'shuffle';

const inside = ({ ge = -Infinity, le = Infinity }: ClosedSpan, time: number): boolean => time >= ge && time <= le;

export function matchingProducts({ products }: Listing, query: ProductQuery): readonly Product[] {
  const { status, created, updated, sellerSkus, skuIds, tiers, audits } = query;
  return products.filter(
    (product) =>
      (status === 'ALL' || product.status === status) &&
      inside(created, product.created) &&
      inside(updated, product.updated) &&
      (sellerSkus === undefined || product.variants.some(({ sellerSku }) => sellerSkus.includes(sellerSku))) &&
      (skuIds === undefined || product.variants.some(({ id }) => skuIds.includes(id))) &&
      (tiers === undefined || tiers.includes(tierOf(product))) &&
      (audits === undefined || audits.includes(auditOf(product))),
  );
}

/** A page of products in an order of no meaning, which is not the same before and after a change. */
export function pageOfProducts(
  listing: Listing,
  matching: readonly Product[],
  order: ProductOrder,
  asked: Omit<PageAsked, 'descending'>,
): RecordPage<Product> {
  const place = ({ position, version }: Product): number =>
    hash(position, order === 'drift' ? version : listing.generation) * MAX_ORDERS + position;
  return pageOf(matching, place, { ...asked, descending: false });
}
