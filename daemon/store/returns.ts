import { recordTable } from './record-table.ts';

/** A return or refund as stored. Money is the API's exact decimal text, times are unix seconds. */
export interface ReturnRecord {
  readonly id: string;
  readonly orderId: string | null;
  readonly status: string;
  /** `REFUND`, `RETURN_AND_REFUND`, `REPLACEMENT`. */
  readonly type: string | null;
  readonly createTime: number;
  readonly updateTime: number;
  readonly currency: string | null;
  readonly refundTotal: string | null;
  readonly payload: string;
  /** `status=…` and `path:kind` of what the API sent. */
  readonly shape?: () => readonly string[];
}

export const returnTable = recordTable<ReturnRecord>({
  name: 'returns',
  columns: { id: 'id', time: 'update_time', created: 'create_time' },
  told: { columns: { status: '$.return_status', update_time: '$.update_time', create_time: '$.create_time' } },
  idOf: (record) => record.id,
  timeOf: (record) => record.updateTime,
  createdOf: (record) => record.createTime,
  shapeOf: (record) => record.shape?.() ?? [],
  payloadOf: (record) => record.payload,
  row: (record) => ({
    order_id: record.orderId,
    status: record.status,
    type: record.type,
    create_time: record.createTime,
    currency: record.currency,
    refund_total: record.refundTotal,
  }),
});
