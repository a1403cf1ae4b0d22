import { type Insertable, sql } from 'kysely';

import { Bulk } from './bulk.ts';
import type { Db, Tables } from './database.ts';
import type { WriteContext } from './page.ts';
import { type Change, recordTable } from './record-table.ts';
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

type Also = 'status' | 'personal';

/** The statuses that were seen, each at the time at which it was reached (rule 16). */
async function noteEvents(
  db: Db,
  { shop, runId, now }: WriteContext,
  { unique, before }: Change<OrderRecord, Also>,
): Promise<void> {
  await insertEvents.run(
    db,
    unique
      .filter((r) => {
        const was = before(r);
        return was === undefined || was.time !== r.updateTime || was.also.status !== r.status;
      })
      .map((r) => ({
        shop_id: shop,
        order_id: r.id,
        update_time: r.updateTime,
        status: r.status,
        seen_at: toDatetime(now),
        run_id: runId,
      })),
  );
}

export const orderTable = recordTable<OrderRecord, Also>({
  name: 'orders',
  columns: { id: 'id', time: 'update_time', created: 'create_time' },
  told: {
    columns: { status: '$.status', update_time: '$.update_time', create_time: '$.create_time' },
    parts: { name: 'order_line_items', owner: 'order_id', path: '$.line_items' },
  },
  events: { name: 'order_events', owner: 'order_id', time: 'update_time' },
  idOf: (order) => order.id,
  timeOf: (order) => order.updateTime,
  createdOf: (order) => order.createTime,
  shapeOf: (order) => order.shape?.() ?? [],
  payloadOf: (order) => order.payload,
  row: (order) => ({
    status: order.status,
    create_time: order.createTime,
    paid_time: order.paidTime,
    currency: order.currency,
    total_amount: order.totalAmount,
    item_count: order.lineItems.length,
    personal: order.personal ? 1 : 0,
  }),
  also: ['status', 'personal'],
  // Rule 4: personal fields that came back blank at the same version never replace those that are stored.
  refuses: sql`excluded.update_time = orders.update_time and excluded.personal < orders.personal`,
  isBlanked: (order, before) => !order.personal && before.also.personal === 1 && before.time === order.updateTime,
  children: async (db, context, change) => {
    await noteEvents(db, context, change);
    await replaceItems(db, context.shop, [...change.inserted, ...change.updated], change.updated);
  },
});
