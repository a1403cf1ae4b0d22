import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { MikroORM } from '@mikro-orm/sqlite';
import { sql } from 'kysely';

import config from '../../mikro-orm.config.ts';
import { AppError } from '../errors.ts';
import type { Db } from './database.ts';
import { createDialect } from './dialect.ts';
import { takeOver } from './legacy.ts';
import { migrations } from './migrations/list.ts';
import { migrationsTable } from './migrations/table.ts';

/**
 * In force on our connection. Orders of 3 KB fill large pages better (page_size holds for a new database only), and a
 * longer write-ahead log writes the inner pages of the indexes less often: together a fifth less CPU in a full sync.
 * The cache (KiB) holds the inner pages of the indexes that a full sync writes into.
 */
export const pragmas = [
  'page_size = 16384',
  'wal_autocheckpoint = 2000',
  'journal_mode = wal',
  'synchronous = normal',
  'busy_timeout = 5000',
  'foreign_keys = on',
  'cache_size = -16000',
] as const;

export interface OpenedDatabase {
  readonly orm: MikroORM;
  /** Tables of an older dashboard, by their new names. */
  readonly takenOver: readonly string[];
}

/**
 * Opens the database in WAL mode, takes over one of the older dashboard, and applies the migrations.
 * @param more pragmas for this connection.
 * @throws AppError `store` with the cure in its hint: unreadable, not a database, or made by a newer version.
 */
export async function openDatabase(path: string, more: readonly string[] = []): Promise<OpenedDatabase> {
  const umask = process.umask(0o077);
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const orm = await MikroORM.init({
      ...config,
      dbName: path,
      driverOptions: createDialect(path),
      logger: () => undefined,
    });
    try {
      const takenOver = await prepare(orm.em.fork().getKysely(), orm);
      for (const pragma of more) await sql.raw(`pragma ${pragma}`).execute(orm.em.fork().getKysely());
      if (takenOver.length > 0) for (const suffix of ['', '-wal', '-shm']) chmodSync(`${path}${suffix}`, 0o600);
      return { orm, takenOver };
    } catch (error) {
      await orm.close(true);
      throw error;
    }
  } catch (error) {
    throw storeError(`cannot open the database ${path}`, error);
  } finally {
    process.umask(umask);
  }
}

async function prepare(db: Db, orm: MikroORM): Promise<string[]> {
  for (const pragma of pragmas) await sql.raw(`pragma ${pragma}`).execute(db);
  const takenOver = await orm.em.fork().transactional((em) => takeOver(em.getKysely(), migrationsTable));
  await refuseNewer(db);
  await orm.migrator.up();
  return takenOver;
}

async function refuseNewer(db: Db): Promise<void> {
  const table = await sql`select 1 from sqlite_master where name = ${migrationsTable}`.execute(db);
  if (table.rows.length === 0) return;
  const applied = await sql<{ name: string }>`select name from ${sql.table(migrationsTable)}`.execute(db);
  const known = new Set<string>(migrations.map((migration) => migration.name));
  const unknown = applied.rows.filter((row) => !known.has(row.name));
  if (unknown.length > 0)
    throw new AppError(
      'store',
      'store',
      `the database was made by a newer version (${unknown.map((u) => u.name).join(', ')})`,
      {
        hint: 'start the newer version of shopsyncd, or name another store.path',
      },
    );
}

/** Wraps what SQLite says into the one error that rolls back, stops and tells (rule 9). */
export function storeError(what: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('store', 'store', `${what}: ${error instanceof Error ? error.message : String(error)}`, {
    hint: cureOf(error) ?? 'see the log; the data is as of the last commit',
    cause: error,
  });
}

const unusableFolder = 'make the folder exist and writable for the user that runs shopsyncd';

const cures: readonly (readonly [string, string])[] = [
  ['SQLITE_FULL', 'free some disk space; the sync goes on by itself'],
  ['SQLITE_READONLY', 'make the file and its folder writable for the user that runs shopsyncd'],
  ['SQLITE_CANTOPEN', unusableFolder],
  ['EACCES', unusableFolder],
  ['EEXIST', unusableFolder],
  ['ENOTDIR', unusableFolder],
  ['EPERM', unusableFolder],
  ['EROFS', unusableFolder],
  ['SQLITE_BUSY', 'another program holds the database; end it, the sync goes on by itself'],
  ['SQLITE_CORRUPT', 'restore a backup, or move the file away: shopsyncd then reads everything again'],
  ['SQLITE_NOTADB', 'this is no SQLite database; name another store.path, or move the file away'],
  ['SQLITE_IOERR', 'check the disk; the sync goes on by itself'],
];

/** By the first code along the causes that is known here: SQLite's, or the file system's. */
function cureOf(error: unknown): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    const code = 'code' in e && typeof e.code === 'string' ? e.code : '';
    const cure = cures.find(([prefix]) => code.startsWith(prefix));
    if (cure !== undefined) return cure[1];
  }
  return undefined;
}
