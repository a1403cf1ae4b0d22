import type { Installation } from '../daemon/daemon-process.ts';
import type { SandboxShop } from '../sandbox/gateway.ts';

/** Where rows are looked at. */
type Rows = Pick<Installation, 'rows'>;
type Lines = readonly string[];
type ByStream = Readonly<Record<string, Lines>>;

/** One line of a record; what is missing is an empty field. */
const line = (...fields: readonly (string | number | undefined)[]): string =>
  fields.map((field) => field ?? '').join(' ');

/** What the API shows of every stream of a shop: ids, versions, and all that a person would ask for. Sorted. */
export function shownBy({ world }: SandboxShop): ByStream {
  const products = world.products();
  return sorted({
    orders: [...world.orders()].map(({ id, updateTime, status }) => line(id, updateTime, status)),
    products: products.map(({ id, updateTime, status, title }) => line(id, updateTime, status, title)),
    skus: products.flatMap((product) =>
      product.skus.map((sku) => line(product.id, sku.id, sku.sellerSku, sku.price, sku.currency, sku.quantity)),
    ),
    analytics: world
      .days()
      .map((day) => line(day.date, day.gmv, day.currency, day.orders, day.unitsSold, day.buyers, day.refunds)),
    returns: world
      .returns()
      .map((one) => line(one.id, one.orderId, one.type, one.status, one.updateTime, one.refundTotal, one.currency)),
    cancellations: world
      .cancellations()
      .map((one) => line(one.id, one.orderId, one.type, one.status, one.updateTime, one.refundTotal, one.currency)),
    statements: world
      .statements()
      .map((one) =>
        line(
          one.id,
          one.statementTime,
          one.settlementAmount,
          one.revenueAmount,
          one.feeAmount,
          one.adjustmentAmount,
          one.currency,
          one.paymentStatus,
          one.paymentId,
        ),
      ),
  });
}

const columns = {
  orders: ['orders', 'id', 'update_time', 'status'],
  products: ['products', 'id', 'update_time', 'status', 'title'],
  skus: ['product_skus', 'product_id', 'id', 'seller_sku', 'price', 'currency', 'quantity'],
  analytics: ['shop_performance', 'date', 'gmv', 'currency', 'orders', 'units_sold', 'buyers', 'refunds'],
  returns: ['returns', 'id', 'order_id', 'type', 'status', 'update_time', 'refund_total', 'currency'],
  cancellations: ['cancellations', 'id', 'order_id', 'type', 'status', 'update_time', 'refund_total', 'currency'],
  statements: [
    'statements',
    'id',
    'statement_time',
    'settlement_amount',
    'revenue_amount',
    'fee_amount',
    'adjustment_amount',
    'currency',
    'payment_status',
    'payment_id',
  ],
} as const;

/** The same of what is stored of a shop. Days before its first, of which the API tells zeros, are left out. */
const storedOf = (place: Rows, { id, world }: SandboxShop): ByStream => {
  const firstDay = world.days()[0]?.date ?? '';
  return sorted(
    Object.fromEntries(
      Object.entries(columns).map(([stream, [table, ...names]]) => {
        const fields = names.map((name) => `coalesce(${name}, '')`).join(` || ' ' || `);
        const days = stream === 'analytics' ? `and date >= '${firstDay}'` : '';
        const rows = place.rows(`select ${fields} as line from ${table} where shop_id = '${id}' ${days}`);
        return [stream, rows.map((row) => String(row['line']))];
      }),
    ),
  );
};

const sorted = (streams: ByStream): ByStream =>
  Object.fromEntries(Object.entries(streams).map(([stream, lines]) => [stream, lines.toSorted()]));

/** What differs, stream by stream, at most a few lines of each; empty when the copy is perfect. */
export function differences(place: Rows, shop: SandboxShop): readonly string[] {
  const stored = storedOf(place, shop);
  return Object.entries(shownBy(shop)).flatMap(([stream, lines]) => {
    const [here, there] = [new Set(stored[stream]), new Set(lines)];
    return [
      ...lines.filter((one) => !here.has(one)).map((one) => `${stream} only shown: ${one}`),
      ...[...here].filter((one) => !there.has(one)).map((one) => `${stream} only stored: ${one}`),
    ].slice(0, 5);
  });
}
