import { hash } from 'node:crypto';

import { type RawBuilder, sql } from 'kysely';

import { Bulk } from './bulk.ts';
import type { Db } from './database.ts';
import type { RecordTable, WriteContext, Written } from './page.ts';
import { toDatetime } from './time.ts';

type Value = string | number | null;

/** What is stored of a record before a page is written; `also` holds the columns that its table wanted beside. */
export interface Stored<K extends string> {
  readonly id: string;
  /** Its place on the axis, unix seconds. */
  readonly time: number;
  /** Position of the request that brought it. */
  readonly asked: number;
  readonly also: Readonly<Record<K, Value>>;
}

/** What a page made of the table: each record given once, and what was there before. */
export interface Change<R, K extends string> {
  readonly unique: readonly R[];
  readonly inserted: readonly R[];
  readonly updated: readonly R[];
  readonly before: (record: R) => Stored<K> | undefined;
}

export interface TableSpec<R, K extends string> {
  readonly name: RecordTable<R>['name'];
  /** Names of the columns that hold a record's id and its place on the axis. */
  readonly columns: RecordTable<R>['columns'];
  readonly told?: RecordTable<R>['told'];
  readonly events?: RecordTable<R>['events'];
  idOf(record: R): string;
  /** Unix seconds. */
  timeOf(record: R): number;
  /** Unix seconds; with `columns.created`. */
  createdOf?(record: R): number;
  shapeOf?(record: R): readonly string[];
  /** The API's own text, which tells whether the content changed. */
  payloadOf(record: R): string;
  /** Its own columns, always the same ones in the same order; id and time are added. */
  row(record: R): Readonly<Record<string, Value>>;
  /** Own columns, 0 or 1, that only ever rise; one that does is news although the payload is the same. */
  readonly telling?: readonly string[];
  /** For records that are restated, not edited: the column that counts how often one of `figures` changed. */
  readonly restated?: { readonly column: string; readonly figures: readonly string[] };
  /** Columns that `before` tells. */
  readonly also?: readonly K[];
  /** What of an answer must never replace what is stored; `excluded` is the answer. */
  readonly refuses?: RawBuilder<unknown>;
  /** Records whose personal fields came back blank at the version that is stored with them. */
  isBlanked?(record: R, before: Stored<K>): boolean;
  /** Writes what belongs to the records, in tables of its own. */
  children?(db: Db, context: WriteContext, change: Change<R, K>): Promise<void>;
}

/**
 * The tables of one kind of record, written by the rules: newer wins by (time, time asked), decided in the SQL (rule 3),
 * nothing is written that did not change (rule 5), and each row tells since when and by which run it is as it is.
 */
export function recordTable<R, K extends string = never>(spec: TableSpec<R, K>): RecordTable<R> {
  const table = sql.table(spec.name);
  const { id, time } = spec.columns;
  const mine = (column: string) => sql`${table}.${sql.ref(column)}`;
  const theirs = (column: string) => sql`excluded.${sql.ref(column)}`;
  const differ = (columns: readonly string[]) =>
    sql.join(
      columns.map((column) => sql`${theirs(column)} is distinct from ${mine(column)}`),
      sql` or `,
    );
  const telling = spec.telling ?? [];
  const rises = telling.map((column) => sql` or ${theirs(column)} > ${mine(column)}`);
  const isNews = sql`${differ(['payload', 'hash'])}${sql.join(rises, sql``)}`;
  // Nothing asked before the request that confirmed a regression is believed (the second half of rule 3).
  const acceptable = sql`excluded.asked >= ${mine('confirmed_asked')} and (${isNews})
    and not (${spec.refuses ?? sql`false`})`;
  const newerWins = sql`${acceptable} and (${theirs(time)} > ${mine(time)}
    or (${theirs(time)} = ${mine(time)} and excluded.asked > ${mine('asked')}))`;
  // An answer by id that settles a doubt counts by the time asked alone.
  const lastAskedWins = sql`${acceptable} and excluded.asked > ${mine('asked')}`;
  const setOf = (column: string) => {
    if (column === 'confirmed_asked' || telling.includes(column))
      return sql`${sql.ref(column)} = max(${mine(column)}, ${theirs(column)})`;
    if (column === spec.restated?.column)
      return sql`${sql.ref(column)} = ${mine(column)} + case when ${differ(spec.restated.figures)} then 1 else 0 end`;
    return sql`${sql.ref(column)} = ${theirs(column)}`;
  };
  const kept = new Set(['shop_id', id, 'first_seen_at']);

  const upsert = (wins: RawBuilder<unknown>) =>
    new Bulk<Readonly<Record<string, Value>>, { readonly id: string }>((db, rows) => {
      const columns = Object.keys(rows[0] ?? {});
      const values = rows.map((row) => sql`(${sql.join(Object.values(row))})`);
      const sets = columns.filter((column) => !kept.has(column)).map(setOf);
      return sql<{ id: string }>`insert into ${table} (${sql.join(columns.map((column) => sql.ref(column)))})
        values ${sql.join(values)} on conflict (shop_id, ${sql.ref(id)}) do update set ${sql.join(sets)}
        where ${wins} returning ${sql.ref(id)} as id`.compile(db);
    });
  const upsertNewer = upsert(newerWins);
  const upsertLastAsked = upsert(lastAskedWins);

  const storedOf = async (db: Db, shop: string, ids: readonly string[]): Promise<Map<string, Stored<K>>> => {
    const also = (spec.also ?? []).map((column) => sql`, ${sql.ref(column)}`);
    const { rows } = await sql<{ id: string; time: number; asked: number } & Record<K, Value>>`
      select ${sql.ref(id)} as id, ${sql.ref(time)} as time, asked${sql.join(also, sql``)} from ${table}
      where shop_id = ${shop} and ${sql.ref(id)} in (${sql.join(ids)})`.execute(db);
    return new Map(rows.map((row) => [row.id, { id: row.id, time: row.time, asked: row.asked, also: row }]));
  };

  return {
    name: spec.name,
    columns: spec.columns,
    told: spec.told,
    events: spec.events,
    idOf: (record) => spec.idOf(record),
    timeOf: (record) => spec.timeOf(record),
    createdOf: (record) => spec.createdOf?.(record) ?? null,
    shapeOf: (record) => spec.shapeOf?.(record) ?? [],
    async write(db, context, records) {
      const { shop, runId, asked, settles } = context;
      const byId = new Map<string, R>();
      for (const record of records) {
        const other = byId.get(spec.idOf(record));
        if (other === undefined || spec.timeOf(other) <= spec.timeOf(record)) byId.set(spec.idOf(record), record);
      }
      const unique = [...byId.values()];
      const stored = await storedOf(db, shop, [...byId.keys()]);
      const now = toDatetime(context.now);
      const written = await (settles ? upsertLastAsked : upsertNewer).run(
        db,
        unique.map((record) => ({
          shop_id: shop,
          [id]: spec.idOf(record),
          [time]: spec.timeOf(record),
          ...spec.row(record),
          ...(spec.restated !== undefined && { [spec.restated.column]: 0 }),
          first_seen_at: now,
          changed_at: now,
          run_id: runId,
          asked,
          hash: context.keepPayload ? '' : hash('sha1', spec.payloadOf(record)),
          confirmed_asked: settles ? asked : 0,
          payload: context.keepPayload ? spec.payloadOf(record) : null,
        })),
      );
      const changed = new Set(written.map((row) => row.id));
      const before = (record: R): Stored<K> | undefined => stored.get(spec.idOf(record));
      const inserted = unique.filter((record) => before(record) === undefined);
      const updated = unique.filter((record) => before(record) !== undefined && changed.has(spec.idOf(record)));
      await spec.children?.(db, context, { unique, inserted, updated, before });
      return summary(spec, context, records.length, { unique, inserted, updated, before });
    },
  };
}

function summary<R, K extends string>(
  spec: TableSpec<R, K>,
  { asked, settles }: WriteContext,
  given: number,
  { unique, inserted, updated, before }: Change<R, K>,
): Written {
  const sameTime = updated.filter((record) => before(record)?.time === spec.timeOf(record));
  const newVersions = updated.filter((record) => before(record)?.time !== spec.timeOf(record));
  return {
    inserted: inserted.map((record) => ({ id: spec.idOf(record), time: spec.timeOf(record) })),
    updated: updated.length,
    arrivals: [...inserted, ...newVersions].map((record) => spec.timeOf(record)),
    unchanged: given - inserted.length - updated.length,
    doubts: unique
      .filter((record) => {
        const was = before(record);
        return !settles && was !== undefined && was.time > spec.timeOf(record) && was.asked < asked;
      })
      .map((record) => spec.idOf(record)),
    blanked: unique.filter((record) => {
      const was = before(record);
      return was !== undefined && spec.isBlanked?.(record, was) === true;
    }).length,
    silentEdits: spec.restated === undefined ? sameTime.length : 0,
    regressions: updated.filter((record) => (before(record)?.time ?? 0) > spec.timeOf(record)).length,
    greatestTime: [...inserted, ...updated].reduce((most, record) => Math.max(most, spec.timeOf(record)), 0),
  };
}
