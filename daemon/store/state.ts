import type { Failure } from '../../shared/run-views.ts';
import type { StreamStatus } from '../../shared/views.ts';
import { type Span, gaps } from '../spans.ts';
import type { Db } from './database.ts';
import { parseFailure } from './runs.ts';
import { secondsToIso, toDatetime } from './time.ts';

/** What is known of a shop's stream between runs. Times are unix seconds, `overlap` is seconds. */
export interface StreamState {
  readonly shop: string;
  readonly stream: string;
  readonly liveStart: number;
  readonly since: number;
  readonly watermark: number | null;
  readonly overlap: number;
  readonly lastRecordTime: number | null;
  readonly lastError: Failure | null;
  readonly lastAudit: StreamStatus['audit'];
}

export async function findState(db: Db, shop: string, stream: string): Promise<StreamState | undefined> {
  const row = await db
    .selectFrom('stream_state')
    .selectAll()
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : {
        shop,
        stream,
        liveStart: row.live_start,
        since: row.since,
        watermark: row.watermark,
        overlap: row.overlap,
        lastRecordTime: row.last_record_time,
        lastError: row.last_error === null ? null : parseFailure(row.last_error),
        // Checked where it was made, and written by this program alone.
        lastAudit: row.last_audit === null ? null : (JSON.parse(row.last_audit) as StreamStatus['audit']),
      };
}

/** A stream seen for the first time. Its live start is fixed here, before any request for history. */
export async function insertState(
  db: Db,
  state: Pick<StreamState, 'shop' | 'stream' | 'liveStart' | 'since' | 'overlap'>,
): Promise<void> {
  await db
    .insertInto('stream_state')
    .values({
      shop_id: state.shop,
      stream: state.stream,
      live_start: state.liveStart,
      since: state.since,
      watermark: null,
      overlap: state.overlap,
      last_record_time: null,
      last_error: null,
      last_audit: null,
    })
    .execute();
}

export async function updateState(
  db: Db,
  shop: string,
  stream: string,
  change: {
    readonly watermark?: number;
    readonly since?: number;
    readonly overlap?: number;
    readonly lastError?: Failure | null;
    readonly lastAudit?: StreamStatus['audit'];
  },
): Promise<void> {
  await db
    .updateTable('stream_state')
    .set({
      ...(change.watermark !== undefined && { watermark: change.watermark }),
      ...(change.since !== undefined && { since: change.since }),
      ...(change.overlap !== undefined && { overlap: change.overlap }),
      ...(change.lastError !== undefined && {
        last_error: change.lastError === null ? null : JSON.stringify(change.lastError),
      }),
      ...(change.lastAudit !== undefined && { last_audit: JSON.stringify(change.lastAudit) }),
    })
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .execute();
}

/**
 * Rule 7: only by coverage, never past a gap above the live start, never back.
 * @returns the watermark in force.
 */
export async function moveWatermark(
  db: Db,
  before: StreamState,
  proves: { readonly watermark: number; readonly strip: number },
): Promise<number | null> {
  const covered = await coverageOf(db, before.shop, before.stream);
  if (gaps({ from: before.liveStart, to: proves.strip }, covered).length > 0) return before.watermark;
  const watermark = Math.max(before.watermark ?? 0, proves.watermark);
  await updateState(db, before.shop, before.stream, { watermark });
  return watermark;
}

/**
 * Takes the watermark and coverage back to a moment, unix seconds: for a state that cannot be true. What lies above it
 * is read again; no row is touched.
 */
export async function rewind(db: Db, shop: string, stream: string, to: number): Promise<void> {
  await db
    .updateTable('stream_state')
    .set((eb) => ({ watermark: to, live_start: eb.fn<number>('min', ['live_start', eb.val(to)]) }))
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .execute();
  await cutCoverage(db, shop, stream, to);
}

/** Nothing at or above `cut` is covered any more. */
export async function cutCoverage(db: Db, shop: string, stream: string, cut: number): Promise<void> {
  await db
    .deleteFrom('coverage')
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('from_time', '>=', cut)
    .execute();
  await db
    .updateTable('coverage')
    .set({ to_time: cut })
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('to_time', '>', cut)
    .execute();
}

/** Merged, ascending. */
export async function coverageOf(db: Db, shop: string, stream: string): Promise<Span[]> {
  const rows = await db
    .selectFrom('coverage')
    .select(['from_time', 'to_time'])
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .orderBy('from_time')
    .execute();
  return rows.map((row) => ({ from: row.from_time, to: row.to_time }));
}

export async function writeMetadata(
  db: Db,
  metadata: {
    readonly shop: string;
    readonly stream: string;
    readonly watermark: number;
    readonly runId: string;
    readonly full: boolean;
  },
  now: number,
): Promise<void> {
  const run = await db
    .selectFrom('sync_runs')
    .select(['inserted', 'updated'])
    .where('id', '=', metadata.runId)
    .executeTakeFirstOrThrow();
  const state = await findState(db, metadata.shop, metadata.stream);
  const row = {
    last_sync_time: toDatetime(metadata.watermark * 1000),
    last_record_time:
      state === undefined || state.lastRecordTime === null ? null : toDatetime(state.lastRecordTime * 1000),
    records_synced: run.inserted + run.updated,
    is_full_sync: metadata.full ? 1 : 0,
    updated_at: toDatetime(now),
  };
  await db
    .insertInto('sync_metadata')
    .values({ shop_id: metadata.shop, sync_type: metadata.stream, created_at: toDatetime(now), ...row })
    .onConflict((conflict) => conflict.columns(['shop_id', 'sync_type']).doUpdateSet(row))
    .execute();
}

export interface Metadata {
  readonly lastSyncTime: string;
  readonly lastRecordTime: string | null;
  readonly recordsSynced: number;
  readonly isFullSync: boolean;
}

export async function findMetadata(db: Db, shop: string, stream: string): Promise<Metadata | undefined> {
  const row = await db
    .selectFrom('sync_metadata')
    .selectAll()
    .where('shop_id', '=', shop)
    .where('sync_type', '=', stream)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : {
        lastSyncTime: isoOf(row.last_sync_time),
        lastRecordTime: row.last_record_time === null ? null : isoOf(row.last_record_time),
        recordsSynced: row.records_synced,
        isFullSync: row.is_full_sync === 1,
      };
}

/** A row edited by hand may hold any form of DATETIME; an unreadable one must not take status down. */
function isoOf(text: string): string {
  const ms = Date.parse(text.includes('T') ? text : `${text.replace(' ', 'T')}Z`);
  return secondsToIso(Number.isNaN(ms) ? 0 : Math.floor(ms / 1000));
}
