import Database, { type Statement } from 'better-sqlite3';
import { SqliteDialect } from 'kysely';

/** Statements kept prepared; the hot ones are a few dozen, asked a thousand times in a full sync. */
const kept = 100;

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
