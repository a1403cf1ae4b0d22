import { type ProductRecord, productTable } from '../store/products.ts';
import { readProduct } from './product-detail.ts';
import { documentedProduct } from './product-record.ts';
import { type ProductQuery, hitCap, pageSize, searchPath, searchProducts } from './product-search.ts';
import { readSpan } from './product-span.ts';
import { type Axis, type Counted, type ReadContext, type Stream, type Window, withoutCover } from './stream.ts';

/**
 * Products, on the axis of `update_time`. The search has no sort and lists 10,000 hits at most, so a window is halved
 * until its list is short, walked by page tokens, and covered only when it came whole.
 */
export const products: Stream<ProductRecord> = {
  name: 'products',
  table: productTable,
  path: searchPath,
  pageSize,
  documented: documentedProduct,
  read: (window, context) => readBy('updated', window, context),
  async *readIds(ids, context) {
    for (const id of ids) {
      const page = await readProduct(id, context);
      if (page !== undefined) yield page;
    }
  },
  count: async ({ from, to }, context) => (await countProducts({ from, to, size: 1 }, context)).total,
  audit: {
    count: (axis, { from, to }, context) => countProducts({ axis, from, to, size: 1 }, context),
    read: (axis, window, context) => withoutCover(readBy(axis, window, context)),
  },
};

const readBy = (axis: Axis, window: Window, context: ReadContext) =>
  readSpan({ axis, from: window.from, to: window.to, size: sizeOf(context) }, window, context);

const sizeOf = ({ pageSize: wanted }: ReadContext): number => Math.min(wanted?.() ?? pageSize, pageSize);

/** More than the API lists are counted in parts; of a single second it is then only known that they are more. */
async function countProducts(query: ProductQuery, context: ReadContext): Promise<Counted> {
  const { total, records, sentAt } = await searchProducts(query, context);
  if (total <= hitCap || records.length > 0 || query.to - query.from === 1) return { total, sentAt };
  const middle = query.from + Math.floor((query.to - query.from) / 2);
  const older = await countProducts({ ...query, to: middle }, context);
  const younger = await countProducts({ ...query, from: middle }, context);
  return { total: older.total + younger.total, sentAt: older.sentAt };
}
