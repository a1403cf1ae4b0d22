import type { OrderRecord } from '../../../daemon/store/orders.ts';
import { toOrder } from '../../../daemon/streams/order-record.ts';

/** An order as the API sends it. */
export interface WireOrder {
  readonly id: string;
  readonly status: string;
  readonly create_time: number;
  readonly update_time: number;
  readonly [field: string]: unknown;
}

/** A moment to count from, unix seconds. */
export const day = 1_790_000_000;

/** A whole order object; times default to `day`. */
export function wire(id: string, change: Readonly<Record<string, unknown>> = {}): WireOrder {
  return {
    id,
    status: 'UNPAID',
    create_time: day,
    update_time: day,
    payment: { currency: 'GBP', total_amount: '12.50' },
    recipient_address: { name: 'A***a', postal_code: '90***', region_code: 'GB' },
    line_items: [item(`${id}1`)],
    ...change,
  };
}

export const item = (id: string, change: Readonly<Record<string, unknown>> = {}) => ({
  id,
  sku_id: '1729580000000000011',
  product_id: '1729580000000000001',
  product_name: 'Tee',
  seller_sku: 'TEE-1',
  sale_price: '12.50',
  display_status: 'UNPAID',
  ...change,
});

/** The same, as the stream hands it to the store. */
export function order(id: string, change: Readonly<Record<string, unknown>> = {}): OrderRecord {
  const result = toOrder(wire(id, change));
  if ('rejected' in result) throw new Error(result.rejected.reason);
  return result.record;
}
