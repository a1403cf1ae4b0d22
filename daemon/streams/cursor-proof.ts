import { z } from 'zod';

import { AppError } from '../errors.ts';
import { ignoredFilter, search } from './cursor-search.ts';
import type { CursorAnswer, CursorSpec } from './cursor-spec.ts';
import type { Counted, ReadContext, Window } from './stream.ts';

export const isSorted = <R>({ table }: CursorSpec<R>, records: readonly R[]): boolean =>
  records.every((record, i) => i === 0 || timeAt(table, records[i - 1]) <= table.timeOf(record));

const timeAt = <R>(table: CursorSpec<R>['table'], record: R | undefined): number =>
  record === undefined ? 0 : table.timeOf(record);

/** One request, as small as the API lets it be, for the number of all that match, and when it was asked. */
export async function countAt<R>(spec: CursorSpec<R>, window: Window, context: ReadContext): Promise<Counted> {
  const { total, sentAt } = await search(
    spec,
    { from: window.from, to: window.to, by: 'time', size: spec.leastPageSize ?? 1 },
    context,
  );
  if (total === undefined)
    throw new AppError('transient', 'api', `the API did not tell how many ${spec.name} match`, {
      hint: 'try again later',
    });
  return { total, sentAt };
}

export async function countAll<R>(spec: CursorSpec<R>, window: Window, context: ReadContext): Promise<number> {
  return (await countAt(spec, window, context)).total;
}

/** How many match, from a page: all there are, or as many as there would be if the rest were as dense. */
export async function estimate<R>(spec: CursorSpec<R>, window: Window, context: ReadContext): Promise<number> {
  const { records, rejected, next } = await search(spec, { from: window.from, to: window.to, by: 'time' }, context);
  const brought = records.length + rejected.length;
  const last = records.at(-1);
  if (next === undefined || last === undefined) return brought;
  const read = Math.max(1, spec.table.timeOf(last) - window.from);
  return Math.round((brought / read) * (window.to - window.from));
}

/**
 * Sorted is not enough: a wrong order can look right by luck, and then the cursor would jump over records. So the first
 * full page of a run is proved: its span must count exactly what the page brought. So is each later one that another
 * order could have sent as well.
 * @throws AppError `configuration` when a part of the window counts as much as the whole.
 */
export async function isProved<R>(
  spec: CursorSpec<R>,
  answer: CursorAnswer<R>,
  cursor: number,
  context: ReadContext,
): Promise<boolean> {
  const newest = answer.records.at(-1);
  if (answer.next === undefined || newest === undefined) return true;
  const last = spec.table.timeOf(newest);
  if (last === cursor) return true;
  if (context.proof.sorted === undefined) {
    context.proof.sorted = prove(spec, answer, { from: cursor, to: last }, context);
    return context.proof.sorted;
  }
  if (!(await context.proof.sorted)) return false;
  return isTelling(spec, answer.records) || prove(spec, answer, { from: cursor, to: last }, context);
}

/** So many different times are not in order by luck. */
const tellingTimes = 3;

/**
 * Whether only a sort by the stream's time sends such a page. One of few different times is in order by luck. One that
 * is in the order of its other time as well may have been sorted by that: then records later than its last one in the
 * other time and sooner in this one are left out. None is created later than a last one that never changed, and changed
 * sooner.
 */
function isTelling<R>(spec: CursorSpec<R>, records: readonly R[]): boolean {
  const timeOf = (record: R): number => spec.table.timeOf(record);
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return true;
  if (new Set(records.map((r) => timeOf(r))).size < tellingTimes) return false;
  const { tieOf } = spec;
  if (tieOf === undefined || tieOf(first) === tieOf(last)) return true;
  if (spec.axis === 'update_time' && timeOf(last) <= tieOf(last)) return true;
  const others = records.map((r) => tieOf(r));
  return !others.every((time, i) => i === 0 || (others[i - 1] ?? 0) <= time);
}

async function prove<R>(
  spec: CursorSpec<R>,
  answer: CursorAnswer<R>,
  span: Window,
  context: ReadContext,
): Promise<boolean> {
  const { table } = spec;
  if (spec.counts) {
    const counted = await countAll(spec, span, context);
    const brought = answer.records.filter((r) => table.timeOf(r) < span.to).length;
    // Only those known to lie in the span: another must not stand in for a record that the page has left out.
    const aside = answer.rejected.filter(({ payload }) => timeIn(spec, payload) < span.to).length;
    if (counted === brought + aside) return true;
    // The record at the end of the span counts for the whole and not for the part.
    if (answer.total !== undefined && counted >= answer.total) throw ignoredFilter(spec, span);
  }
  // A record may have changed between page and count, so the pair is asked once more before the API is distrusted.
  const again = await search(spec, { from: span.from, to: span.to, by: 'time' }, context);
  const known = new Set(answer.records.map((r) => table.idOf(r)));
  if (again.next !== undefined || !again.records.every((r) => known.has(table.idOf(r)))) return false;
  if (!spec.counts) return true;
  const counted = await countAll(spec, span, context);
  const brought = again.records.length + again.rejected.length;
  // Records leave a status all the time: fewer than a moment ago are no contradiction.
  return context.status === undefined ? counted === brought : counted <= brought;
}

const timed = z.record(z.string(), z.unknown());
const time = z.int();

/** The time of a record that was set aside, unix seconds; infinity when it has none. */
function timeIn<R>({ axis }: CursorSpec<R>, payload: string): number {
  const { data: fields } = timed.safeParse(JSON.parse(payload));
  return time.safeParse(fields?.[axis]).data ?? Number.POSITIVE_INFINITY;
}
