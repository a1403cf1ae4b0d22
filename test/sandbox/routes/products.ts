import { z } from 'zod';

import { failure, success, type Reply } from '../envelope.ts';
import { PRODUCT_STATUSES } from '../world/products/product.ts';
import { matchingProducts, pageOfProducts, type ClosedSpan } from '../world/products/search.ts';
import { badParameter, cursorOf, filtersOf, writePage, type ShopCall } from './call.ts';

/** TikTok: both ends of a span of time are included here, and are called `_le`. */
const filters = z.object({
  status: z.enum(['ALL', ...PRODUCT_STATUSES]).default('ALL'),
  seller_skus: z.array(z.string()).max(10).optional(),
  sku_ids: z.array(z.string()).max(10).optional(),
  create_time_ge: z.int().nonnegative().optional(),
  create_time_le: z.int().nonnegative().optional(),
  update_time_ge: z.int().nonnegative().optional(),
  update_time_le: z.int().nonnegative().optional(),
  category_version: z.enum(['v1', 'v2']).optional(),
  listing_quality_tiers: z.array(z.enum(['POOR', 'FAIR', 'GOOD'])).optional(),
  audit_status: z.array(z.enum(['AUDITING', 'FAILED', 'APPROVED'])).optional(),
});

/** TikTok: a product search has codes of its own for what is wrong with its parameters. */
const CODES: Readonly<Record<string, number>> = {
  page_token: 12019108,
  page_size: 12019109,
  create_time_ge: 12019118,
  create_time_le: 12019118,
  update_time_ge: 12019119,
  update_time_le: 12019119,
  seller_skus: 12019027,
  sku_ids: 12019087,
};

/** `POST /product/{version}/products/search`. TikTok: page_size is required, and there is no sort. */
export function productSearchRoute(call: ShopCall): Reply {
  const { parameter, knobs, world } = call;
  const refuse = (name: string, why: string): Reply =>
    failure(200, CODES[name] ?? 12052910, `'${name}' ${why}`, call.requestId, {});
  const size = parameter('page_size');
  if (size === undefined) return badParameter(call, 'page_size', 'is required');
  if (!/^\d{1,3}$/.test(size) || Number(size) < 1 || Number(size) > 100) {
    return refuse('page_size', 'must be between 1 and 100');
  }
  const from = cursorOf(call);
  if (!from) return refuse('page_token', 'is invalid');
  const read = filtersOf(call, filters, refuse);
  if ('refused' in read) return read.refused;
  const { filters: body } = read;
  const created: ClosedSpan = { ge: body.create_time_ge, le: body.create_time_le };
  const updated: ClosedSpan = { ge: body.update_time_ge, le: body.update_time_le };
  if (isReversed(created)) return refuse('create_time_ge', 'is later than create_time_le');
  if (isReversed(updated)) return refuse('update_time_ge', 'is later than update_time_le');

  const { listing } = world.streams;
  const matching = matchingProducts(listing, {
    status: body.status,
    created,
    updated,
    sellerSkus: body.seller_skus,
    skuIds: body.sku_ids,
    tiers: body.listing_quality_tiers,
    audits: body.audit_status,
  });
  const { productCap, productHitCap } = knobs;
  const beyond = (hits: number): Reply | undefined =>
    hits > productHitCap ? failure(200, 12052180, `more than ${productHitCap} results`, call.requestId) : undefined;
  const tooMany = productCap === 'count' ? beyond(matching.length) : undefined;
  if (tooMany) return tooMany;
  const page = pageOfProducts(listing, matching, knobs.productOrder, { limit: Number(size), from });
  const tooDeep = beyond(page.nextOffset);
  if (tooDeep) return tooDeep;
  return writePage(call, {
    ...page,
    name: 'products',
    texts: page.records.map((product) => listing.payload(product)),
  });
}

const isReversed = ({ ge, le }: ClosedSpan): boolean => ge !== undefined && le !== undefined && ge > le;

/** `GET /product/{version}/products/{id}`. TikTok: not for products that are frozen or deleted. */
export function productDetailRoute(call: ShopCall): Reply {
  const { listing } = call.world.streams;
  const product = listing.find(call.path.split('/').at(-1) ?? '');
  if (product === undefined || product.status === 'FREEZE' || product.status === 'DELETED') {
    return failure(200, 12019150, 'the product does not exist', call.requestId, {});
  }
  return success([...call.pageFaults.strip([listing.payload(product)], call.struck)], call.requestId);
}
