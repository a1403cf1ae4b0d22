import { hash } from 'node:crypto';

import { type Insertable, sql } from 'kysely';

import { Bulk } from './bulk.ts';
import type { Db, Tables } from './database.ts';
import type { RecordTable, WriteContext, Written } from './page.ts';
import { toDatetime } from './time.ts';

/** An order as stored. Money is the API's exact decimal text, times are unix seconds. */
export interface OrderRecord {
  readonly id: string;
  readonly status: string;
  readonly createTime: number;
  readonly updateTime: number;
  readonly paidTime: number | null;
  readonly currency: string | null;
  readonly totalAmount: string | null;
  /** False when every personal field came back blank. */
  readonly personal: boolean;
  readonly payload: string;
  /** `status=…` and `path:kind` of what the API sent. */
  readonly shape?: () => readonly string[];
  readonly lineItems: readonly LineItemRecord[];
}

export interface LineItemRecord {
  readonly id: string;
  readonly skuId: string | null;
  readonly productId: string | null;
  readonly productName: string | null;
  readonly sellerSku: string | null;
  readonly salePrice: string | null;
  readonly displayStatus: string | null;
}

/** Rule 4, and the second half of rule 3: nothing asked before the request that confirmed a regression is believed. */
const acceptable = sql`excluded.asked >= orders.confirmed_asked
  and (excluded.payload is distinct from orders.payload or excluded.hash <> orders.hash)
  and not (excluded.update_time = orders.update_time and excluded.personal < orders.personal)`;

/** Rules 3 and 5: by (update_time, time asked), and nothing that did not change. */
const newerWins = sql<boolean>`${acceptable} and (excluded.update_time > orders.update_time
  or (excluded.update_time = orders.update_time and excluded.asked > orders.asked))`;

/** An answer by id that settles a doubt counts by the time asked alone. */
const lastAskedWins = sql<boolean>`${acceptable} and excluded.asked > orders.asked`;

const upsert = (wins: typeof newerWins) =>
  new Bulk((db, rows: readonly Insertable<Tables['orders']>[]) =>
    db
      .insertInto('orders')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['shop_id', 'id'])
          .doUpdateSet((eb) => ({
            status: eb.ref('excluded.status'),
            create_time: eb.ref('excluded.create_time'),
            update_time: eb.ref('excluded.update_time'),
            paid_time: eb.ref('excluded.paid_time'),
            currency: eb.ref('excluded.currency'),
            total_amount: eb.ref('excluded.total_amount'),
            item_count: eb.ref('excluded.item_count'),
            changed_at: eb.ref('excluded.changed_at'),
            run_id: eb.ref('excluded.run_id'),
            asked: eb.ref('excluded.asked'),
            hash: eb.ref('excluded.hash'),
            personal: eb.ref('excluded.personal'),
            confirmed_asked: sql<number>`max(orders.confirmed_asked, excluded.confirmed_asked)`,
            payload: eb.ref('excluded.payload'),
          }))
          .where(wins),
      )
      .returning('id')
      .compile(),
  );

const upsertNewer = upsert(newerWins);
const upsertLastAsked = upsert(lastAskedWins);

const insertEvents = new Bulk((db, rows: readonly Insertable<Tables['order_events']>[]) =>
  db
    .insertInto('order_events')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .compile(),
);

const upsertItems = new Bulk((db, rows: readonly Insertable<Tables['order_line_items']>[]) =>
  db
    .insertInto('order_line_items')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['shop_id', 'order_id', 'id']).doUpdateSet((eb) => ({
        sku_id: eb.ref('excluded.sku_id'),
        product_id: eb.ref('excluded.product_id'),
        product_name: eb.ref('excluded.product_name'),
        seller_sku: eb.ref('excluded.seller_sku'),
        sale_price: eb.ref('excluded.sale_price'),
        display_status: eb.ref('excluded.display_status'),
      })),
    )
    .compile(),
);

/** Writes orders, their line items and the statuses seen, by the rules; says what became of each record. */
async function writeOrders(db: Db, context: WriteContext, records: readonly OrderRecord[]): Promise<Written> {
  const { shop, runId, asked, settles } = context;
  const byId = new Map<string, OrderRecord>();
  for (const record of records) {
    const other = byId.get(record.id);
    if (other === undefined || other.updateTime <= record.updateTime) byId.set(record.id, record);
  }
  const unique = [...byId.values()];
  const stored = new Map(
    (
      await db
        .selectFrom('orders')
        .select(['id', 'status', 'update_time', 'asked', 'personal'])
        .where('shop_id', '=', shop)
        .where('id', 'in', [...byId.keys()])
        .execute()
    ).map((row) => [row.id, row]),
  );
  const now = toDatetime(context.now);
  const written = await (settles ? upsertLastAsked : upsertNewer).run(
    db,
    unique.map((r) => ({
      shop_id: shop,
      id: r.id,
      status: r.status,
      create_time: r.createTime,
      update_time: r.updateTime,
      paid_time: r.paidTime,
      currency: r.currency,
      total_amount: r.totalAmount,
      item_count: r.lineItems.length,
      first_seen_at: now,
      changed_at: now,
      run_id: runId,
      asked,
      hash: context.keepPayload ? '' : hash('sha1', r.payload),
      personal: r.personal ? 1 : 0,
      confirmed_asked: settles ? asked : 0,
      payload: context.keepPayload ? r.payload : null,
    })),
  );
  const changed = new Set(written.map((row) => row.id));
  await insertEvents.run(
    db,
    unique
      .filter((r) => {
        const before = stored.get(r.id);
        return before === undefined || before.update_time !== r.updateTime || before.status !== r.status;
      })
      .map((r) => ({
        shop_id: shop,
        order_id: r.id,
        update_time: r.updateTime,
        status: r.status,
        seen_at: now,
        run_id: runId,
      })),
  );
  const inserted = unique.filter((r) => !stored.has(r.id));
  const updated = unique.filter((r) => stored.has(r.id) && changed.has(r.id));
  await replaceItems(db, shop, [...inserted, ...updated], updated);
  return {
    inserted: inserted.map((r) => ({ id: r.id, time: r.updateTime })),
    updated: updated.length,
    arrivals: [...inserted, ...updated.filter((r) => stored.get(r.id)?.update_time !== r.updateTime)].map(
      (r) => r.updateTime,
    ),
    unchanged: records.length - inserted.length - updated.length,
    doubts: unique
      .filter((r) => {
        const before = stored.get(r.id);
        return !settles && before !== undefined && before.update_time > r.updateTime && before.asked < asked;
      })
      .map((r) => r.id),
    blanked: unique.filter((r) => {
      const before = stored.get(r.id);
      return !r.personal && before?.personal === 1 && before.update_time === r.updateTime;
    }).length,
    silentEdits: updated.filter((r) => stored.get(r.id)?.update_time === r.updateTime).length,
    regressions: updated.filter((r) => (stored.get(r.id)?.update_time ?? 0) > r.updateTime).length,
    greatestTime: [...inserted, ...updated].reduce((greatest, r) => Math.max(greatest, r.updateTime), 0),
  };
}

/** @param updated those of the orders that may have other line items stored. */
async function replaceItems(
  db: Db,
  shop: string,
  orders: readonly OrderRecord[],
  updated: readonly OrderRecord[],
): Promise<void> {
  if (updated.length > 0)
    await db
      .deleteFrom('order_line_items')
      .where('shop_id', '=', shop)
      .where(
        'order_id',
        'in',
        updated.map((r) => r.id),
      )
      .execute();
  await upsertItems.run(
    db,
    orders.flatMap((r) =>
      r.lineItems.map((item) => ({
        shop_id: shop,
        order_id: r.id,
        id: item.id,
        sku_id: item.skuId,
        product_id: item.productId,
        product_name: item.productName,
        seller_sku: item.sellerSku,
        sale_price: item.salePrice,
        display_status: item.displayStatus,
      })),
    ),
  );
}

export const orderTable: RecordTable<OrderRecord> = {
  name: 'orders',
  write: writeOrders,
  shapeOf: (order) => order.shape?.() ?? [],
  idOf: (order) => order.id,
  timeOf: (order) => order.updateTime,
};
