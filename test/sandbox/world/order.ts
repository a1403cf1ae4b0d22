import { renderAddress } from './address.ts';
import { basketOf, renderPayment } from './basket.ts';
import type { Columns } from './columns.ts';
import { renderLineItems, type Shipment } from './line-items.ts';
import { money as format, type Market } from './market.ts';
import type { Privacy } from './privacy.ts';
import { Random, hash } from './random.ts';
import type { Traits } from './traits.ts';
import { wordsOf } from './words.ts';

export interface OrderToRender {
  readonly columns: Columns;
  readonly position: number;
  readonly id: string;
  readonly traits: Traits;
  readonly privacy: Privacy;
  readonly market: Market;
}

const DAY = 86_400;
const when = (name: string, time: number): string => (time > 0 ? `"${name}":${time},` : '');
const flag = (name: string, shown: boolean, value: boolean): string => (shown ? `"${name}":${value},` : '');

/**
 * The JSON of an order as the API shows it: keys in alphabetical order, unset fields left out, money as text, ids as
 * text. Built by hand, because a sandbox that serialises slower than its client reads would be what a benchmark measures.
 */
export function renderOrder(order: OrderToRender): string {
  const { columns, position, traits, market } = order;
  const { fields } = market;
  const us = fields.has('us');
  const random = new Random(hash(traits.seed, 0x6f7264));
  const words = wordsOf(market);
  const money = (minor: number): string => format(minor, market);
  const step = columns.shown[position] ?? 0;
  const status = columns.stepStatus(position, step);
  const updated = columns.stepTime(position, step);
  const created = columns.created[position] ?? 0;
  const edits = columns.touches[position] ?? 0;
  const paid = columns.paid[position] ?? 0;
  const cancelled = status === 'CANCELLED';
  const initiator = cancelled ? cancelledBy(columns, position, step, traits) : '';
  const shippedAt = columns.reached(position, 'PARTIALLY_SHIPPING') || columns.reached(position, 'AWAITING_COLLECTION');
  const reached = (at: 'IN_TRANSIT' | 'DELIVERED'): number => {
    const time = columns.reached(position, at);
    return time > 0 ? Math.max(created, time - 2) : 0;
  };
  const asks = columns.asksToCancel(position, traits);
  const shipment: Shipment = {
    position,
    status,
    shippedAt,
    shipped: shippedAt > 0 || (!cancelled && 'IN_TRANSIT DELIVERED COMPLETED'.includes(status)),
    packageIds: [`1153${100_000_000_000_000 + position * 2}`, `1153${100_000_000_000_000 + position * 2 + 1}`].slice(
      0,
      columns.reached(position, 'PARTIALLY_SHIPPING') > 0 ? 2 : 1,
    ),
    tracking: `FAKE${String(100_000_000 + position)}${market.region}`,
    providerId: '7100000000000000001',
    cancelReason: cancelled ? random.pick(words.reasons[initiator === '' ? 'SYSTEM' : initiator]) : '""',
    cancelledBy: initiator,
  };
  const carrier = shipment.shipped
    ? `"shipping_provider":${words.provider},"shipping_provider_id":"${shipment.providerId}",`
    : us
      ? ''
      : '"shipping_provider":"","shipping_provider_id":"",';
  const tracking = shipment.shipped ? shipment.tracking : '';
  const inParts = status === 'PARTIALLY_SHIPPING' ? 1 : shipment.packageIds.length;
  const packages = shipment.shipped
    ? shipment.packageIds
        .slice(0, inParts)
        .map((id) => `{"id":"${id}"}`)
        .join(',')
    : '';
  const message = random.chance(0.08) ? random.pick(words.messages) : '""';
  const byTikTok = traits.shippingType === 'TIKTOK';
  const basket = basketOf(traits, market);
  return (
    `{"buyer_email":"v2${traits.buyerId.slice(-9)}fake@${market.relay}","buyer_message":${message},` +
    when('cancel_order_sla_time', cancelled && fields.has('cancel_order_sla_time') ? created + DAY : 0) +
    (cancelled ? `"cancel_reason":${shipment.cancelReason},` : '') +
    when('cancel_time', cancelled ? Math.max(created, updated - (traits.seed % 6)) : 0) +
    (cancelled || us ? `"cancellation_initiator":"${initiator}",` : '') +
    when('collection_due_time', fields.has('collection_due_time') ? created + 3 * DAY : 0) +
    when('collection_time', fields.has('collection_time') ? reached('IN_TRANSIT') : 0) +
    `"commerce_platform":"TIKTOK_SHOP","create_time":${created},` +
    when('delivery_due_time', fields.has('delivery_due_time') ? created + 9 * DAY : 0) +
    `"delivery_option_id":"7091000000000000001","delivery_option_name":${words.delivery},` +
    (us
      ? `"delivery_option_required_delivery_time":${created + 10 * DAY},"delivery_sla_time":${created + 10 * DAY},`
      : '') +
    when('delivery_time', reached('DELIVERED')) +
    `"delivery_type":"${byTikTok && random.chance(0.12) ? 'COLLECTION_POINT' : 'HOME_DELIVERY'}",` +
    (us ? '"fast_delivery_program":"3_DAY_DELIVERY",' : '') +
    `"fulfillment_type":"FULFILLMENT_BY_SELLER","has_updated_recipient_address":${edits > 0},"id":"${order.id}",` +
    flag('is_buyer_request_cancel', asks, true) +
    `"is_cod":${traits.cod},` +
    flag('is_exchange_order', fields.has('is_exchange_order'), false) +
    `"is_on_hold_order":${traits.held},` +
    flag('is_replacement_order', fields.has('is_replacement_order'), false) +
    `"is_sample_order":false,"line_items":${renderLineItems(basket, shipment, market, words, money)},` +
    '"order_type":"NORMAL",' +
    (us && !shipment.shipped ? '' : `"packages":[${packages}],`) +
    when('paid_time', paid <= updated ? paid : 0) +
    `"payment":${renderPayment(basket, market, money)},` +
    `"payment_method_name":${traits.cod ? words.onDelivery : random.pick(words.paidBy)},` +
    `"recipient_address":${renderAddress(traits.seed, market, order.privacy, edits)},` +
    when('request_cancel_time', asks ? updated : 0) +
    `"rts_sla_time":${created + 2 * DAY},` +
    when('rts_time', shippedAt) +
    (edits > 0 ? `"seller_note":"edited ${edits} times",` : '') +
    when('shipping_due_time', fields.has('shipping_due_time') ? created + 3 * DAY : 0) +
    carrier +
    `"shipping_type":"${traits.shippingType}","status":"${status}",` +
    (us && !shipment.shipped ? '' : `"tracking_number":"${tracking}",`) +
    when('tts_sla_time', fields.has('tts_sla_time') ? created + 3 * DAY : 0) +
    `"update_time":${updated},"user_id":"${traits.buyerId}","warehouse_id":"${traits.warehouseId}"}`
  );
}

/** Unpaid orders mostly time out, paid ones are given up by their buyers, shipped ones are lost. */
function cancelledBy(columns: Columns, position: number, step: number, traits: Traits): 'BUYER' | 'SELLER' | 'SYSTEM' {
  const before = step > 0 ? columns.stepStatus(position, step - 1) : 'UNPAID';
  if (before === 'UNPAID') return traits.fate < 0.6 ? 'SYSTEM' : 'BUYER';
  if (before === 'IN_TRANSIT') return 'SYSTEM';
  return traits.fate < 0.6 ? 'BUYER' : traits.fate < 0.9 ? 'SELLER' : 'SYSTEM';
}
