import { z } from 'zod';

import type { CursorQuery, RawAnswer } from './cursor-spec.ts';
import type { ReadContext } from './stream.ts';

const list = z.array(z.unknown()).nullish();
const paging = z.looseObject({
  next_page_token: z.string().nullish(),
  total_count: z.int().nonnegative().nullish(),
});

/** TikTok: a list may be missing where it is empty, and ends with the token `""` or without one. */
export const listOf = (key: string): z.ZodType<Pick<RawAnswer, 'items' | 'next' | 'total'>> =>
  paging.transform((data, context) => {
    const items = list.safeParse(data[key]);
    if (!items.success) {
      context.issues.push({ code: 'invalid_type', expected: 'array', input: data[key], path: [key] });
      return z.NEVER;
    }
    return {
      items: items.data ?? [],
      next: data.next_page_token === '' ? undefined : (data.next_page_token ?? undefined),
      total: data.total_count ?? undefined,
    };
  });

/**
 * The search by `update_time` or `create_time` that orders, returns and cancellations have in common. TikTok: paging and
 * sorting are query parameters, filters are in the body, `_ge` is inclusive and `_lt` exclusive.
 * @param key of the list in an answer.
 * @param statusFilter its filter that takes one status.
 */
export function searchByTime(path: string, key: string, statusFilter?: string) {
  const data = listOf(key);
  return async (
    { axis, from, to, tieFrom, tieTo, by, token, size }: CursorQuery,
    context: ReadContext,
  ): Promise<RawAnswer> => {
    const [time, tie] = axis === 'created' ? ['create_time', 'update_time'] : ['update_time', 'create_time'];
    const answer = await context.api.call(
      {
        method: 'POST',
        path,
        query: {
          page_size: String(size),
          sort_field: by === 'time' ? time : tie,
          sort_order: 'ASC',
          ...(token !== undefined && { page_token: token }),
        },
        body: {
          [`${time}_ge`]: from,
          [`${time}_lt`]: to,
          ...(tieFrom !== undefined && { [`${tie}_ge`]: tieFrom }),
          ...(tieTo !== undefined && { [`${tie}_lt`]: tieTo }),
          ...(statusFilter !== undefined && context.status !== undefined && { [statusFilter]: context.status }),
        },
        idsAreText: true,
        data,
      },
      context,
    );
    return { ...answer.data, sentAt: answer.sentAt, asked: answer.asked };
  };
}

/** The same search for records by their ids, whatever their time: a filter of its own takes a page of them. */
export function searchByIds(path: string, key: string, filter: string, perCall: number) {
  const data = listOf(key);
  const ask = async (ids: readonly string[], context: ReadContext): Promise<RawAnswer> => {
    const answer = await context.api.call(
      { method: 'POST', path, query: { page_size: String(perCall) }, body: { [filter]: ids }, data },
      context,
    );
    return { ...answer.data, sentAt: answer.sentAt, asked: answer.asked };
  };
  return { perCall, ask };
}
