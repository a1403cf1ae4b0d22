import { failure, type Reply } from '../envelope.ts';
import type { ProductFigures } from '../world/analytics/by-product.ts';
import { dateOf } from '../world/analytics/calendar.ts';
import type { Amount } from '../world/analytics/render.ts';
import { alphabetical } from '../world/json.ts';
import { pageOf } from '../world/records.ts';
import { daysAsked } from './analytics.ts';
import { badParameter, cursorOf, versionOf, writePage, type ShopCall } from './call.ts';

const SORTS: Readonly<Record<string, (figures: ProductFigures) => number>> = {
  gmv: ({ gmv }) => gmv,
  orders: ({ orders }) => orders,
  items_sold: ({ unitsSold }) => unitsSold,
  units_sold: ({ unitsSold }) => unitsSold,
};

/** `GET /analytics/{version}/shop_products/performance`. TikTok: pages of 10 unless told otherwise, descending. */
export function productPerformanceRoute(call: ShopCall): Reply {
  const { parameter, world } = call;
  const asked = daysAsked(call);
  if ('refused' in asked) return asked.refused;
  const size = parameter('page_size') || '10';
  if (!/^\d{1,3}$/.test(size) || Number(size) < 1 || Number(size) > 100) {
    return badParameter(call, 'page_size', 'must be between 1 and 100');
  }
  const sort = SORTS[parameter('sort_field') || 'gmv'];
  if (sort === undefined) return badParameter(call, 'sort_field', `must be one of ${Object.keys(SORTS).join(', ')}`);
  const order = parameter('sort_order') || 'DESC';
  if (order !== 'ASC' && order !== 'DESC') return badParameter(call, 'sort_order', 'must be ASC or DESC');
  const from = cursorOf(call);
  if (!from) return failure(400, 36009004, "'page_token' is invalid", call.requestId);

  const { performance, listing } = world.streams;
  const until = Math.min(asked.until, performance.latest + 1);
  const figures = performance.ofProducts(listing.products, asked.from, until);
  const sorted = figures.toSorted((a, b) => sort(a) - sort(b) || a.position - b.position);
  const ranked = sorted.map((product, rank) => ({ product, rank }));
  const asking = { descending: order === 'DESC', limit: Number(size), from };
  const page = pageOf(ranked, ({ rank }) => rank, asking);
  const write = SHAPES[versionOf(call)] ?? newShape;
  return writePage(call, {
    ...page,
    name: 'products',
    texts: page.records.map(({ product }) => Buffer.from(write(product, asked.amount))),
    members: { latest_available_date: JSON.stringify(dateOf(performance.latest)) },
  });
}

type Shape = (product: ProductFigures, amount: Amount) => string;

/** TikTok: ids are numbers here, beyond what a double holds; so the digits are written as they are. */
const oldShape: Shape = ({ id, gmv, orders, unitsSold, clicks }, amount) =>
  `{"click_through_rate":"${(clicks === 0 ? 0 : orders / clicks).toFixed(4)}","gmv":${alphabetical(amount(gmv))},` +
  `"id":${id},"orders":${orders},"units_sold":${unitsSold}}`;

const middleShape: Shape = ({ id, gmv, orders, unitsSold }, amount) =>
  alphabetical({ id, overall_performance: { gmv: amount(gmv), items_sold: unitsSold, orders } });

const newShape: Shape = ({ id, gmv, orders, unitsSold, clicks }, amount) =>
  alphabetical({
    id,
    total_performance: {
      add_cart_rate: '0.02',
      click_order_rate: (clicks === 0 ? 0 : orders / clicks).toFixed(3),
      ctr: '0.0533',
      estimated_customers: orders,
      gmv: amount(gmv),
      items_sold: unitsSold,
      orders,
      product_clicks: clicks,
      product_impressions: clicks * 19,
      sku_orders: orders,
    },
  });

const SHAPES: Readonly<Record<string, Shape>> = { '202405': oldShape, '202509': middleShape, '202605': newShape };
