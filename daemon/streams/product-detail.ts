import { z } from 'zod';

import type { ProductRecord } from '../store/products.ts';
import { ApiError } from '../tiktok/api-error.ts';
import { pageSize, searchProducts } from './product-search.ts';
import type { Page, ReadContext } from './stream.ts';

const detailData = z.object({ create_time: z.int().nullish(), update_time: z.int() });

/**
 * One product by its id. TikTok: the detail has another shape than the search, so it only tells the second in which to
 * search, and the product looks as it does in every other answer; and it knows none that is frozen or deleted.
 * @returns undefined where the search does not show it: not yet, or it has changed once more.
 */
export async function readProduct(id: string, context: ReadContext): Promise<Page<ProductRecord> | undefined> {
  const { data, ...sent } = await findProduct(id, context);
  const page = { records: [], rejected: [], from: 0, ...sent };
  if (data === undefined) return { ...page, absent: [id] };
  const { create_time: created, update_time: updated } = data;
  const answer = await searchProducts(
    {
      from: updated,
      to: updated + 1,
      size: pageSize,
      ...(typeof created === 'number' && { tieFrom: created, tieTo: created + 1 }),
    },
    context,
  );
  const records = answer.records.filter((record) => record.id === id);
  const rejected = answer.rejected.filter(({ recordId }) => recordId === id);
  if (records.length + rejected.length === 0) return undefined;
  return { ...page, records, rejected, sentAt: answer.sentAt, asked: answer.asked };
}

async function findProduct(id: string, context: ReadContext) {
  try {
    return await context.api.call(
      { method: 'GET', path: `/product/202309/products/${encodeURIComponent(id)}`, data: detailData },
      context,
    );
  } catch (error) {
    if (error instanceof ApiError && error.reaction === 'skip' && error.sent !== undefined)
      return { data: undefined, ...error.sent };
    throw error;
  }
}
