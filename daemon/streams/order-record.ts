import { z } from 'zod';

import type { OrderRecord } from '../store/orders.ts';
import type { Rejected } from '../store/rejected.ts';
import { shapeOf } from './shape.ts';
import { readWire, text } from './wire.ts';

/** What the columns need. The payload keeps the whole object, known to us or not. */
const wire = z.object({
  id: z.string().min(1),
  status: z.string().min(1),
  create_time: z.int(),
  update_time: z.int(),
  paid_time: z.int().nullish(),
  payment: z.object({ currency: text, total_amount: text }).nullish(),
  recipient_address: z.record(z.string(), z.unknown()).nullish(),
  line_items: z
    .array(
      z.object({
        id: z.string().min(1),
        sku_id: text,
        product_id: text,
        product_name: text,
        seller_sku: text,
        sale_price: text,
        display_status: text,
      }),
    )
    .nullish(),
});

/** TikTok: old addresses come back with every leaf blank. */
const filled = (value: unknown): boolean =>
  typeof value === 'string'
    ? value !== ''
    : typeof value === 'object' && value !== null && Object.values(value).some((leaf) => filled(leaf));

/** An order object of the API → the record to store, or the reason why it cannot be stored (rule 4). */
export function toOrder(raw: unknown): { readonly record: OrderRecord } | { readonly rejected: Rejected } {
  const read = readWire(raw, wire, 'id');
  if ('rejected' in read) return read;
  const { data: order, payload } = read;
  return {
    record: {
      id: order.id,
      status: order.status,
      createTime: order.create_time,
      updateTime: order.update_time,
      paidTime: order.paid_time ?? null,
      currency: order.payment?.currency ?? null,
      totalAmount: order.payment?.total_amount ?? null,
      personal: filled(order.recipient_address),
      payload,
      shape: () => shapeOf(raw),
      lineItems: (order.line_items ?? []).map((item) => ({
        id: item.id,
        skuId: item.sku_id,
        productId: item.product_id,
        productName: item.product_name,
        sellerSku: item.seller_sku,
        salePrice: item.sale_price,
        displayStatus: item.display_status,
      })),
    },
  };
}
