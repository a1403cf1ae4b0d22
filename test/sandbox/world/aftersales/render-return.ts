import { basketOf, type Unit } from '../basket.ts';
import { alphabetical } from '../json.ts';
import { money, type Market } from '../market.ts';
import type { Traits } from '../traits.ts';
import { lineItemOf, refundOf } from './lines.ts';
import type { Return, VisibleReturn } from './return.ts';

const DAY = 86_400;
const DROPPED_OFF = ['BUYER_SHIPPED_ITEM', 'REJECT_RECEIVE_PACKAGE', 'RETURN_OR_REFUND_REQUEST_COMPLETE'];

/** A third of the buyers send everything back, the others the first unit. */
const unitsOf = ({ order }: Return, units: readonly Unit[]): readonly Unit[] =>
  order % 3 === 0 ? units : units.slice(0, 1);

const paidFor = ({ original, sellerDiscount, platformDiscount }: Unit): number =>
  original - sellerDiscount - platformDiscount;

const goodsOf = (record: Return, units: readonly Unit[]): number =>
  unitsOf(record, units).reduce((total, unit) => total + paidFor(unit), 0);

/** The JSON of a return; what only version 202602 has is left out of others. */
export function renderReturn(record: Return, traits: Traits, market: Market, version: string): string {
  const { units } = basketOf(traits, market);
  const sent = record.type !== 'REFUND';
  const zero = money(0, market);
  const discount = unitsOf(record, units).reduce((total, unit) => total + unit.sellerDiscount, 0);
  const newer = version === '202602' ? { is_quick_refund: record.order % 4 === 0, should_replenish_stock: false } : {};
  return alphabetical({
    ...newer,
    buyer_rejected_partial_refund: false,
    can_buyer_keep_item: !sent,
    combined_return_id: '0',
    create_time: record.created,
    discount_amount: [
      {
        currency: market.currency,
        product_platform_discount: zero,
        product_seller_discount: money(discount, market),
        shipping_fee_platform_discount: zero,
        shipping_fee_seller_discount: zero,
      },
    ],
    handover_method: sent ? 'DROP_OFF' : undefined,
    is_combined_return: false,
    order_id: record.orderId,
    refund_amount: refundOf(goodsOf(record, units), 0, market),
    return_id: record.id,
    return_line_items: unitsOf(record, units).map((unit, index) => ({
      ...lineItemOf(unit, record.order, index),
      refund_amount: refundOf(paidFor(unit), 0, market),
      return_line_item_id: `40354${10_000_000_000_000 + record.order * 16 + index}`,
    })),
    return_method: sent ? 'DROP_OFF' : undefined,
    return_provider_id: sent ? '7100000000000000001' : undefined,
    return_provider_name: sent ? 'Example Express' : undefined,
    return_reason: 'ecom_sandbox_reason_wrong_item',
    return_reason_text: 'Wrong item',
    return_status: record.status,
    return_tracking_number: DROPPED_OFF.includes(record.status) && sent ? `FAKERET${record.order}` : undefined,
    return_type: record.type,
    role: 'BUYER',
    seller_next_action_response:
      record.status === 'RETURN_OR_REFUND_REQUEST_PENDING'
        ? [{ action: 'SELLER_RESPOND_RETURN', deadline: record.created + 2 * DAY }]
        : undefined,
    shipment_type: sent ? 'PLATFORM' : undefined,
    shipping_fee_amount: [
      {
        buyer_paid_return_shipping_fee: zero,
        currency: market.currency,
        platform_paid_return_shipping_fee: zero,
        seller_paid_return_shipping_fee: money(sent ? market.priceStep * 10 : 0, market),
      },
    ],
    update_time: record.updated,
  });
}

/** The same return for a test that compares. */
export function viewReturn(record: Return, traits: Traits, market: Market): VisibleReturn {
  return {
    id: record.id,
    orderId: record.orderId,
    type: record.type,
    status: record.status,
    createTime: record.created,
    updateTime: record.updated,
    refundTotal: money(goodsOf(record, basketOf(traits, market).units), market),
    currency: market.currency,
  };
}
