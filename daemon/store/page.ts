import { sql } from 'kysely';

import type { Span } from '../spans.ts';
import type { Db } from './database.ts';
import { type Rejected, forgetRejected, postpone, setAside } from './rejected.ts';
import { type KnownShapes, learnShapes } from './shapes.ts';
import { addSpan } from './spans.ts';
import { toDatetime } from './time.ts';
import { watch } from './watch.ts';

export interface WriteContext {
  readonly shop: string;
  readonly runId: string;
  /** Position of the request in the order of asking. */
  readonly asked: number;
  /** Local time, milliseconds. */
  readonly now: number;
  /** The records were asked by id to settle doubts: the time asked decides, not `update_time`. */
  readonly settles: boolean;
  readonly keepPayload: boolean;
}

/** What became of the records of a page. inserted + updated + unchanged = records given. */
export interface Written {
  readonly inserted: readonly { readonly id: string; readonly time: number }[];
  readonly updated: number;
  /** `update_time` of each version that was stored for the first time. */
  readonly arrivals: readonly number[];
  readonly unchanged: number;
  /** Ids whose answer looked older than what is stored although it was asked later. */
  readonly doubts: readonly string[];
  /** Records whose content changed and whose `update_time` did not. */
  readonly silentEdits: number;
  /** Records whose personal fields came back blank at the version that is stored with them. */
  readonly blanked: number;
  /** Records that a settled doubt moved back in time. */
  readonly regressions: number;
  /** Greatest `update_time` among the records inserted and updated, unix seconds; 0 without any. */
  readonly greatestTime: number;
}

/** What payload and columns say twice. */
export interface Told {
  /** Columns that hold a value of the payload as it is → its JSON path. */
  readonly columns: Readonly<Record<string, string>>;
  /** A list of the payload that has a table of its own, one row for each element. */
  readonly parts?: { readonly name: string; readonly owner: string; readonly path: string };
}

/** The tables of one kind of record. */
export interface RecordTable<R> {
  readonly name: 'orders' | 'products' | 'shop_performance' | 'returns' | 'cancellations' | 'statements';
  /** Columns that hold a record's id, its place on the axis, and when it was created where that is another time. */
  readonly columns: { readonly id: string; readonly time: string; readonly created?: string };
  /** What of a row can be told from its payload; where left out, nothing. */
  readonly told?: Told | undefined;
  /** The table of what was seen of records over time: which, and at which time of the axis. */
  readonly events?: { readonly name: string; readonly owner: string; readonly time: string } | undefined;
  write(db: Db, context: WriteContext, records: readonly R[]): Promise<Written>;
  /** What a record looks like: `status=…`, and `path:kind` of each field. */
  shapeOf(record: R): readonly string[];
  idOf(record: R): string;
  /** Its place on the stream's axis, unix seconds. */
  timeOf(record: R): number;
  /** When it was created, unix seconds; null where that is no other time. */
  createdOf(record: R): number | null;
}

/** One page, ready to be stored. All of it lands in one transaction, or none does (rule 1). */
export interface PageCommit<R> {
  readonly runId: string;
  readonly shop: string;
  readonly stream: string;
  readonly records: readonly R[];
  readonly rejected: readonly Rejected[];
  readonly asked: number;
  /** Requests spent since the run's last commit. */
  readonly requests: number;
  /** Span of the axis that is now read whole. */
  readonly read: Span | null;
  /** The part of it that was asked late enough to count as covered; null for runs that cover nothing. */
  readonly covered: Span | null;
  /** Ids that earlier pages brought and that may lie in the span as well. */
  readonly before?: ReadonlySet<string> | undefined;
  /** Full runs note the stored rows of the span that the API did not show, under the id of their ledger. */
  readonly ledger: string | null;
  /** Server time (unix seconds) from which an older-looking answer may be asked again by id. */
  readonly doubtsDue: number;
  readonly settles: boolean;
  /** Server time at which it was asked, unix seconds; the overlap in force, seconds. */
  readonly sentAt: number;
  readonly overlap: number;
  /** Seconds. */
  readonly settle: number;
  /** Part of a live run's strip. */
  readonly live: boolean;
  /** Statuses as `status=…` and paths of fields that are no news. */
  readonly documented?: ReadonlySet<string> | undefined;
  /** What the reader found odd since the last commit, by name. */
  readonly odd: Readonly<Record<string, number>>;
  /** Ids that were asked for and do not exist at the remote. */
  readonly absent?: readonly string[] | undefined;
}

export interface PageResult extends Written {
  readonly rejected: number;
  /** The overlap after late arrivals widened it, seconds; null while it is enough. */
  readonly widened: number | null;
}

/** Parameters of one statement stay far below SQLite's limit of 32,766. */
const rowsPerStatement = 5000;

export async function commitPage<R>(
  db: Db,
  table: RecordTable<R>,
  page: PageCommit<R>,
  options: { readonly now: number; readonly keepPayload: boolean; readonly shapes: KnownShapes },
): Promise<PageResult> {
  const { runId, shop, stream } = page;
  const now = toDatetime(options.now);
  const rejected = await setAside(db, { runId, shop, stream, asked: page.asked, now }, page.rejected);
  const written: Written =
    page.records.length === 0
      ? {
          inserted: [],
          updated: 0,
          arrivals: [],
          unchanged: 0,
          doubts: [],
          silentEdits: 0,
          blanked: 0,
          regressions: 0,
          greatestTime: 0,
        }
      : await table.write(db, { ...page, ...options }, page.records);
  const ids = page.records.map((record) => table.idOf(record));
  await forgetRejected(db, shop, stream, ids, page.asked);
  await postpone(db, shop, stream, page.absent ?? [], page.asked);
  if (page.settles) await settle(db, shop, stream, [...ids, ...(page.absent ?? [])]);
  else await doubt(db, page, written.doubts);
  if (page.read !== null) {
    if (page.ledger !== null)
      await noteUnseen(db, table, page.ledger, page.shop, page.read, [...ids, ...(page.before ?? [])]);
    await addSpan(db, 'run_spans', { run_id: runId }, page.read, { read_at: now });
  }
  const changed = await learnShapes(db, { ...page, now: options.now, memory: options.shapes }, page.records, (r) =>
    table.shapeOf(r),
  );
  const odd = { ...page.odd, ...Object.fromEntries(changed.map((what) => [what, 1])) };
  const widened = await watch(db, { ...page, ...written, odd, now: options.now });
  const covered = withoutStrip(page, widened);
  if (covered !== null) await addSpan(db, 'coverage', { shop_id: shop, stream }, covered);
  await db
    .updateTable('sync_runs')
    .set((eb) => ({
      requests: eb('requests', '+', page.requests),
      seen: eb('seen', '+', page.records.length + page.rejected.length),
      inserted: eb('inserted', '+', written.inserted.length),
      updated: eb('updated', '+', written.updated),
      unchanged: eb('unchanged', '+', written.unchanged),
      rejected: eb('rejected', '+', page.rejected.length),
    }))
    .where('id', '=', runId)
    .execute();
  await db
    .updateTable('stream_state')
    .set({
      last_asked: sql<number>`max(last_asked, ${page.asked})`,
      last_record_time: sql<number>`nullif(max(coalesce(last_record_time, 0), ${written.greatestTime}), 0)`,
    })
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .execute();
  return { ...written, rejected, widened };
}

/** What of the page counts as covered where the overlap is wider than the one that it was read with. */
function withoutStrip<R>(
  { covered, sentAt, settle: settleSeconds }: PageCommit<R>,
  widened: number | null,
): Span | null {
  if (covered === null || widened === null) return covered;
  const to = Math.min(covered.to, Math.floor(sentAt) - settleSeconds - widened);
  return to > covered.from ? { from: covered.from, to } : null;
}

async function doubt<R>(db: Db, page: PageCommit<R>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .insertInto('doubts')
    .values(
      ids.map((id) => ({
        shop_id: page.shop,
        stream: page.stream,
        record_id: id,
        due_time: page.doubtsDue,
        reason: 'looked older than the stored version',
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function settle(db: Db, shop: string, stream: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await db
      .deleteFrom('doubts')
      .where('shop_id', '=', shop)
      .where('stream', '=', stream)
      .where('record_id', 'in', ids)
      .execute();
}

/** Rule 13: a row that was not shown is counted, never touched; whether it is gone is asked by id when the run ends. */
async function noteUnseen(
  db: Db,
  { name, columns }: Pick<RecordTable<unknown>, 'name' | 'columns'>,
  ledger: string,
  shop: string,
  span: Span,
  shown: readonly string[],
): Promise<void> {
  const [first, ...rest] = chunks(shown);
  const [id, time] = [sql.ref(columns.id), sql.ref(columns.time)];
  const others = first === undefined ? sql`` : sql`and ${id} not in (${sql.join(first)})`;
  await sql`insert into unseen (run_id, record_id, update_time)
    select ${ledger}, ${id}, ${time} from ${sql.table(name)}
    where shop_id = ${shop} and ${time} >= ${span.from} and ${time} < ${span.to} ${others}
    on conflict do nothing`.execute(db);
  for (const ids of rest)
    await db.deleteFrom('unseen').where('run_id', '=', ledger).where('record_id', 'in', ids).execute();
}

const chunks = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / rowsPerStatement) }, (_, i) =>
    ids.slice(i * rowsPerStatement, (i + 1) * rowsPerStatement),
  );
