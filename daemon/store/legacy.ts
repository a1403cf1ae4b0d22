import { sql } from 'kysely';

import { AppError } from '../errors.ts';
import type { Db } from './database.ts';
import { entities } from './entities.ts';

/** Names that a database of the older dashboard, or of anybody else, may hold and that are ours. */
const contested: readonly string[] = entities.map((entity) => entity.meta.tableName);

/**
 * Takes over a database of the older dashboard: its `orders`, its `sync_metadata` and whatever else is called like a
 * table of ours are renamed to `legacy_…` and kept, whatever their columns. Only a database without our migrations
 * table can hold such tables. To be called in a transaction: half a take-over would look like none.
 * @returns the new names, for the log.
 * @throws AppError `store` for a view under such a name, which SQLite cannot rename.
 */
export async function takeOver(db: Db, migrationsTable: string): Promise<string[]> {
  const found = await sql<{ name: string; type: string }>`select name, type from sqlite_master`.execute(db);
  const names = new Set(found.rows.map((row) => row.name.toLowerCase()));
  if (names.has(migrationsTable)) return [];
  const renamed: string[] = [];
  for (const { name, type } of found.rows) {
    if (!contested.includes(name.toLowerCase())) continue;
    if (type === 'view')
      throw new AppError('store', 'store', `the database holds a view called ${name}`, {
        hint: 'drop or rename that view, or name another store.path',
      });
    if (type !== 'table') continue;
    const target = freeName(name.toLowerCase(), names);
    await sql`alter table ${sql.id(name)} rename to ${sql.id(target)}`.execute(db);
    await renameIndexes(db, target, names);
    renamed.push(target);
  }
  return renamed.toSorted();
}

/** `create [unique] index name` as SQLite keeps it: the words in capitals, the name as it was written. */
const indexHead = /^create\s+(?:unique\s+)?index\s+(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*'|\S+)/i;

/**
 * Index names are shared by the whole database, and ours must be free: the kept tables' indexes are made again as
 * `legacy_…`.
 */
async function renameIndexes(db: Db, table: string, names: Set<string>): Promise<void> {
  const indexes = await sql<{ name: string; sql: string }>`
    select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name = ${table}`.execute(db);
  for (const index of indexes.rows) {
    const unique = /^create\s+unique/i.test(index.sql) ? sql`unique` : sql``;
    await sql`drop index ${sql.id(index.name)}`.execute(db);
    await sql`create ${unique} index ${sql.id(freeName(index.name, names))} ${sql.raw(index.sql.replace(indexHead, ''))}`.execute(
      db,
    );
  }
}

/** `legacy_…`, numbered when that is taken, and taken from now on. */
function freeName(name: string, names: Set<string>): string {
  let free = `legacy_${name}`;
  for (let n = 2; names.has(free.toLowerCase()); n++) free = `legacy_${name}_${n}`;
  names.add(free.toLowerCase());
  return free;
}
