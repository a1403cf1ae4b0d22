import type { Unit } from '../basket.ts';
import { money, type Market } from '../market.ts';

const unquoted = (text: string): string => String(JSON.parse(text));

/** What returns and cancellations say of one unit of an order, by the order's position and the unit's. */
export const lineItemOf = ({ sku }: Unit, order: number, index: number): object => ({
  order_line_item_id: `5770${String(10_000_000_000_000 + order * 16 + index)}`,
  product_image: { height: 200, url: `https://img.example.test/${sku.id}.jpeg`, width: 200 },
  product_name: unquoted(sku.productName),
  seller_sku: unquoted(sku.sellerSku),
  sku_id: sku.id,
  sku_name: unquoted(sku.name),
});

/** `refund_amount`; amounts are minor units. */
export const refundOf = (goods: number, shipping: number, market: Market): object => ({
  currency: market.currency,
  refund_shipping_fee: money(shipping, market),
  refund_subtotal: money(goods, market),
  refund_tax: '0',
  refund_total: money(goods + shipping, market),
});
