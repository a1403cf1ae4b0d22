import { type Rung, rung as rungName } from '../../shared/views.ts';
import type { Db } from './database.ts';
import { fromDatetime, toDatetime } from './time.ts';

/** A rung of the ladder that changes what is read again. It is kept, because the highest is taken only so often. */
export interface ReachedRung {
  readonly rung: Rung;
  /** In words for a person. */
  readonly reason: string;
  /** Local milliseconds. */
  readonly reachedAt: number;
  readonly left: boolean;
}

/** The rungs that a stream has ever been on, latest first. */
export async function listRungs(db: Db, shop: string, stream: string): Promise<readonly ReachedRung[]> {
  const rows = await db
    .selectFrom('rungs')
    .selectAll()
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .orderBy('reached_at', 'desc')
    .execute();
  return rows.map((row) => ({
    rung: rungName.parse(row.rung),
    reason: row.reason,
    reachedAt: fromDatetime(row.reached_at),
    left: row.left_at !== null,
  }));
}

/** @param now local milliseconds. */
export async function reachRung(
  db: Db,
  shop: string,
  stream: string,
  { rung, reason }: Pick<ReachedRung, 'rung' | 'reason'>,
  now: number,
): Promise<void> {
  const step = { reason, reached_at: toDatetime(now), left_at: null };
  await db
    .insertInto('rungs')
    .values({ shop_id: shop, stream, rung, ...step })
    .onConflict((conflict) => conflict.columns(['shop_id', 'stream', 'rung']).doUpdateSet(step))
    .execute();
}

/** A rung that is called for again, but taken too lately: it is shown, with the reason, until a run has mended it. */
export async function showRung(db: Db, shop: string, stream: string, rung: Rung, reason: string): Promise<void> {
  await db
    .updateTable('rungs')
    .set({ reason, left_at: null })
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('rung', '=', rung)
    .execute();
}

/** A whole run leaves the rungs behind it; the highest is left by a full run alone. */
export async function leaveRungs(db: Db, shop: string, stream: string, full: boolean, now: number): Promise<void> {
  let leaving = db
    .updateTable('rungs')
    .set({ left_at: toDatetime(now) })
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('left_at', 'is', null);
  if (!full) leaving = leaving.where('rung', '<>', 'full');
  await leaving.execute();
}
