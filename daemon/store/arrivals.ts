import { sql } from 'kysely';

import type { Db } from './database.ts';

/** When the orders of a shop were created. */
export interface Arrivals {
  /** Orders created in it by unix hour (unix seconds / 3600, rounded down); hours without orders are missing. */
  readonly perHour: ReadonlyMap<number, number>;
  /** Unix seconds of the oldest order stored, null without any. */
  readonly oldest: number | null;
}

/** Orders created at or after `fromSeconds` (unix seconds), by hour: as many rows of the index as there are of them. */
export async function arrivals(db: Db, shop: string, fromSeconds: number): Promise<Arrivals> {
  const { rows } = await sql<{ hour: number; count: number }>`select create_time / 3600 as hour, count(*) as count
    from orders where shop_id = ${shop} and create_time >= ${fromSeconds} group by 1`.execute(db);
  const oldest = await sql<{ oldest: number | null }>`select min(create_time) as oldest from orders
    where shop_id = ${shop}`.execute(db);
  return {
    perHour: new Map(rows.map(({ hour, count }) => [hour, count])),
    oldest: oldest.rows[0]?.oldest ?? null,
  };
}

/** How many orders were created at or after `fromSeconds` (unix seconds). */
export async function arrivedSince(db: Db, shop: string, fromSeconds: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from orders
    where shop_id = ${shop} and create_time >= ${fromSeconds}`.execute(db);
  return rows[0]?.count ?? 0;
}
