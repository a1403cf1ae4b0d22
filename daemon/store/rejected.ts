import { createHash } from 'node:crypto';

import { sql } from 'kysely';

import type { Db } from './database.ts';

/** A record that cannot be stored, with the reason in words that name no personal field's value. */
export interface Rejected {
  readonly recordId: string | null;
  readonly reason: string;
  readonly payload: string;
}

/**
 * Sets records aside, keyed by their content: reading the same one again adds nothing.
 * @returns how many were new.
 */
export async function setAside(
  db: Db,
  context: {
    readonly runId: string;
    readonly shop: string;
    readonly stream: string;
    readonly asked: number;
    readonly now: string;
  },
  rejected: readonly Rejected[],
): Promise<number> {
  if (rejected.length === 0) return 0;
  const { runId, shop, stream, asked, now } = context;
  const added = await db
    .insertInto('rejected_records')
    .values(
      [...new Map(rejected.map((record) => [record.payload, record])).values()].map((record) => ({
        id: createHash('sha256').update(`${shop}\n${stream}\n${record.payload}`).digest('hex'),
        shop_id: shop,
        stream,
        reason: record.reason,
        payload: record.payload,
        run_id: runId,
        seen_at: now,
        record_id: record.recordId,
        asked,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet((eb) => ({ asked: sql<number>`max(rejected_records.asked, ${eb.ref('excluded.asked')})` })),
    )
    .returning(['run_id', 'seen_at'])
    .execute();
  return added.filter((row) => row.run_id === runId && row.seen_at === now).length;
}

/** A record that was stored after all is no longer set aside, unless it was set aside by a later answer. */
export async function forgetRejected(
  db: Db,
  shop: string,
  stream: string,
  ids: readonly string[],
  asked: number,
): Promise<void> {
  if (ids.length === 0) return;
  const any = await db.selectFrom('rejected_records').select('id').where('shop_id', '=', shop).limit(1).execute();
  if (any.length === 0) return;
  await db
    .deleteFrom('rejected_records')
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('record_id', 'in', ids)
    .where('asked', '<=', asked)
    .execute();
}

/** Records set aside that no longer exist at the remote wait at the end of the queue of those to ask again. */
export async function postpone(
  db: Db,
  shop: string,
  stream: string,
  ids: readonly string[],
  asked: number,
): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('rejected_records')
    .set({ asked })
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .where('record_id', 'in', ids)
    .execute();
}
