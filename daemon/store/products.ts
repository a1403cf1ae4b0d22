import type { Insertable } from 'kysely';

import { Bulk } from './bulk.ts';
import type { Db, Tables } from './database.ts';
import { type Change, recordTable } from './record-table.ts';

/** A product as stored. Times are unix seconds. */
export interface ProductRecord {
  readonly id: string;
  /** Null where the API tells none: not listed on TikTok Shop (Indonesia). */
  readonly status: string | null;
  readonly title: string | null;
  readonly createTime: number;
  readonly updateTime: number;
  readonly payload: string;
  /** `status=…` and `path:kind` of what the API sent. */
  readonly shape?: () => readonly string[];
  readonly skus: readonly SkuRecord[];
}

export interface SkuRecord {
  readonly id: string;
  readonly sellerSku: string | null;
  /** Without tax, the API's exact decimal text. */
  readonly price: string | null;
  readonly currency: string | null;
  /** Of all warehouses; null where the API told none. */
  readonly quantity: number | null;
}

const upsertSkus = new Bulk((db, rows: readonly Insertable<Tables['product_skus']>[]) =>
  db
    .insertInto('product_skus')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['shop_id', 'id']).doUpdateSet((eb) => ({
        product_id: eb.ref('excluded.product_id'),
        seller_sku: eb.ref('excluded.seller_sku'),
        price: eb.ref('excluded.price'),
        currency: eb.ref('excluded.currency'),
        quantity: eb.ref('excluded.quantity'),
      })),
    )
    .compile(),
);

/** A SKU that a product no longer has goes; one that has moved to another product stays with that. */
async function replaceSkus(
  db: Db,
  shop: string,
  { inserted, updated }: Pick<Change<ProductRecord, never>, 'inserted' | 'updated'>,
): Promise<void> {
  const ids = updated.map(({ id }) => id);
  if (ids.length > 0)
    await db.deleteFrom('product_skus').where('shop_id', '=', shop).where('product_id', 'in', ids).execute();
  await upsertSkus.run(
    db,
    [...inserted, ...updated].flatMap((product) =>
      product.skus.map((sku) => ({
        shop_id: shop,
        id: sku.id,
        product_id: product.id,
        seller_sku: sku.sellerSku,
        price: sku.price,
        currency: sku.currency,
        quantity: sku.quantity,
      })),
    ),
  );
}

export const productTable = recordTable<ProductRecord>({
  name: 'products',
  columns: { id: 'id', time: 'update_time', created: 'create_time' },
  told: {
    columns: { status: '$.status', update_time: '$.update_time', create_time: '$.create_time' },
    parts: { name: 'product_skus', owner: 'product_id', path: '$.skus' },
  },
  idOf: (product) => product.id,
  timeOf: (product) => product.updateTime,
  createdOf: (product) => product.createTime,
  shapeOf: (product) => product.shape?.() ?? [],
  payloadOf: (product) => product.payload,
  row: (product) => ({
    status: product.status,
    title: product.title,
    create_time: product.createTime,
    sku_count: product.skus.length,
  }),
  children: (db, { shop }, change) => replaceSkus(db, shop, change),
});
