import { sql } from 'kysely';

import type { Span } from '../spans.ts';
import type { Db } from './database.ts';

/** Adds a span to merged rows of `coverage` or `run_spans`, so that what touches becomes one row. */
export async function addSpan(
  db: Db,
  table: 'coverage' | 'run_spans',
  key: Readonly<Record<string, string>>,
  span: Span,
  extra: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (span.to <= span.from) return;
  const where = sql.join(
    Object.entries(key).map(([column, value]) => sql`${sql.ref(column)} = ${value}`),
    sql` and `,
  );
  const touched = await sql<{ from_time: number; to_time: number }>`
    delete from ${sql.table(table)} where ${where} and from_time <= ${span.to} and to_time >= ${span.from}
    returning from_time, to_time`.execute(db);
  const row = {
    ...key,
    from_time: Math.min(span.from, ...touched.rows.map((t) => t.from_time)),
    to_time: Math.max(span.to, ...touched.rows.map((t) => t.to_time)),
    ...extra,
  };
  await sql`insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((c) => sql.ref(c)))})
    values (${sql.join(Object.values(row))})`.execute(db);
}
