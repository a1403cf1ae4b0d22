import type { CursorAnswer, CursorSpec } from './cursor-spec.ts';
import type { Page } from './stream.ts';

/** What earlier pages brought of the piece being read: id → payload, and the text of what was set aside. */
export type Brought = Map<string, string>;

export function note<R>(spec: CursorSpec<R>, brought: Brought, answer: CursorAnswer<R>): Brought {
  for (const record of answer.records) brought.set(spec.table.idOf(record), spec.payloadOf(record));
  for (const { payload } of answer.rejected) brought.set(payload, payload);
  return brought;
}

/** An answer without what was brought before and is the same: ties at the cursor come again, and count once. */
export function toPage<R>(spec: CursorSpec<R>, answer: CursorAnswer<R>, from: number, brought: Brought): Page<R> {
  const { records, rejected, sentAt, asked, total } = answer;
  return {
    records: records.filter((record) => brought.get(spec.table.idOf(record)) !== spec.payloadOf(record)),
    rejected: rejected.filter(({ payload }) => !brought.has(payload)),
    sentAt,
    asked,
    from,
    before: new Set(brought.keys()),
    ...(total !== undefined && { remaining: Math.max(0, total - records.length - rejected.length) }),
  };
}
