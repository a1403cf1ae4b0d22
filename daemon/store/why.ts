import type { OrderDetail } from '../../shared/views.ts';
import type { Db } from './database.ts';
import { datetimeToIso, secondsToIso } from './time.ts';

/** What is known here of an order: stored, set aside, or nothing. */
export interface KnownOrder {
  readonly shop: string;
  readonly updateTime: number | null;
  readonly rejected: { readonly reason: string; readonly runId: string; readonly seenAt: string } | null;
  readonly stored: Pick<OrderDetail, 'firstSeenAt' | 'changedAt' | 'runId' | 'events'> | null;
}

export async function findKnown(db: Db, id: string, shop: string | undefined): Promise<KnownOrder | undefined> {
  const row = await db
    .selectFrom('orders')
    .select(['shop_id', 'update_time', 'first_seen_at', 'changed_at', 'run_id'])
    .where('id', '=', id)
    .$if(shop !== undefined, (query) => query.where('shop_id', '=', shop ?? ''))
    .executeTakeFirst();
  const rejected = await db
    .selectFrom('rejected_records')
    .select(['shop_id', 'reason', 'run_id', 'seen_at'])
    .where('record_id', '=', id)
    .where('stream', '=', 'orders')
    .$if(shop !== undefined, (query) => query.where('shop_id', '=', shop ?? ''))
    .orderBy('asked', 'desc')
    .executeTakeFirst();
  const owner = row?.shop_id ?? rejected?.shop_id;
  if (owner === undefined) return undefined;
  const events = await db
    .selectFrom('order_events')
    .selectAll()
    .where('shop_id', '=', owner)
    .where('order_id', '=', id)
    .orderBy('update_time')
    .execute();
  return {
    shop: owner,
    updateTime: row?.update_time ?? null,
    rejected:
      rejected === undefined
        ? null
        : { reason: rejected.reason, runId: rejected.run_id, seenAt: datetimeToIso(rejected.seen_at) },
    stored:
      row === undefined
        ? null
        : {
            firstSeenAt: datetimeToIso(row.first_seen_at),
            changedAt: datetimeToIso(row.changed_at),
            runId: row.run_id,
            events: events.map((event) => ({
              updateTime: secondsToIso(event.update_time),
              status: event.status,
              seenAt: datetimeToIso(event.seen_at),
              runId: event.run_id,
            })),
          },
  };
}

/** The run that last read the span in which a moment lies, and whether the moment is covered. Unix seconds. */
export async function lastReadOf(
  db: Db,
  shop: string,
  stream: string,
  time: number,
): Promise<{ readonly runId: string | null; readonly readAt: string | null; readonly covered: boolean }> {
  const read = await db
    .selectFrom('run_spans')
    .innerJoin('sync_runs', 'sync_runs.id', 'run_spans.run_id')
    .select(['run_id', 'read_at'])
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('from_time', '<=', time)
    .where('to_time', '>', time)
    .orderBy('read_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const covered = await db
    .selectFrom('coverage')
    .select('from_time')
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('from_time', '<=', time)
    .where('to_time', '>', time)
    .executeTakeFirst();
  return {
    runId: read?.run_id ?? null,
    readAt: read === undefined ? null : datetimeToIso(read.read_at),
    covered: covered !== undefined,
  };
}
