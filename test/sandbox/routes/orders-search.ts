import { z } from 'zod';

import { failure, type Reply } from '../envelope.ts';
import { searchOrders, type Span } from '../world/search.ts';
import { isStatus } from '../world/status.ts';
import { badParameter, cursorOf, filtersOf, writePage, type ShopCall } from './call.ts';

/** Unknown keys are ignored without a word, so a misspelt filter means all orders. */
const filters = z.object({
  order_status: z.string().refine(isStatus, 'is not a status').optional(),
  create_time_ge: z.int().optional(),
  create_time_lt: z.int().optional(),
  update_time_ge: z.int().optional(),
  update_time_lt: z.int().optional(),
  shipping_type: z.enum(['TIKTOK', 'SELLER']).optional(),
  buyer_user_id: z.string().optional(),
  is_buyer_request_cancel: z.boolean().optional(),
  warehouse_ids: z.array(z.string()).max(100).optional(),
});

/**
 * `POST /order/202309/orders/search`. Paging and sort come in the query, filters in the body. An empty sort_field,
 * sort_order or page_token counts as not given. TikTok: page_size is required.
 */
export function searchRoute(call: ShopCall): Reply {
  const { parameter, knobs, now, requestId } = call;
  const size = parameter('page_size') ?? knobs.defaultPageSize?.toString();
  if (size === undefined) return badParameter(call, 'page_size', 'is required');
  if (!/^\d{1,3}$/.test(size) || Number(size) < 1 || Number(size) > 100) {
    return badParameter(call, 'page_size', 'must be between 1 and 100');
  }
  const sortField = parameter('sort_field') || 'create_time';
  if (sortField !== 'create_time' && sortField !== 'update_time') {
    return badParameter(call, 'sort_field', 'must be create_time or update_time');
  }
  const order = parameter('sort_order') || knobs.defaultOrder;
  if (order !== 'ASC' && order !== 'DESC') return badParameter(call, 'sort_order', 'must be ASC or DESC');
  const from = cursorOf(call);
  if (!from) {
    const http = knobs.badTokenCode === 36009004 ? 400 : 200;
    return failure(http, knobs.badTokenCode, "'page_token' is invalid", requestId);
  }
  const read = filtersOf(call, filters, (name, why) => badParameter(call, name, why));
  if ('refused' in read) return read.refused;
  const { filters: body } = read;
  const page = searchOrders(call.world, {
    sortField,
    descending: order === 'DESC',
    created: span(body.create_time_ge, body.create_time_lt, now),
    updated: span(body.update_time_ge, body.update_time_lt, now),
    status: body.order_status,
    shippingType: body.shipping_type,
    buyerId: body.buyer_user_id,
    asksToCancel: body.is_buyer_request_cancel,
    warehouseIds: body.warehouse_ids,
    limit: Number(size),
    from,
  });
  const texts = page.positions.map((position) => call.world.payload(position));
  return writePage(call, { ...page, name: 'orders', texts });
}

/** TikTok: with only `_ge` the end is now. */
const span = (ge: number | undefined, lt: number | undefined, now: number): Span => ({
  ge,
  lt: lt ?? (ge === undefined ? undefined : Math.floor(now) + 1),
});
