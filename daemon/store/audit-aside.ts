import { sql } from 'kysely';

import { type Times, timesOf } from './audit.ts';
import type { Db } from './database.ts';
import type { RecordTable } from './page.ts';

/** More set aside than this is a fault of its own, and no matter of counting. */
const most = 10_000;

/**
 * Records set aside, at the times that their payload tells, and the rows in whose place they stand: the API counts the
 * newer version, which could not be stored.
 */
export async function asideTimes(
  db: Db,
  table: Pick<RecordTable<unknown>, 'name' | 'columns' | 'told'>,
  shop: string,
  stream: string,
): Promise<{ readonly aside: readonly Times[]; readonly replaced: readonly Times[] }> {
  const { columns } = table;
  const at = (column: string | undefined) => {
    const path = column === undefined ? undefined : table.told?.columns[column];
    if (path === undefined) return sql`null`;
    return sql`case when json_valid(payload) and json_type(payload, ${path}) = 'integer'
      then json_extract(payload, ${path}) end`;
  };
  // SQLite takes the other columns from the row that has the greatest `asked`.
  const { rows } = await sql<Times>`select coalesce(record_id, '') as id, ${at(columns.created)} as created,
      ${at(columns.time)} as updated, max(asked) as asked
    from rejected_records where shop_id = ${shop} and stream = ${stream}
    group by coalesce(record_id, id) limit ${most}`.execute(db);
  const ids = rows.flatMap(({ id }) => (id === '' ? [] : [id]));
  const stored = await timesOf(db, table, shop, ids);
  const known = new Map(rows.map((row) => [row.id, row]));
  const replaced = [...stored.values()].map((row) => ({
    id: row.id,
    // Where its payload tells no time, the row stands for it.
    created: known.get(row.id)?.created === null ? null : row.created,
    updated: known.get(row.id)?.updated === null ? null : row.updated,
  }));
  return { aside: rows, replaced };
}
