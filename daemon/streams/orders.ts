import { z } from 'zod';

import { AppError } from '../errors.ts';
import { type OrderRecord, orderTable } from '../store/orders.ts';
import { bisect } from './order-bisect.ts';
import { type Brought, note, toPage } from './order-page.ts';
import {
  type OrderAnswer,
  fetchOrders,
  idsPerCall,
  ignoredFilter,
  pageSize,
  searchOrders,
  searchPath,
} from './order-search.ts';
import { readSecond } from './order-second.ts';
import { documentedShape } from './order-shape.ts';
import type { ReadContext, Stream, Window } from './stream.ts';

/**
 * Orders, on the axis of `update_time`. Always the first page from a cursor of time, never a page token: a record that
 * changes while we page leaves the window and would shift every offset behind it, and a time survives a crash.
 */
export const orders: Stream<OrderRecord> = {
  name: 'orders',
  table: orderTable,
  path: searchPath,
  pageSize,
  documented: documentedShape,
  async *read(window, context) {
    let cursor = window.from;
    let brought: Brought = new Map();
    while (cursor < window.to) {
      const to = window.to;
      const answer = await searchOrders({ updateFrom: cursor, updateTo: to, sort: 'update_time' }, context);
      if (!isSorted(answer.records) || !(await isProved(answer, cursor, context))) {
        context.odd('unsorted page', `update_time from ${cursor} to ${to}`);
        yield* bisect({ from: cursor, to }, context);
        return;
      }
      const page = toPage(answer, cursor, brought);
      if (answer.next === undefined) {
        yield { ...page, coveredTo: to, remaining: 0 };
        cursor = to;
        continue;
      }
      const last = answer.records.at(-1)?.updateTime;
      if (last === undefined) {
        // A full page without one usable update_time: no cursor can be taken from it.
        yield page;
        yield* bisect({ from: cursor, to }, context);
        return;
      }
      if (last > cursor) {
        yield { ...page, coveredTo: last };
        brought = note(new Map(), answer);
        cursor = last;
      } else {
        yield page;
        yield* readSecond(cursor, note(brought, answer), context);
        brought = new Map();
        cursor += 1;
      }
    }
  },
  async *readIds(ids, context) {
    for (let at = 0; at < ids.length; at += idsPerCall) {
      const wanted = ids.slice(at, at + idsPerCall);
      const answer = await fetchOrders(wanted, context);
      const found = new Set([...answer.records.map((r) => r.id), ...answer.rejected.map((r) => r.recordId)]);
      yield { ...toPage(answer, 0, new Map()), absent: wanted.filter((id) => !found.has(id)) };
    }
  },
  async count(window, context) {
    return countOrders(window, context);
  },
};

const isSorted = (records: readonly OrderRecord[]): boolean =>
  records.every((record, i) => i === 0 || (records[i - 1]?.updateTime ?? 0) <= record.updateTime);

/** One request of one order, for the number of all that match. */
async function countOrders(window: Window, context: ReadContext): Promise<number> {
  const { total } = await searchOrders(
    { updateFrom: window.from, updateTo: window.to, sort: 'update_time', size: 1 },
    context,
  );
  if (total === undefined)
    throw new AppError('transient', 'api', 'the API did not tell how many orders match', {
      hint: 'try again later',
    });
  return total;
}

/**
 * Sorted is not enough: a wrong order can look right by luck, and then the cursor would jump over records. So the first
 * full page of a run is proved: its span must count exactly what the page brought. So is each later one that another
 * order could have sent as well.
 * @throws AppError `configuration` when a part of the window counts as much as the whole.
 */
async function isProved(answer: OrderAnswer, cursor: number, context: ReadContext): Promise<boolean> {
  const last = answer.records.at(-1)?.updateTime;
  if (answer.next === undefined || last === undefined || last === cursor) return true;
  if (context.proof.sorted === undefined) {
    context.proof.sorted = prove(answer, cursor, last, context);
    return context.proof.sorted;
  }
  if (!(await context.proof.sorted)) return false;
  return isTelling(answer.records) || prove(answer, cursor, last, context);
}

/** So many different times are not in order by luck. */
const tellingTimes = 3;

/**
 * Whether only a sort by update_time sends such a page. One of few different times is in order by luck. One that is in
 * the order of create_time as well may have been sorted by that: then orders placed later than its last one and changed
 * sooner are left out, unless that one never changed at all.
 */
function isTelling(records: readonly OrderRecord[]): boolean {
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return true;
  if (new Set(records.map((r) => r.updateTime)).size < tellingTimes) return false;
  if (last.updateTime <= last.createTime || first.createTime === last.createTime) return true;
  return !records.every((record, i) => i === 0 || (records[i - 1]?.createTime ?? 0) <= record.createTime);
}

const timed = z.object({ update_time: z.int() });

/** `update_time` of a record that was set aside, unix seconds; infinity when it has none. */
function timeIn(payload: string): number {
  const { data } = timed.safeParse(JSON.parse(payload));
  return data?.update_time ?? Number.POSITIVE_INFINITY;
}

async function prove(answer: OrderAnswer, from: number, last: number, context: ReadContext): Promise<boolean> {
  const brought = (records: readonly OrderRecord[]) => records.filter((r) => r.updateTime < last).length;
  const span = { from, to: last };
  const counted = await countOrders(span, context);
  // Only those known to lie in the span: another must not stand in for a record that the page has left out.
  const aside = answer.rejected.filter(({ payload }) => timeIn(payload) < last).length;
  if (counted === brought(answer.records) + aside) return true;
  // The order at `last` counts for the whole and not for the part.
  if (answer.total !== undefined && counted >= answer.total) throw ignoredFilter({ updateFrom: from, updateTo: last });
  // An order may have changed between page and count, so the pair is asked once more before the API is distrusted.
  const again = await searchOrders({ updateFrom: from, updateTo: last, sort: 'update_time' }, context);
  const known = new Set(answer.records.map((r) => r.id));
  return (
    again.next === undefined &&
    again.records.every((r) => known.has(r.id)) &&
    (await countOrders(span, context)) === again.records.length + again.rejected.length
  );
}
