import type { OrderRecord } from '../store/orders.ts';
import type { OrderAnswer } from './order-search.ts';
import type { Page } from './stream.ts';

/** What earlier pages brought of the piece being read: id → payload, and the text of what was set aside. */
export type Brought = Map<string, string>;

export function note(brought: Brought, answer: OrderAnswer): Brought {
  for (const record of answer.records) brought.set(record.id, record.payload);
  for (const { payload } of answer.rejected) brought.set(payload, payload);
  return brought;
}

/** An answer without what was brought before and is the same: ties at the cursor come again, and count once. */
export function toPage(answer: OrderAnswer, from: number, brought: Brought): Page<OrderRecord> {
  const { records, rejected, sentAt, asked, total } = answer;
  return {
    records: records.filter((record) => brought.get(record.id) !== record.payload),
    rejected: rejected.filter(({ payload }) => !brought.has(payload)),
    sentAt,
    asked,
    from,
    before: new Set(brought.keys()),
    ...(total !== undefined && { remaining: Math.max(0, total - records.length - rejected.length) }),
  };
}
