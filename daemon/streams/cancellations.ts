import { z } from 'zod';

import { type CancellationRecord, cancellationTable } from '../store/cancellations.ts';
import type { Rejected } from '../store/rejected.ts';
import type { CursorSpec } from './cursor-spec.ts';
import { cursorStream } from './cursor-stream.ts';
import { searchByIds, searchByTime } from './listing.ts';
import { shapeOf, shapesKnown } from './shape.ts';
import type { Stream } from './stream.ts';
import { readWire, refund, text } from './wire.ts';

const path = '/return_refund/202602/cancellations/search';
/** TikTok: page_size 1 to 50; ids of a filter are not bounded, so as many as fit on a page. */
const pageSize = 50;

/** TikTok: filters say `_CANCEL` and answers say `_CANCELLED`; both are known, and stored as they came. */
const statuses = [
  'CANCELLATION_REQUEST_PENDING',
  'CANCELLATION_REQUEST_SUCCESS',
  'CANCELLATION_REQUEST_CANCEL',
  'CANCELLATION_REQUEST_CANCELLED',
  'CANCELLATION_REQUEST_COMPLETE',
];

/** TikTok: fields of a cancellation and of the objects in it, as documented and as seen. */
const fields = `
  cancel_id cancel_line_items cancel_reason cancel_reason_text cancel_status cancel_type create_time order_id
  refund_amount role seller_next_action_response update_time refund_amount.buyer_service_fee refund_amount.currency
  refund_amount.refund_shipping_fee refund_amount.refund_subtotal refund_amount.refund_tax refund_amount.refund_total
  refund_amount.retail_delivery_fee
`;

/** What the columns need. The payload keeps the whole object, known to us or not. */
const wire = z.object({
  cancel_id: z.string().min(1),
  order_id: text,
  cancel_status: z.string().min(1),
  cancel_type: text,
  create_time: z.int(),
  update_time: z.int(),
  refund_amount: refund,
});

function toCancellation(raw: unknown): { readonly record: CancellationRecord } | { readonly rejected: Rejected } {
  const read = readWire(raw, wire, 'cancel_id');
  if ('rejected' in read) return read;
  const { data, payload } = read;
  return {
    record: {
      id: data.cancel_id,
      orderId: data.order_id,
      status: data.cancel_status,
      type: data.cancel_type,
      createTime: data.create_time,
      updateTime: data.update_time,
      currency: data.refund_amount.currency,
      refundTotal: data.refund_amount.refund_total,
      payload,
      shape: () => shapeOf(raw, 'cancel_status'),
    },
  };
}

const spec: CursorSpec<CancellationRecord> = {
  name: 'cancellations',
  table: cancellationTable,
  path,
  pageSize,
  documented: shapesKnown(statuses, fields),
  axis: 'update_time',
  counts: true,
  search: searchByTime(path, 'cancellations'),
  byIds: searchByIds(path, 'cancellations', 'cancel_ids', pageSize),
  toRecord: toCancellation,
  payloadOf: (record) => record.payload,
  tieOf: (record) => record.createTime,
};

/** Cancellations, asked for and done, on the axis of `update_time`. */
export const cancellations: Stream<CancellationRecord> = cursorStream(spec);
