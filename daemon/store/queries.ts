import { sql } from 'kysely';
import { z } from 'zod';

import type { Checked, Result } from '../../shared/contract.ts';
import type { OrderDetail, OrderRow } from '../../shared/views.ts';
import { AppError } from '../errors.ts';
import type { Db } from './database.ts';
import { datetimeToIso, secondsToIso } from './time.ts';

/** What clients may see of the orders. */

const columns = [
  'shop_id',
  'id',
  'status',
  'create_time',
  'update_time',
  'paid_time',
  'currency',
  'total_amount',
  'item_count',
] as const;

const sortKeys = {
  createTime: sql<string | number>`create_time`,
  updateTime: sql<string | number>`update_time`,
  totalAmount: sql<string | number>`cast(coalesce(total_amount, '0') as real)`,
  id: sql<string | number>`id`,
} as const;

type SortKey = keyof typeof sortKeys;

/**
 * One page of orders. The cursor is a keyset position (sort value, shop, id), so that paging neither skips nor repeats
 * while orders change.
 * @throws AppError `invalid_params` for a cursor that this method did not make, or made for another sort.
 */
export async function listOrders(db: Db, params: Checked<'orders.list'>): Promise<Result<'orders.list'>> {
  const { filter, sort, limit, cursor } = params;
  const descending = sort.startsWith('-');
  const key = sortKeys[toSortKey(descending ? sort.slice(1) : sort)];
  let query = db.selectFrom('orders').select([...columns, key.as('sort_value')]);
  if (filter.shop !== undefined) query = query.where('shop_id', '=', filter.shop);
  if (filter.status !== undefined) query = query.where('status', 'in', filter.status);
  if (filter.createdFrom !== undefined) query = query.where('create_time', '>=', filter.createdFrom);
  if (filter.createdTo !== undefined) query = query.where('create_time', '<', filter.createdTo);
  if (filter.updatedFrom !== undefined) query = query.where('update_time', '>=', filter.updatedFrom);
  if (filter.updatedTo !== undefined) query = query.where('update_time', '<', filter.updatedTo);
  if (filter.query !== undefined) query = query.where(matches(filter.query));
  if (cursor !== undefined) {
    const [, value, shop, id] = parseCursor(cursor, sort);
    const compare = descending ? sql.raw('<') : sql.raw('>');
    query = query.where(sql<boolean>`(${key}, shop_id, id) ${compare} (${value}, ${shop}, ${id})`);
  }
  const direction = descending ? 'desc' : 'asc';
  const rows = await query
    .orderBy(key, direction)
    .orderBy('shop_id', direction)
    .orderBy('id', direction)
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    orders: page.map(toRow),
    nextCursor:
      rows.length > limit && last !== undefined ? makeCursor([sort, last.sort_value, last.shop_id, last.id]) : null,
  };
}

/** @throws AppError `unknown_order`. */
export async function getOrder(
  db: Db,
  params: { readonly id: string; readonly shop?: string | undefined },
): Promise<OrderDetail> {
  const row = await db
    .selectFrom('orders')
    .selectAll()
    .where('id', '=', params.id)
    .$if(params.shop !== undefined, (query) => query.where('shop_id', '=', params.shop ?? ''))
    .executeTakeFirst();
  if (row === undefined)
    throw new AppError('usage', 'unknown_order', `no order ${params.id} is stored`, {
      hint: 'check the id; an order that was just placed arrives with the next sync',
    });
  const items = await db
    .selectFrom('order_line_items')
    .selectAll()
    .where('shop_id', '=', row.shop_id)
    .where('order_id', '=', row.id)
    .orderBy('id')
    .execute();
  const events = await db
    .selectFrom('order_events')
    .selectAll()
    .where('shop_id', '=', row.shop_id)
    .where('order_id', '=', row.id)
    .orderBy('update_time')
    .orderBy('seen_at')
    .execute();
  return {
    ...toRow(row),
    firstSeenAt: datetimeToIso(row.first_seen_at),
    changedAt: datetimeToIso(row.changed_at),
    runId: row.run_id,
    lineItems: items.map((item) => ({
      id: item.id,
      skuId: item.sku_id,
      productId: item.product_id,
      productName: item.product_name,
      sellerSku: item.seller_sku,
      salePrice: item.sale_price,
      displayStatus: item.display_status,
    })),
    events: events.map((event) => ({
      updateTime: secondsToIso(event.update_time),
      status: event.status,
      seenAt: datetimeToIso(event.seen_at),
      runId: event.run_id,
    })),
    ...(row.payload !== null && { payload: JSON.parse(row.payload) as unknown }),
  };
}

/** Totals by status and by shop come from `record_counts`; by day from the index over create_time (UTC days). */
export async function countOrders(db: Db, params: Checked<'orders.counts'>): Promise<Result<'orders.counts'>> {
  const groups =
    params.groupBy === 'day'
      ? await db
          .selectFrom('orders')
          .select([sql<string>`date(create_time, 'unixepoch')`.as('key'), (eb) => eb.fn.countAll<number>().as('count')])
          .$if(params.shop !== undefined, (query) => query.where('shop_id', '=', params.shop ?? ''))
          .groupBy('key')
          .orderBy('key')
          .execute()
      : await db
          .selectFrom('record_counts')
          .select([
            params.groupBy === 'status' ? 'status as key' : 'shop_id as key',
            (eb) => eb.fn.sum<number>('count').as('count'),
          ])
          .where('stream', '=', 'orders')
          .$if(params.shop !== undefined, (query) => query.where('shop_id', '=', params.shop ?? ''))
          .groupBy('key')
          .having((eb) => eb.fn.sum<number>('count'), '>', 0)
          .orderBy('key')
          .execute();
  return { total: groups.reduce((sum, group) => sum + group.count, 0), groups };
}

function toSortKey(name: string): SortKey {
  switch (name) {
    case 'createTime':
    case 'updateTime':
    case 'totalAmount':
    case 'id':
      return name;
    default:
      throw new AppError('usage', 'invalid_params', `sort: no column ${name}`);
  }
}

/** A literal part of the order's id or of a product's name. */
const matches = (text: string) => {
  const like = `%${text.replaceAll(/[\\%_]/g, (c) => `\\${c}`)}%`;
  return sql<boolean>`(orders.id like ${like} escape '\\' or exists (
    select 1 from order_line_items i where i.shop_id = orders.shop_id and i.order_id = orders.id
    and i.product_name like ${like} escape '\\'))`;
};

type Position = readonly [sort: string, value: string | number, shop: string, id: string];

const makeCursor = (position: Position): string => Buffer.from(JSON.stringify(position)).toString('base64url');

const position = z.tuple([z.string(), z.union([z.string(), z.number()]), z.string(), z.string()]);

function parseCursor(cursor: string, sort: string): Position {
  try {
    const parsed = position.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (parsed.success && parsed.data[0] === sort) return parsed.data;
  } catch {
    // Falls through to the one error for every cursor that is not ours.
  }
  throw new AppError('usage', 'invalid_params', 'cursor: not one that orders.list gave', {
    hint: 'pass nextCursor of the answer before, unchanged, with the same sort',
  });
}

function toRow(row: {
  shop_id: string;
  id: string;
  status: string;
  create_time: number;
  update_time: number;
  paid_time: number | null;
  currency: string | null;
  total_amount: string | null;
  item_count: number;
}): OrderRow {
  return {
    shop: row.shop_id,
    id: row.id,
    status: row.status,
    createTime: secondsToIso(row.create_time),
    updateTime: secondsToIso(row.update_time),
    paidTime: row.paid_time === null ? null : secondsToIso(row.paid_time),
    currency: row.currency,
    totalAmount: row.total_amount,
    itemCount: row.item_count,
  };
}
