import { orderStatuses } from '../../shared/order-statuses.ts';
import { type OrderRecord, orderTable } from '../store/orders.ts';
import type { CursorSpec } from './cursor-spec.ts';
import { cursorStream } from './cursor-stream.ts';
import { listOf, searchByTime } from './listing.ts';
import { toOrder } from './order-record.ts';
import { documentedShape } from './order-shape.ts';
import type { Stream } from './stream.ts';

const path = '/order/202309/orders/search';
const detailData = listOf('orders');

export const orderSpec: CursorSpec<OrderRecord> = {
  name: 'orders',
  table: orderTable,
  path,
  // TikTok: page_size 1 to 100.
  pageSize: 100,
  documented: documentedShape,
  statuses: orderStatuses,
  // TikTok: both are final.
  closed: ['COMPLETED', 'CANCELLED'],
  axis: 'update_time',
  counts: true,
  search: searchByTime(path, 'orders', 'order_status'),
  byIds: {
    // TikTok: at most 50 ids a call.
    perCall: 50,
    // The same version of the API as the search, so that an unchanged order looks unchanged.
    async ask(ids, context) {
      const { data, sentAt, asked } = await context.api.call(
        { method: 'GET', path: '/order/202309/orders', query: { ids: ids.join(',') }, data: detailData },
        context,
      );
      return { items: data.items, next: undefined, total: undefined, sentAt, asked };
    },
  },
  toRecord: toOrder,
  statusOf: (order) => order.status,
  payloadOf: (order) => order.payload,
  tieOf: (order) => order.createTime,
};

/** Orders, on the axis of `update_time`. */
export const orders: Stream<OrderRecord> = cursorStream(orderSpec);
