import { sql } from 'kysely';

import type { Db } from './database.ts';
import type { RecordTable } from './page.ts';

type Table = Pick<RecordTable<unknown>, 'name' | 'columns' | 'told' | 'events'>;

/** Rows looked at in one statement: a few milliseconds, so that the daemon goes on answering. */
const rowsAtOnce = 200;
const eventsAtOnce = 1000;

/** What stands for the hash of a row that was found damaged, until an answer has been written over it. */
const mark = '?';

/** One step of a look through all rows in the order of their ids. */
export interface Looked {
  /** Rows that are not what their own payload says. */
  readonly damaged: readonly string[];
  /** Rows in a status that is not closed, created before the moment given. */
  readonly open: readonly string[];
  /** Where the next step begins; undefined behind the last row. */
  readonly next: string | undefined;
}

/**
 * Holds rows against their own payload, where that is kept.
 * @param options `after`: the id behind which to begin; `openBefore`: unix seconds; `closed`: statuses in which a record
 *   changes no more.
 */
export async function lookAtRows(
  db: Db,
  table: Table,
  options: {
    readonly shop: string;
    readonly after: string;
    readonly closed: readonly string[];
    readonly openBefore: number;
  },
): Promise<Looked> {
  const { shop, after, closed, openBefore } = options;
  const { columns } = table;
  const id = sql.ref(columns.id);
  const open =
    columns.created === undefined || closed.length === 0
      ? sql`0`
      : sql`status not in (${sql.join(closed)}) and ${sql.ref(columns.created)} < ${openBefore}`;
  const { rows } = await sql<{ id: string; damaged: number; open: number }>`
    select ${id} as id, ${isDamaged(table)} as damaged, ${open} as open from ${sql.table(table.name)} as stored
    where shop_id = ${shop} and ${id} > ${after} order by ${id} limit ${rowsAtOnce}`.execute(db);
  return {
    damaged: rows.filter((row) => row.damaged === 1).map((row) => row.id),
    open: rows.filter((row) => row.open === 1).map((row) => row.id),
    next: rows.length < rowsAtOnce ? undefined : rows.at(-1)?.id,
  };
}

/**
 * Holds what was seen of records over time against the rows, in the order of their ids: those that were seen and are
 * not stored, and those that were seen at a later time than they are stored with.
 */
export async function lookAtEvents(
  db: Db,
  { name, columns, events }: Table,
  shop: string,
  after: string,
): Promise<{ readonly seen: readonly string[]; readonly next: string | undefined }> {
  if (events === undefined) return { seen: [], next: undefined };
  const owner = sql.ref(events.owner);
  const { rows } = await sql<{ id: string; isBehind: number }>`
    select seen.id as id, stored.${sql.ref(columns.time)} is null or seen.time > stored.${sql.ref(columns.time)} as isBehind
    from (select ${owner} as id, max(${sql.ref(events.time)}) as time from ${sql.table(events.name)}
      where shop_id = ${shop} and ${owner} > ${after} group by ${owner} order by ${owner} limit ${eventsAtOnce}) as seen
    left join ${sql.table(name)} as stored on stored.shop_id = ${shop} and stored.${sql.ref(columns.id)} = seen.id
    order by seen.id`.execute(db);
  return {
    seen: rows.filter(({ isBehind }) => isBehind === 1).map((row) => row.id),
    next: rows.length < eventsAtOnce ? undefined : rows.at(-1)?.id,
  };
}

/**
 * Makes rows what their payload says, in the name of a run, and any answer news to them: else one with the same payload
 * would be refused.
 */
export async function markDamaged(
  db: Db,
  table: Table,
  shop: string,
  runId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0 || table.told === undefined) return;
  const healed = Object.entries(table.told.columns).map(
    ([column, path]) => sql`${sql.ref(column)} = case when json_valid(payload)
      then coalesce(json_extract(payload, ${path}), ${sql.ref(column)}) else ${sql.ref(column)} end`,
  );
  await sql`update ${sql.table(table.name)} set hash = ${mark}, run_id = ${runId}, ${sql.join(healed)}
    where shop_id = ${shop} and ${sql.ref(table.columns.id)} in (${sql.join(ids)})`.execute(db);
}

/** Of these rows, those that are damaged still; the mark is taken off the others. */
export async function stillDamaged(
  db: Db,
  table: Table,
  shop: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const id = sql.ref(table.columns.id);
  const among = sql`shop_id = ${shop} and ${id} in (${sql.join(ids)})`;
  await sql`update ${sql.table(table.name)} set hash = '' where ${among} and hash = ${mark}`.execute(db);
  const { rows } = await sql<{ id: string }>`select ${id} as id from ${sql.table(table.name)} as stored
    where ${among} and ${isDamaged(table)} = 1`.execute(db);
  return rows.map((row) => row.id);
}

/** 1 for a row that contradicts its payload, or that an audit has begun to mend. */
function isDamaged({ columns, told }: Table) {
  if (told === undefined) return sql`0`;
  const differ = Object.entries(told.columns).map(
    ([column, path]) => sql`stored.${sql.ref(column)} is not json_extract(payload, ${path})`,
  );
  const { parts } = told;
  if (parts !== undefined)
    // One that is told twice is stored once.
    differ.push(sql`(select count(distinct json_extract(told.value, '$.id')) from json_each(payload, ${parts.path}) as told) <>
      (select count(*) from ${sql.table(parts.name)} as part
        where part.shop_id = stored.shop_id and part.${sql.ref(parts.owner)} = stored.${sql.ref(columns.id)})`);
  return sql`case when payload is null then 0 when hash = ${mark} then 1 when not json_valid(payload) then 1
    else ${sql.join(differ, sql` or `)} end`;
}
