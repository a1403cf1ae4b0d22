import Database from 'better-sqlite3';
import { request } from 'undici';

import { pragmas } from '../../daemon/store/open.ts';
import { Store } from '../../daemon/store/store.ts';
import { sign } from '../../daemon/tiktok/sign.ts';
import type { ShopFacts } from './shop-facts.ts';

/** What the loop reads of an answer; nothing is checked, that is the point. */
interface Wire {
  readonly id: string;
  readonly status: string;
  readonly create_time: number;
  readonly update_time: number;
  readonly paid_time?: number;
  readonly payment: { readonly currency: string; readonly total_amount: string };
  readonly line_items: readonly Readonly<Record<string, string>>[];
}

/**
 * The least that any engine has to do: undici, JSON.parse, and the same rows into the same tables with prepared
 * statements, a transaction a page. No checks, no retries, no counters, no coverage.
 * @returns orders read.
 */
export async function bareLoop(shop: ShopFacts, path: string): Promise<number> {
  await (await Store.open({ path, keepPayload: true, now: Date.now })).close();
  const db = new Database(path);
  for (const pragma of pragmas) db.exec(`pragma ${pragma}`);
  const order = db.prepare(
    `insert into orders (shop_id, id, status, create_time, update_time, paid_time, currency, total_amount, item_count,
       first_seen_at, changed_at, run_id, asked, hash, personal, payload)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?) on conflict do nothing`,
  );
  const item = db.prepare(
    `insert into order_line_items (shop_id, order_id, id, sku_id, product_id, product_name, seller_sku, sale_price, display_status)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
  );
  const event = db.prepare('insert into order_events values (?, ?, ?, ?, ?, ?) on conflict do nothing');
  const [{ id: shopId, cipher }] = await readShops(shop);
  let cursor = 0;
  let count = 0;
  for (;;) {
    const query = { shop_cipher: cipher, page_size: '100', sort_field: 'update_time', sort_order: 'ASC' };
    const body = JSON.stringify({ update_time_ge: cursor });
    const text = await ask(shop, 'POST', '/order/202309/orders/search', query, body);
    const { data } = JSON.parse(text) as { data: { orders: Wire[]; next_page_token: string } };
    const now = new Date().toISOString();
    db.exec('begin');
    for (const o of data.orders) {
      const { changes } = order.run([
        shopId,
        o.id,
        o.status,
        o.create_time,
        o.update_time,
        o.paid_time ?? null,
        o.payment.currency,
        o.payment.total_amount,
        o.line_items.length,
        now,
        now,
        'bare',
        1,
        '',
        JSON.stringify(o),
      ]);
      if (changes === 0) continue;
      count += 1;
      event.run([shopId, o.id, o.update_time, o.status, now, 'bare']);
      for (const i of o.line_items)
        item.run([
          shopId,
          o.id,
          i['id'],
          i['sku_id'],
          i['product_id'],
          i['product_name'],
          i['seller_sku'],
          i['sale_price'],
          i['display_status'],
        ]);
    }
    db.exec('commit');
    const last = data.orders.at(-1)?.update_time;
    if (data.next_page_token === '' || last === undefined) break;
    // A page within one second would stand still; the bare loop steps over it, an engine must not.
    cursor = last === cursor ? cursor + 1 : last;
  }
  db.close();
  return count;
}

async function readShops(shop: ShopFacts): Promise<[{ id: string; cipher: string }]> {
  const text = await ask(shop, 'GET', '/authorization/202309/shops', {});
  return (JSON.parse(text) as { data: { shops: [{ id: string; cipher: string }] } }).data.shops;
}

async function ask(
  shop: ShopFacts,
  method: 'GET' | 'POST',
  path: string,
  params: Readonly<Record<string, string>>,
  body?: string,
): Promise<string> {
  const query = { ...params, app_key: shop.appKey, timestamp: String(Math.floor(Date.now() / 1000)) };
  const signed = new URLSearchParams({ ...query, sign: sign(shop.appSecret, path, query, body) });
  const answer = await request(`${shop.url}${path}?${signed.toString()}`, {
    method,
    ...(body !== undefined && { body }),
    headers: { 'content-type': 'application/json', 'x-tts-access-token': shop.accessToken },
  });
  return answer.body.text();
}
