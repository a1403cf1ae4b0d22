import type { Db } from './database.ts';
import { toDatetime } from './time.ts';

/** What was learned from the API and must outlive the process: shops, request levels, requests spent. */

export interface KnownShop {
  readonly id: string;
  readonly name: string;
  readonly region: string;
}

/** Remembers shops (never their ciphers), so that `status` names them while the API cannot be reached. */
export async function saveShops(db: Db, shops: readonly KnownShop[], now: number): Promise<void> {
  for (const { id, name, region } of shops) {
    const row = { name, region, seen_at: toDatetime(now) };
    await db
      .insertInto('shops')
      .values({ id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }
}

export async function loadShops(db: Db): Promise<KnownShop[]> {
  return db.selectFrom('shops').select(['id', 'name', 'region']).orderBy('id').execute();
}

/** Requests a second by endpoint, and how many requests were sent on a UTC day (`2026-11-22`). */
export interface LearnedBudget {
  readonly levels: Readonly<Record<string, number>>;
  readonly usage: { readonly day: string; readonly requests: number };
}

export async function saveBudgets(db: Db, budgets: Readonly<Record<string, LearnedBudget>>): Promise<void> {
  for (const [shop, { levels, usage }] of Object.entries(budgets)) {
    for (const [endpoint, requestsPerSecond] of Object.entries(levels))
      await db
        .insertInto('api_levels')
        .values({ shop_id: shop, endpoint, requests_per_second: requestsPerSecond })
        .onConflict((conflict) =>
          conflict.columns(['shop_id', 'endpoint']).doUpdateSet({ requests_per_second: requestsPerSecond }),
        )
        .execute();
    await db
      .insertInto('api_usage')
      .values({ shop_id: shop, ...usage })
      .onConflict((conflict) => conflict.columns(['shop_id', 'day']).doUpdateSet({ requests: usage.requests }))
      .execute();
  }
}

export async function loadBudgets(db: Db): Promise<Record<string, LearnedBudget>> {
  const levels = await db.selectFrom('api_levels').selectAll().execute();
  const usage = await db.selectFrom('api_usage').selectAll().orderBy('day').execute();
  // Ascending by day, so that the last entry of a shop is its newest day.
  const newest = new Map(usage.map((row) => [row.shop_id, { day: row.day, requests: row.requests }]));
  return Object.fromEntries(
    [...newest].map(([shop, spent]) => [
      shop,
      {
        levels: Object.fromEntries(
          levels.filter((row) => row.shop_id === shop).map((row) => [row.endpoint, Number(row.requests_per_second)]),
        ),
        usage: spent,
      },
    ]),
  );
}
