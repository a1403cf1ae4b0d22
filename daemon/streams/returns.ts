import { z } from 'zod';

import type { Rejected } from '../store/rejected.ts';
import { type ReturnRecord, returnTable } from '../store/returns.ts';
import type { CursorSpec } from './cursor-spec.ts';
import { cursorStream } from './cursor-stream.ts';
import { searchByIds, searchByTime } from './listing.ts';
import { shapeOf, shapesKnown } from './shape.ts';
import type { Stream } from './stream.ts';
import { readWire, refund, text } from './wire.ts';

const path = '/return_refund/202602/returns/search';
/** TikTok: page_size 10 to 50; ids of a filter are not bounded, so as many as fit on a page. */
const pageSize = 50;

/** TikTok: the search's own words, and those that only messages of a replacement have. The API may add to them. */
const statuses = [
  'RETURN_OR_REFUND_REQUEST_PENDING',
  'REFUND_OR_RETURN_REQUEST_REJECT',
  'AWAITING_BUYER_SHIP',
  'BUYER_SHIPPED_ITEM',
  'REJECT_RECEIVE_PACKAGE',
  'RETURN_OR_REFUND_REQUEST_SUCCESS',
  'RETURN_OR_REFUND_REQUEST_CANCEL',
  'RETURN_OR_REFUND_REQUEST_COMPLETE',
  'AWAITING_BUYER_RESPONSE',
  'REPLACEMENT_REQUEST_PENDING',
  'REPLACEMENT_REQUEST_REJECT',
  'REPLACEMENT_REQUEST_REFUND_SUCCESS',
  'REPLACEMENT_REQUEST_CANCEL',
  'REPLACEMENT_REQUEST_COMPLETE',
];

/** TikTok: fields of a return and of the objects in it, as documented and as seen. */
const fields = `
  arbitration_status buyer_rejected_partial_refund can_buyer_keep_item combined_return_id create_time discount_amount
  handover_method is_combined_return is_quick_refund next_return_id order_id partial_refund pre_return_id refund_amount
  return_id return_line_items return_method return_provider_id return_provider_name return_reason return_reason_text
  return_status return_tracking_number return_type return_warehouse_address role seller_next_action_response
  seller_proposed_return_type shipment_type shipping_fee_amount should_replenish_stock update_time
  partial_refund.amount partial_refund.currency refund_amount.buyer_service_fee refund_amount.currency
  refund_amount.refund_shipping_fee refund_amount.refund_subtotal refund_amount.refund_tax refund_amount.refund_total
  refund_amount.retail_delivery_fee return_warehouse_address.full_address
`;

/** What the columns need. The payload keeps the whole object, known to us or not. */
const wire = z.object({
  return_id: z.string().min(1),
  order_id: text,
  return_status: z.string().min(1),
  return_type: text,
  create_time: z.int(),
  update_time: z.int(),
  refund_amount: refund,
});

function toReturn(raw: unknown): { readonly record: ReturnRecord } | { readonly rejected: Rejected } {
  const read = readWire(raw, wire, 'return_id');
  if ('rejected' in read) return read;
  const { data, payload } = read;
  return {
    record: {
      id: data.return_id,
      orderId: data.order_id,
      status: data.return_status,
      type: data.return_type,
      createTime: data.create_time,
      updateTime: data.update_time,
      currency: data.refund_amount.currency,
      refundTotal: data.refund_amount.refund_total,
      payload,
      shape: () => shapeOf(raw, 'return_status'),
    },
  };
}

const spec: CursorSpec<ReturnRecord> = {
  name: 'returns',
  table: returnTable,
  path,
  pageSize,
  leastPageSize: 10,
  documented: shapesKnown(statuses, fields),
  axis: 'update_time',
  counts: true,
  search: searchByTime(path, 'return_orders'),
  byIds: searchByIds(path, 'return_orders', 'return_ids', pageSize),
  toRecord: toReturn,
  payloadOf: (record) => record.payload,
  tieOf: (record) => record.createTime,
};

/** Returns and refunds, on the axis of `update_time`. */
export const returns: Stream<ReturnRecord> = cursorStream(spec);
