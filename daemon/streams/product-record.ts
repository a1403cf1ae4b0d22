import { z } from 'zod';

import type { ProductRecord } from '../store/products.ts';
import type { Rejected } from '../store/rejected.ts';
import { shapeOf, shapesKnown } from './shape.ts';
import { readWire, text } from './wire.ts';

/** What the columns need. TikTok: prices are text, quantities are integers, most else may be missing. */
const wire = z.object({
  id: z.string().min(1),
  status: text,
  title: text,
  create_time: z.int(),
  update_time: z.int(),
  skus: z
    .array(
      z.object({
        id: z.string().min(1),
        seller_sku: text,
        price: z.object({ currency: text, tax_exclusive_price: text }).nullish(),
        inventory: z.array(z.object({ quantity: z.int().nullish() })).nullish(),
      }),
    )
    .nullish(),
});

/** TikTok: statuses and fields of a product in the search, as documented and as seen. */
export const documentedProduct = shapesKnown(
  ['DRAFT', 'PENDING', 'FAILED', 'ACTIVATE', 'SELLER_DEACTIVATED', 'PLATFORM_DEACTIVATED', 'FREEZE', 'DELETED'],
  `audit audit.pre_approved_reasons audit.status create_time has_draft id integrated_platform_statuses
  is_not_for_sale listing_quality_tier product_families product_sync_fail_reasons product_tags
  recommended_categories sales_regions scheduled_sale scheduled_sale.is_enabled_scheduled_sale
  scheduled_sale.schedule_sale_time selling_format skus status title update_time`,
);

/** A product object of the API → the record to store, or the reason why it cannot be stored (rule 4). */
export function toProduct(raw: unknown): { readonly record: ProductRecord } | { readonly rejected: Rejected } {
  const read = readWire(raw, wire, 'id');
  if ('rejected' in read) return read;
  const { data: product, payload } = read;
  return {
    record: {
      id: product.id,
      status: product.status,
      title: product.title,
      createTime: product.create_time,
      updateTime: product.update_time,
      payload,
      shape: () => shapeOf(raw),
      skus: (product.skus ?? []).map((sku) => ({
        id: sku.id,
        sellerSku: sku.seller_sku,
        price: sku.price?.tax_exclusive_price ?? null,
        currency: sku.price?.currency ?? null,
        quantity: sumOf((sku.inventory ?? []).flatMap(({ quantity }) => quantity ?? [])),
      })),
    },
  };
}

const sumOf = (quantities: readonly number[]): number | null =>
  quantities.length === 0 ? null : quantities.reduce((sum, quantity) => sum + quantity, 0);
