import { recordTable } from './record-table.ts';

/** A settlement as stored. Money is the API's exact signed decimal text, fees and costs negative. */
export interface StatementRecord {
  readonly id: string;
  /** Unix seconds: 00:00 UTC of the day after the one that it covers. */
  readonly time: number;
  readonly currency: string | null;
  readonly settlementAmount: string | null;
  readonly revenueAmount: string | null;
  readonly feeAmount: string | null;
  readonly adjustmentAmount: string | null;
  /** `PROCESSING`, `PAID`, `FAILED`. */
  readonly paymentStatus: string | null;
  /** Null until it is paid. */
  readonly paymentId: string | null;
  readonly payload: string;
  /** `status=…` and `path:kind` of what the API sent. */
  readonly shape?: () => readonly string[];
}

export const statementTable = recordTable<StatementRecord>({
  name: 'statements',
  columns: { id: 'id', time: 'statement_time' },
  idOf: (statement) => statement.id,
  timeOf: (statement) => statement.time,
  shapeOf: (statement) => statement.shape?.() ?? [],
  payloadOf: (statement) => statement.payload,
  row: (statement) => ({
    currency: statement.currency,
    settlement_amount: statement.settlementAmount,
    revenue_amount: statement.revenueAmount,
    fee_amount: statement.feeAmount,
    adjustment_amount: statement.adjustmentAmount,
    payment_status: statement.paymentStatus,
    payment_id: statement.paymentId,
  }),
  // Its time stays when it is paid: that is how a statement goes on, and no edit behind our back.
  restated: {
    column: 'restated',
    figures: ['settlement_amount', 'revenue_amount', 'fee_amount', 'adjustment_amount', 'currency'],
  },
});
