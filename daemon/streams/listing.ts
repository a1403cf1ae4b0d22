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
 * The search by `update_time` that orders, returns and cancellations have in common. TikTok: paging and sorting are query
 * parameters, filters are in the body, `_ge` is inclusive and `_lt` exclusive.
 * @param key of the list in an answer.
 */
export function searchByUpdate(path: string, key: string) {
  const data = listOf(key);
  return async (
    { from, to, createdFrom, createdTo, by, token, size }: CursorQuery,
    context: ReadContext,
  ): Promise<RawAnswer> => {
    const answer = await context.api.call(
      {
        method: 'POST',
        path,
        query: {
          page_size: String(size),
          sort_field: by === 'time' ? 'update_time' : 'create_time',
          sort_order: 'ASC',
          ...(token !== undefined && { page_token: token }),
        },
        body: {
          update_time_ge: from,
          update_time_lt: to,
          ...(createdFrom !== undefined && { create_time_ge: createdFrom }),
          ...(createdTo !== undefined && { create_time_lt: createdTo }),
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
