import { z } from 'zod';

import { AppError } from '../errors.ts';
import type { ProductRecord } from '../store/products.ts';
import type { Rejected } from '../store/rejected.ts';
import { ApiError } from '../tiktok/api-error.ts';
import { toProduct } from './product-record.ts';
import type { Axis, ReadContext } from './stream.ts';

export const searchPath = '/product/202502/products/search';
/** TikTok: page_size 1 to 100. */
export const pageSize = 100;
/** TikTok lists no more hits than this. */
export const hitCap = 10_000;

/** A page that contradicts itself or its question is asked so often in all. */
const tries = 3;
/** A product that is changed while it is searched may come with a time after the span; seconds before the request. */
const justChanged = 3600;

/** Half-open here, like all windows; unix seconds. */
export interface ProductQuery {
  /** The time that `from` and `to` are about; default: `updated`. The other one parts its ties. */
  readonly axis?: Axis | undefined;
  readonly from: number;
  readonly to: number;
  readonly tieFrom?: number | undefined;
  readonly tieTo?: number | undefined;
  readonly token?: string | undefined;
  readonly size: number;
}

export interface ProductAnswer {
  readonly records: readonly ProductRecord[];
  readonly rejected: readonly Rejected[];
  /** Present while more follows. */
  readonly next: string | undefined;
  /** Matching products in all, of which this page is a part; more than `hitCap` where the API refused to list them. */
  readonly total: number;
  readonly sentAt: number;
  readonly asked: number;
}

const searchData = z.object({
  products: z.array(z.unknown()).nullish(),
  next_page_token: z.string().nullish(),
  total_count: z.int().nonnegative(),
});

/**
 * One page of `POST /product/202502/products/search`. TikTok: no sort, both ends of a span of time are included, and
 * without a status the deleted ones come as well. More hits than the API lists are an answer without products.
 * @throws AppError `transient` when the answer contradicts itself again and again, `configuration` when the filter on
 * the time asked for has no effect.
 */
export async function searchProducts(query: ProductQuery, context: ReadContext): Promise<ProductAnswer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(query, context);
    const { next, total, records, rejected, sentAt } = answer;
    const outside = records.filter((record) => isOutside(record, query, sentAt));
    if (outside.length > 1 && outside.length > records.length / 2) throw ignoredFilter(query);
    const brought = records.length + rejected.length;
    const short =
      total <= hitCap && (next === undefined ? query.token === undefined && brought < total : brought === 0);
    if (!short && outside.length === 0) return answer;
    if (attempt === tries)
      throw new AppError(
        'transient',
        'api',
        short
          ? `the API sent ${brought} of ${total} products and no way to the rest`
          : `the API sent ${outside.length} of ${brought} products from outside the time asked for`,
        { hint: 'nothing was skipped; the window is read again with the next run' },
      );
  }
}

function isOutside(
  { createTime, updateTime }: ProductRecord,
  { axis, from, to }: ProductQuery,
  sentAt: number,
): boolean {
  if (axis === 'created') return createTime < from || createTime >= to;
  return updateTime < from || (updateTime >= to && updateTime < sentAt - justChanged);
}

const namesOf = (axis: Axis | undefined) =>
  axis === 'created' ? (['create_time', 'update_time'] as const) : (['update_time', 'create_time'] as const);

async function ask(query: ProductQuery, context: ReadContext): Promise<ProductAnswer> {
  const [time, tie] = namesOf(query.axis);
  try {
    const { data, ...sent } = await context.api.call(
      {
        method: 'POST',
        path: searchPath,
        query: { page_size: String(query.size), ...(query.token !== undefined && { page_token: query.token }) },
        body: {
          status: 'ALL',
          [`${time}_ge`]: query.from,
          [`${time}_le`]: query.to - 1,
          ...(query.tieFrom !== undefined && { [`${tie}_ge`]: query.tieFrom }),
          ...(query.tieTo !== undefined && { [`${tie}_le`]: query.tieTo - 1 }),
        },
        data: searchData,
      },
      context,
    );
    const results = (data.products ?? []).map(toProduct);
    return {
      ...sent,
      records: results.flatMap((result) => ('record' in result ? [result.record] : [])),
      rejected: results.flatMap((result) => ('rejected' in result ? [result.rejected] : [])),
      next: data.next_page_token === '' ? undefined : (data.next_page_token ?? undefined),
      total: data.total_count,
    };
  } catch (error) {
    if (!(error instanceof ApiError) || error.reaction !== 'split-window' || error.sent === undefined) throw error;
    return { ...error.sent, records: [], rejected: [], next: undefined, total: hitCap + 1 };
  }
}

const ignoredFilter = ({ axis, from, to }: ProductQuery): AppError =>
  new AppError(
    'configuration',
    'api',
    `the API ignores the filter on ${namesOf(axis)[0]}: asked for [${from}, ${to}), got other products`,
    { hint: 'nothing was skipped; report it, and try `shopsync sync products` later' },
  );
