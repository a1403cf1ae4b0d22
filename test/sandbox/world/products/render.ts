import { alphabetical } from '../json.ts';
import { money, type Market } from '../market.ts';
import { hash } from '../random.ts';
import type { Product, Variant, VisibleProduct } from './product.ts';

const WAREHOUSES = ['7068000000000000001', '7068000000000000002'] as const;
const TIERS = ['GOOD', 'FAIR', 'POOR'] as const;
const AUDITS: Readonly<Partial<Record<Product['status'], string>>> = {
  DRAFT: 'NONE',
  PENDING: 'AUDITING',
  FAILED: 'FAILED',
};

export const tierOf = ({ position }: Product): string => TIERS[position % 5 === 4 ? 2 : position % 3 === 2 ? 1 : 0];
export const auditOf = ({ status }: Product): string => AUDITS[status] ?? 'APPROVED';

/** The JSON of a product in a search or a detail. TikTok: stock and times are numbers, ids and prices are text. */
export function renderProduct(product: Product, market: Market): string {
  return alphabetical({
    audit: { pre_approved_reasons: [], status: auditOf(product) },
    create_time: product.created,
    has_draft: product.status === 'ACTIVATE' && product.position % 17 === 0,
    id: product.id,
    is_not_for_sale: false,
    listing_quality_tier: tierOf(product),
    product_sync_fail_reasons: [],
    product_tags: product.position % 11 === 0 ? ['NEW_ARRIVAL'] : undefined,
    recommended_categories: [],
    sales_regions: [market.region],
    skus: product.variants.map((variant) => renderVariant(product, variant, market)),
    status: product.status,
    title: product.title,
    update_time: product.updated,
  });
}

function renderVariant({ position }: Product, variant: Variant, market: Market): object {
  const price = money(variant.price, market);
  return {
    id: variant.id,
    inventory: stockOf(position, variant),
    price: {
      currency: market.currency,
      sale_price: position % 3 === 0 ? undefined : price,
      tax_exclusive_price: price,
    },
    seller_sku: variant.sellerSku,
    status_info: variant.active ? { status: 'NORMAL' } : { deactivation_source: 'SELLER', status: 'DEACTIVATED' },
  };
}

/** A quarter of the products lie in two warehouses. What is out of stock may be ordered ahead. */
function stockOf(position: number, { id, quantity }: Variant): object[] {
  const [main, second] = WAREHOUSES;
  if (quantity === 0 && position % 4 === 0) {
    return [{ backorder_quantity: 3, handling_time: 5, quantity, warehouse_id: main }];
  }
  if (hash(position, 0x7768) % 4 !== 0) return [{ quantity, warehouse_id: main }];
  const there = hash(position, id.length) % (quantity + 1);
  return [
    { quantity: quantity - there, warehouse_id: main },
    { quantity: there, warehouse_id: second },
  ];
}

/** The same product for a test that compares. */
export function viewProduct(product: Product, market: Market): VisibleProduct {
  return {
    id: product.id,
    title: product.title,
    status: product.status,
    createTime: product.created,
    updateTime: product.updated,
    skus: product.variants.map(({ id, sellerSku, price, quantity }) => ({
      id,
      sellerSku,
      price: money(price, market),
      currency: market.currency,
      quantity,
    })),
  };
}
