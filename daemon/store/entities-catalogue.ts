import { defineEntity, p } from '@mikro-orm/core';

import { counter, id, provenance, seconds } from './columns.ts';
import { countTriggers } from './counts.ts';

export const ProductTable = defineEntity({
  name: 'Product',
  tableName: 'products',
  properties: {
    shopId: id().primary(),
    id: id().primary(),
    /** TikTok leaves it out where a product is not listed on TikTok Shop (Indonesia). */
    status: p.text().nullable(),
    title: p.text().nullable(),
    createTime: seconds(),
    updateTime: seconds(),
    skuCount: p.integer(),
    ...provenance(),
  },
  indexes: [{ name: 'products_shop_update', properties: ['shopId', 'updateTime'] }],
  triggers: countTriggers('products', 'products', "coalesce(row.status, 'UNLISTED')"),
});

export const ProductSku = defineEntity({
  name: 'ProductSku',
  tableName: 'product_skus',
  properties: {
    shopId: id().primary(),
    id: id().primary(),
    productId: id(),
    sellerSku: p.text().nullable(),
    /** Without tax, exact decimal text. */
    price: p.text().nullable(),
    currency: p.text().nullable(),
    /** Of all warehouses; null when the API told none. */
    quantity: p.integer().nullable(),
  },
  indexes: [{ name: 'product_skus_product', properties: ['shopId', 'productId'] }],
});

/** A shop's figures of one day, in its own time zone. */
export const ShopPerformance = defineEntity({
  name: 'ShopPerformance',
  tableName: 'shop_performance',
  properties: {
    shopId: id().primary(),
    /** `2026-11-22`. */
    date: p.text().primary(),
    /** The date's place on the axis: its midnight as if it were UTC. */
    dayTime: seconds(),
    gmv: p.text().nullable(),
    currency: p.text().nullable(),
    orders: p.integer().nullable(),
    unitsSold: p.integer().nullable(),
    buyers: p.integer().nullable(),
    refunds: p.text().nullable(),
    /** 1 once the figures are not restated any more. */
    final: p.integer(),
    /** How often other figures have replaced the first ones. */
    restated: counter(),
    ...provenance(),
  },
  indexes: [{ name: 'shop_performance_day', properties: ['shopId', 'dayTime'] }],
  triggers: countTriggers(
    'shop_performance',
    'analytics',
    "case when row.final = 1 then 'FINAL' else 'PROVISIONAL' end",
  ),
});
