import { sql } from 'kysely';

import type { Db } from './database.ts';
import type { RecordTable } from './page.ts';

/** Records whose status is not among the closed ones, by their time of creation, unix seconds. */
export interface OpenRecords {
  readonly shop: string;
  readonly createdFrom: number;
  /** Exclusive; default: no end. */
  readonly createdTo?: number | undefined;
  readonly closed: readonly string[];
}

type Table = Pick<RecordTable<unknown>, 'name' | 'columns'>;

/** By the index over the time of creation. @throws Error for a table without such a time. */
export async function countOpen(db: Db, table: Table, open: OpenRecords): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count ${among(table, open)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The oldest of them first, those behind `after`. @throws as countOpen. */
export async function openRecords(
  db: Db,
  table: Table,
  open: OpenRecords & {
    readonly after?: { readonly created: number; readonly id: string } | undefined;
    readonly limit: number;
  },
): Promise<readonly { readonly id: string; readonly created: number }[]> {
  const { after, limit } = open;
  const [id, created] = [sql.ref(table.columns.id), sql.ref(createdOf(table))];
  const behind = after === undefined ? sql`` : sql`and (${created}, ${id}) > (${after.created}, ${after.id})`;
  const { rows } = await sql<{ id: string; created: number }>`select ${id} as id, ${created} as created
    ${among(table, open)} ${behind} order by ${created}, ${id} limit ${limit}`.execute(db);
  return rows;
}

const among = (table: Table, { shop, createdFrom, createdTo, closed }: OpenRecords) => {
  const created = sql.ref(createdOf(table));
  const before = createdTo === undefined ? sql`` : sql`and ${created} < ${createdTo}`;
  return sql`from ${sql.table(table.name)} where shop_id = ${shop} and ${created} >= ${createdFrom} ${before}
    and status not in (${sql.join(closed)})`;
};

function createdOf({ name, columns }: Table): string {
  if (columns.created === undefined) throw new Error(`${name} have no time of creation`);
  return columns.created;
}
