import Database, { type Statement } from 'better-sqlite3';
import { SqliteDialect } from 'kysely';

/** Statements kept prepared; the hot ones are a few dozen, asked a thousand times in a full sync. */
const kept = 100;

/** A rollback of nothing. */
const nothing: Statement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

/**
 * Kysely's dialect for better-sqlite3 prepares every statement anew, which costs a sixth of a full sync. This one keeps
 * those used last. Handed to the ORM as its driver, so that everything goes through one connection.
 */
export function createDialect(path: string): SqliteDialect {
  const database = new Database(path);
  const statements = new Map<string, Statement>();
  return new SqliteDialect({
    database: {
      prepare: (sql) => {
        // A commit that finds the disk full has rolled back by itself. SQLite refuses to do it twice, and a rollback that
        // is refused never gives the connection back: every question after it would wait for ever.
        if (sql === 'rollback' && !database.inTransaction) return nothing;
        const known = statements.get(sql);
        const statement = known ?? database.prepare(sql);
        statements.delete(sql);
        statements.set(sql, statement);
        const oldest = statements.keys().next();
        if (statements.size > kept && oldest.done === false) statements.delete(oldest.value);
        return statement;
      },
      close: () => {
        statements.clear();
        database.close();
      },
    },
  });
}
