import { z } from 'zod';

import { AppError } from '../errors.ts';
import type { OrderRecord } from '../store/orders.ts';
import type { Rejected } from '../store/rejected.ts';
import { toOrder } from './order-record.ts';
import type { ReadContext } from './stream.ts';

export const searchPath = '/order/202309/orders/search';
/** TikTok: page_size 1 to 100. */
export const pageSize = 100;
/** TikTok: at most 50 ids a call. */
export const idsPerCall = 50;

export interface OrderQuery {
  readonly updateFrom: number;
  readonly updateTo: number;
  readonly createFrom?: number;
  readonly createTo?: number;
  readonly sort: 'update_time' | 'create_time';
  readonly token?: string;
  readonly size?: number;
}

export interface OrderAnswer {
  readonly records: readonly OrderRecord[];
  readonly rejected: readonly Rejected[];
  /** Present while more follows: TikTok ends a list with `""` or without the key. */
  readonly next: string | undefined;
  /** Matching orders in all, of which this page is a part. */
  readonly total: number | undefined;
  readonly sentAt: number;
  readonly asked: number;
}

const searchData = z.object({
  orders: z.array(z.unknown()).nullish(),
  next_page_token: z.string().nullish(),
  total_count: z.int().nonnegative().nullish(),
});
const detailData = z.object({ orders: z.array(z.unknown()).nullish() });

/** Records to ask for with a page. Between the pages of one token it must not change. */
export const sizeOf = ({ pageSize: wanted }: ReadContext): number => Math.min(wanted?.() ?? pageSize, pageSize);

/** A page that contradicts itself or its question is asked so often in all. */
const tries = 3;

/**
 * One page of `POST /order/202309/orders/search`. TikTok: paging and sorting are query parameters, filters are in the
 * body, `_ge` is inclusive and `_lt` exclusive.
 * @throws AppError `transient` when the answer contradicts itself again and again, `configuration` when the filter on
 * update_time has no effect.
 */
export async function searchOrders(query: OrderQuery, context: ReadContext): Promise<OrderAnswer> {
  const size = query.size ?? sizeOf(context);
  for (let attempt = 1; ; attempt++) {
    const answer = await context.api.call(
      {
        method: 'POST',
        path: searchPath,
        query: {
          page_size: String(size),
          sort_field: query.sort,
          sort_order: 'ASC',
          ...(query.token !== undefined && { page_token: query.token }),
        },
        body: {
          update_time_ge: query.updateFrom,
          update_time_lt: query.updateTo,
          ...(query.createFrom !== undefined && { create_time_ge: query.createFrom }),
          ...(query.createTo !== undefined && { create_time_lt: query.createTo }),
        },
        data: searchData,
      },
      context,
    );
    const raw = answer.data.orders ?? [];
    const next = answer.data.next_page_token === '' ? undefined : (answer.data.next_page_token ?? undefined);
    const total = answer.data.total_count ?? undefined;
    const { records, rejected } = sort(raw);
    const outside = records.filter((r) => r.updateTime < query.updateFrom || r.updateTime >= query.updateTo);
    if (outside.length > 1 && outside.length > records.length / 2) throw ignoredFilter(query);
    const short =
      (next === undefined && query.token === undefined && total !== undefined && raw.length < total) ||
      (next !== undefined && raw.length === 0);
    if (!short && outside.length === 0)
      return { records, rejected, next, total, sentAt: answer.sentAt, asked: answer.asked };
    if (attempt === tries)
      throw new AppError(
        'transient',
        'api',
        short
          ? `the API sent ${raw.length} orders of ${total ?? 'some'} and no way to the rest`
          : `the API sent ${outside.length} of ${raw.length} orders from outside the time asked for`,
        { hint: 'nothing was skipped; the window is read again with the next run' },
      );
  }
}

/** For an API whose filter on update_time has no effect: every order would look new, for ever. */
export const ignoredFilter = ({ updateFrom, updateTo }: Pick<OrderQuery, 'updateFrom' | 'updateTo'>): AppError =>
  new AppError(
    'configuration',
    'api',
    `the API ignores the filter on update_time: asked for [${updateFrom}, ${updateTo}), got others`,
    { hint: 'nothing was skipped; report it, and try `shopsync sync` later' },
  );

/** Orders by id, at most 50. The same version of the API as the search, so that an unchanged order looks unchanged. */
export async function fetchOrders(ids: readonly string[], context: ReadContext): Promise<OrderAnswer> {
  const answer = await context.api.call(
    { method: 'GET', path: '/order/202309/orders', query: { ids: ids.join(',') }, data: detailData },
    context,
  );
  return {
    ...sort(answer.data.orders ?? []),
    next: undefined,
    total: undefined,
    sentAt: answer.sentAt,
    asked: answer.asked,
  };
}

function sort(raw: readonly unknown[]): { records: OrderRecord[]; rejected: Rejected[] } {
  const records: OrderRecord[] = [];
  const rejected: Rejected[] = [];
  for (const item of raw) {
    const result = toOrder(item);
    if ('record' in result) records.push(result.record);
    else rejected.push(result.rejected);
  }
  return { records, rejected };
}
