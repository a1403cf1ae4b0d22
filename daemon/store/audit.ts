import { sql } from 'kysely';

import type { Span } from '../spans.ts';
import type { Db } from './database.ts';
import type { RecordTable } from './page.ts';

type Table = Pick<RecordTable<unknown>, 'name' | 'columns'>;

/** Rows of a shop whose time in `column` lies in the span, unix seconds. */
export interface Within {
  readonly shop: string;
  readonly column: string;
  readonly span: Span;
}

/** Ids of one statement. */
const atOnce = 500;

/** By the index of the column, where it has one. */
export async function countWithin(db: Db, table: Table, within: Within): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${from(table, within)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The time of the row that has so many before it; undefined where there are not so many. Unix seconds. */
export async function timeAtRank(db: Db, table: Table, within: Within, rank: number): Promise<number | undefined> {
  const column = sql.ref(within.column);
  const { rows } = await sql<{ time: number }>`select ${column} as time ${from(table, within)}
    order by ${column} limit 1 offset ${Math.max(0, rank)}`.execute(db);
  return rows[0]?.time;
}

/** The oldest of them, `limit` at most. */
export async function idsWithin(db: Db, table: Table, within: Within, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`select ${sql.ref(table.columns.id)} as id ${from(table, within)}
    order by ${sql.ref(within.column)} limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Both times of a record, unix seconds; null where unknown. */
export interface Times {
  readonly id: string;
  readonly created: number | null;
  readonly updated: number | null;
}

/** Those of the rows that are stored. */
export async function timesOf(
  db: Db,
  table: Table,
  shop: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Times>> {
  const { columns } = table;
  const created = columns.created === undefined ? sql`null` : sql.ref(columns.created);
  const found = await eachChunk(ids, async (some) => {
    const { rows } = await sql<Times>`select ${sql.ref(columns.id)} as id, ${created} as created,
      ${sql.ref(columns.time)} as updated from ${sql.table(table.name)}
      where shop_id = ${shop} and ${sql.ref(columns.id)} in (${sql.join(some)})`.execute(db);
    return rows;
  });
  return new Map(found.map((row) => [row.id, row]));
}

/** Which of the rows a run was the last to change. */
export async function changedBy(
  db: Db,
  table: Table,
  shop: string,
  runId: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const id = sql.ref(table.columns.id);
  return eachChunk(ids, async (some) => {
    const { rows } = await sql<{ id: string }>`select ${id} as id from ${sql.table(table.name)}
      where shop_id = ${shop} and ${id} in (${sql.join(some)}) and run_id = ${runId}`.execute(db);
    return rows.map((row) => row.id);
  });
}

const from = ({ name }: Table, { shop, column, span }: Within) => sql`from ${sql.table(name)}
  where shop_id = ${shop} and ${sql.ref(column)} >= ${span.from} and ${sql.ref(column)} < ${span.to}`;

async function eachChunk<T>(ids: readonly string[], ask: (some: readonly string[]) => Promise<readonly T[]>) {
  const found: T[] = [];
  for (let at = 0; at < ids.length; at += atOnce) found.push(...(await ask(ids.slice(at, at + atOnce))));
  return found;
}
