import { sql } from 'kysely';

import type { Span } from '../spans.ts';
import type { Db } from './database.ts';
import type { RecordTable } from './page.ts';

/**
 * Ids that a run must ask again: records set aside, those first that were asked longest ago, and doubts that have come
 * due (server time, unix seconds).
 */
export async function idsToAsk(
  db: Db,
  shop: string,
  stream: string,
  now: number,
  limit: number,
): Promise<{ rejected: string[]; doubts: string[] }> {
  const rejected = await db
    .selectFrom('rejected_records')
    .select('record_id')
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('record_id', 'is not', null)
    .groupBy('record_id')
    .orderBy((eb) => eb.fn.max('asked'))
    .limit(limit)
    .execute();
  const doubts = await db
    .selectFrom('doubts')
    .select('record_id')
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('due_time', '<=', now)
    .orderBy('due_time')
    .limit(limit)
    .execute();
  return {
    rejected: rejected.flatMap((row) => (row.record_id === null ? [] : [row.record_id])),
    doubts: doubts.map((row) => row.record_id),
  };
}

/** Rows that a full run did not see in the spans it read, and that nothing has moved since. */
export async function unseenRecords(
  db: Db,
  { name, columns }: Pick<RecordTable<unknown>, 'name' | 'columns'>,
  shop: string,
  ledger: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ record_id: string }>`select distinct unseen.record_id from unseen
    join ${sql.table(name)} as stored on stored.shop_id = ${shop} and stored.${sql.ref(columns.id)} = unseen.record_id
      and stored.${sql.ref(columns.time)} = unseen.update_time
    where unseen.run_id = ${ledger} limit ${limit}`.execute(db);
  return rows.map((row) => row.record_id);
}

/** Sizes that `status` shows, without a scan of the records. */
export async function streamCounts(
  db: Db,
  shop: string,
  stream: string,
): Promise<{ total: number; byStatus: Record<string, number>; rejected: number }> {
  const counts = await db
    .selectFrom('record_counts')
    .select(['status', 'count'])
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('count', '>', 0)
    .orderBy('status')
    .execute();
  const rejected = await db
    .selectFrom('rejected_records')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .executeTakeFirstOrThrow();
  return {
    total: counts.reduce((sum, row) => sum + row.count, 0),
    byStatus: Object.fromEntries(counts.map((row) => [row.status, row.count])),
    rejected: rejected.count,
  };
}

/** Rows whose place on the axis lies in one of the spans, by its index; unix seconds. */
export async function countStored(
  db: Db,
  { name, columns }: Pick<RecordTable<unknown>, 'name' | 'columns'>,
  shop: string,
  spans: readonly Span[],
): Promise<number> {
  const time = sql.ref(columns.time);
  let sum = 0;
  for (const { from, to } of spans) {
    const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}
      where shop_id = ${shop} and ${time} >= ${from} and ${time} < ${to}`.execute(db);
    sum += rows[0]?.count ?? 0;
  }
  return sum;
}

/** The greatest position in the order of asking that was ever stored; new ones must be greater. */
export async function lastAsked(db: Db): Promise<number> {
  const row = await db
    .selectFrom('stream_state')
    .select((eb) => eb.fn.max('last_asked').as('asked'))
    .executeTakeFirst();
  return row?.asked ?? 0;
}
