import { basketOf } from '../basket.ts';
import { alphabetical } from '../json.ts';
import { money, type Market } from '../market.ts';
import type { Traits } from '../traits.ts';
import type { Cancellation, VisibleCancellation } from './cancellation.ts';
import { lineItemOf, refundOf } from './lines.ts';

const DAY = 86_400;
const typeOf = ({ role }: Cancellation): string => (role === 'BUYER' ? 'BUYER_CANCEL' : 'CANCEL');

/** The JSON of a cancellation. */
export function renderCancellation(cancellation: Cancellation, traits: Traits, market: Market): string {
  const basket = basketOf(traits, market);
  const open = cancellation.status === 'CANCELLATION_REQUEST_PENDING';
  return alphabetical({
    cancel_id: cancellation.id,
    cancel_line_items: basket.units.map((unit, index) => ({
      cancel_line_item_id: `40353${10_000_000_000_000 + cancellation.order * 16 + index}`,
      ...lineItemOf(unit, cancellation.order, index),
      refund_amount: cancellation.paid ? refundOf(unit.original - unit.sellerDiscount, 0, market) : undefined,
    })),
    cancel_reason: 'ecom_sandbox_reason_no_longer_needed',
    cancel_reason_text: 'No longer needed',
    cancel_status: cancellation.status,
    cancel_type: typeOf(cancellation),
    create_time: cancellation.created,
    order_id: cancellation.orderId,
    refund_amount: cancellation.paid ? refundOf(basket.subTotal, basket.shipping, market) : undefined,
    role: cancellation.role,
    seller_next_action_response: open
      ? [{ action: 'SELLER_RESPOND_CANCEL', deadline: cancellation.created + 2 * DAY }]
      : undefined,
    update_time: cancellation.updated,
  });
}

/** The same cancellation for a test that compares. */
export function viewCancellation(cancellation: Cancellation, traits: Traits, market: Market): VisibleCancellation {
  const { subTotal, shipping } = basketOf(traits, market);
  return {
    id: cancellation.id,
    orderId: cancellation.orderId,
    type: typeOf(cancellation),
    status: cancellation.status,
    createTime: cancellation.created,
    updateTime: cancellation.updated,
    refundTotal: cancellation.paid ? money(subTotal + shipping, market) : undefined,
    currency: cancellation.paid ? market.currency : undefined,
  };
}
