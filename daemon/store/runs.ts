import { randomBytes } from 'node:crypto';

import { sql } from 'kysely';

import type { Audited, Failure, Run, RunKind, RunState, RunTrigger } from '../../shared/run-views.ts';
import type { Span } from '../spans.ts';
import type { Db } from './database.ts';
import { datetimeToIso, secondsToIso, toDatetime } from './time.ts';

export interface NewRun {
  readonly shop: string;
  readonly stream: string;
  readonly kind: RunKind;
  readonly trigger: RunTrigger;
  /** What it is meant to read, unix seconds. */
  readonly span: Span;
  /** The first run of an interrupted full resync that goes on in this one. */
  readonly continues?: string | undefined;
  /** Why the engine began it by itself as the last rung of the ladder. */
  readonly fallback?: string | undefined;
  /** Only records of these statuses are read. */
  readonly statuses?: readonly string[] | undefined;
}

export interface HistoryFilter {
  readonly stream?: string | undefined;
  readonly shop?: string | undefined;
  readonly kind?: RunKind | undefined;
  readonly state?: RunState | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Characters that make an id unique; before them stands its time. */
const randomDigits = 6;

/** Ids sort by the order in which runs began, even if the clock was set back; they are short enough to be typed. */
async function newRunId(db: Db, now: number): Promise<string> {
  const newest = await db
    .selectFrom('sync_runs')
    .select((eb) => eb.fn.max<string | null>('id').as('id'))
    .executeTakeFirst();
  const last = Number.parseInt(newest?.id?.slice(0, -randomDigits) ?? '', 36);
  const time = last >= now ? last + 1 : now;
  return `${time.toString(36)}${randomBytes(randomDigits / 2).toString('hex')}`;
}

export async function beginRun(db: Db, run: NewRun, now: number): Promise<Run> {
  const id = await newRunId(db, now);
  // One run of a kind: one that is still `running` could not be closed when the database refused to be written.
  await db
    .updateTable('sync_runs')
    .set({ state: 'interrupted', finished_at: toDatetime(now) })
    .where('state', '=', 'running')
    .where('shop_id', '=', run.shop)
    .where('stream', '=', run.stream)
    .where('kind', '=', run.kind)
    .execute();
  await db
    .insertInto('sync_runs')
    .values({
      id,
      shop_id: run.shop,
      stream: run.stream,
      kind: run.kind,
      trigger: run.trigger,
      state: 'running',
      started_at: toDatetime(now),
      finished_at: null,
      from: run.span.from,
      to: run.span.to,
      local_only: null,
      error: null,
      continues: run.continues ?? null,
      statuses: run.statuses === undefined ? null : JSON.stringify(run.statuses),
      audit: null,
    })
    .execute();
  const begun = await findRun(db, id);
  if (begun === undefined) throw new Error(`run ${id} is not in sync_runs`);
  return begun;
}

export async function closeRun(
  db: Db,
  runId: string,
  end: {
    readonly state: Exclude<RunState, 'running'>;
    readonly requests: number;
    readonly localOnly?: number | undefined;
    readonly error?: Failure | undefined;
    readonly audit?: Audited | undefined;
  },
  now: number,
): Promise<void> {
  await db
    .updateTable('sync_runs')
    .set((eb) => ({
      state: end.state,
      // A clock that was set back must not let a run end before it began.
      finished_at: sql<string>`max(started_at, ${toDatetime(now)})`,
      requests: eb('requests', '+', end.requests),
      local_only: end.localOnly ?? null,
      error: end.error === undefined ? null : JSON.stringify(end.error),
      audit: end.audit === undefined ? null : JSON.stringify(end.audit),
    }))
    .where('id', '=', runId)
    .execute();
  if (end.state !== 'succeeded') return;
  await db
    .deleteFrom('unseen')
    .where('run_id', 'in', (eb) =>
      eb
        .selectFrom('sync_runs as all')
        .innerJoin('sync_runs as this', (join) =>
          join.onRef('this.shop_id', '=', 'all.shop_id').onRef('this.stream', '=', 'all.stream'),
        )
        .select('all.id')
        .where('this.id', '=', runId)
        .where('this.kind', '=', 'full'),
    )
    .execute();
}

/** Runs that a killed daemon left `running` are closed as `interrupted`, with the numbers of their last commit. */
export async function closeInterrupted(db: Db, now: number): Promise<readonly string[]> {
  const closed = await db
    .updateTable('sync_runs')
    .set({ state: 'interrupted', finished_at: toDatetime(now) })
    .where('state', '=', 'running')
    .returning('id')
    .execute();
  return closed.map((row) => row.id);
}

export async function findRun(db: Db, runId: string): Promise<Run | undefined> {
  const row = await db.selectFrom('sync_runs').selectAll().where('id', '=', runId).executeTakeFirst();
  return row === undefined ? undefined : toView(row);
}

export async function listRuns(db: Db, filter: HistoryFilter): Promise<Run[]> {
  let query = db.selectFrom('sync_runs').selectAll();
  if (filter.stream !== undefined) query = query.where('stream', '=', filter.stream);
  if (filter.shop !== undefined) query = query.where('shop_id', '=', filter.shop);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  return (await query.orderBy('id', 'desc').limit(filter.limit).execute()).map(toView);
}

/** The newest full run of a stream, whatever its state: from its ledger a broken resync goes on. */
export async function lastFullRun(
  db: Db,
  shop: string,
  stream: string,
): Promise<{ run: Run; ledger: string } | undefined> {
  const row = await db
    .selectFrom('sync_runs')
    .selectAll()
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('kind', '=', 'full')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : { run: toView(row), ledger: row.continues ?? row.id };
}

/** Spans that a full resync has read so far, over all the runs it took. */
export async function ledgerSpans(db: Db, ledger: string): Promise<Span[]> {
  const rows = await db
    .selectFrom('run_spans')
    .innerJoin('sync_runs', 'sync_runs.id', 'run_spans.run_id')
    .select(['from_time', 'to_time'])
    .where((eb) => eb.or([eb('sync_runs.id', '=', ledger), eb('sync_runs.continues', '=', ledger)]))
    .orderBy('from_time')
    .execute();
  return rows.map((row) => ({ from: row.from_time, to: row.to_time }));
}

/** Records that a full resync has read so far, over all the runs it took. */
export async function ledgerSeen(db: Db, ledger: string): Promise<number> {
  const row = await db
    .selectFrom('sync_runs')
    .select((eb) => eb.fn.sum<number | null>('seen').as('seen'))
    .where((eb) => eb.or([eb('id', '=', ledger), eb('continues', '=', ledger)]))
    .executeTakeFirst();
  return row?.seen ?? 0;
}

interface RunRow {
  readonly id: string;
  readonly stream: string;
  readonly shop_id: string;
  readonly kind: string;
  readonly trigger: string;
  readonly state: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly requests: number;
  readonly seen: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly local_only: number | null;
  readonly error: string | null;
  readonly statuses: string | null;
  readonly audit: string | null;
}

const kinds: readonly RunKind[] = ['full', 'incremental', 'partial', 'recheck', 'audit', 'webhook'];
const triggers: readonly RunTrigger[] = ['manual', 'schedule', 'webhook', 'fallback', 'start'];
const states: readonly RunState[] = ['running', 'succeeded', 'failed', 'cancelled', 'interrupted'];

function word<T extends string>(words: readonly T[], value: string): T {
  const found = words.find((w) => w === value);
  if (found === undefined) throw new Error(`sync_runs holds a word this program does not know: ${value}`);
  return found;
}

function toView(row: RunRow): Run {
  return {
    runId: row.id,
    stream: row.stream,
    shop: row.shop_id,
    kind: word(kinds, row.kind),
    trigger: word(triggers, row.trigger),
    state: word(states, row.state),
    startedAt: datetimeToIso(row.started_at),
    finishedAt: row.finished_at === null ? null : datetimeToIso(row.finished_at),
    from: row.from === null ? null : secondsToIso(row.from),
    to: row.to === null ? null : secondsToIso(row.to),
    requests: row.requests,
    seen: row.seen,
    inserted: row.inserted,
    updated: row.updated,
    unchanged: row.unchanged,
    rejected: row.rejected,
    ...(row.local_only !== null && { localOnly: row.local_only }),
    ...(row.statuses !== null && { statuses: JSON.parse(row.statuses) as string[] }),
    ...(row.audit !== null && { audit: JSON.parse(row.audit) as Audited }),
    ...(row.error !== null && { error: parseFailure(row.error) }),
  };
}

/** Checked where it was made, and written by this program alone. */
export const parseFailure = (text: string): Failure => JSON.parse(text) as Failure;
