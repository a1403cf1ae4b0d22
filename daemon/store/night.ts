import type { RunKind } from '../../shared/run-views.ts';
import type { Db } from './database.ts';
import { fromDatetime, toDatetime } from './time.ts';

/** What the history of one shop's stream tells of heavy work. Local milliseconds. */
export interface NightRecord {
  /** When the first run of the stream began; null before it. */
  readonly since: number | null;
  /** By kind: when the newest run began that succeeded, or that a person cancelled. */
  readonly settledAt: ReadonlyMap<RunKind, number>;
}

/** Reads one row of an index for the stream and one for each kind, however long the history is. */
export async function nightRecord(
  db: Db,
  shop: string,
  stream: string,
  kinds: readonly RunKind[],
  /** Local milliseconds: what a clock wrote that was ahead then says nothing. */
  now: number,
): Promise<NightRecord> {
  const ofStream = db
    .selectFrom('sync_runs')
    .select('started_at')
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .limit(1);
  const first = await ofStream.orderBy('id').executeTakeFirst();
  const settledAt = new Map<RunKind, number>();
  for (const kind of kinds) {
    const row = await ofStream
      .where('kind', '=', kind)
      .where('state', 'in', ['succeeded', 'cancelled'])
      .where('started_at', '<=', toDatetime(now))
      .orderBy('id', 'desc')
      .executeTakeFirst();
    if (row !== undefined) settledAt.set(kind, fromDatetime(row.started_at));
  }
  return { since: first === undefined ? null : fromDatetime(first.started_at), settledAt };
}
