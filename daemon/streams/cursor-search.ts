import { AppError } from '../errors.ts';
import type { Rejected } from '../store/rejected.ts';
import type { CursorAnswer, CursorQuery, CursorSpec } from './cursor-spec.ts';
import type { ReadContext } from './stream.ts';

/** Records to ask for with a page. Between the pages of one token it must not change. */
export const sizeOf = <R>(spec: CursorSpec<R>, { pageSize: wanted }: ReadContext): number =>
  Math.max(spec.leastPageSize ?? 1, Math.min(wanted?.() ?? spec.pageSize, spec.pageSize));

/** A page that contradicts itself or its question is asked so often in all. */
const tries = 3;

/**
 * One page of the stream's search.
 * @throws AppError `transient` when the answer contradicts itself again and again, `configuration` when the filter on
 * the stream's time, or on the status, has no effect.
 */
export async function search<R>(
  spec: CursorSpec<R>,
  asked: Omit<CursorQuery, 'size'> & { readonly size?: number },
  context: ReadContext,
): Promise<CursorAnswer<R>> {
  const query = { ...asked, size: asked.size ?? sizeOf(spec, context) };
  for (let attempt = 1; ; attempt++) {
    const { items, ...answer } = await spec.search(query, context);
    const { next, total } = answer;
    const { records, rejected } = sort(spec, items);
    const outside = records.filter((r) => spec.table.timeOf(r) < query.from || spec.table.timeOf(r) >= query.to);
    if (isMost(outside, records)) throw ignoredFilter(spec, query);
    if (isMost(strangers(spec, records, context), records)) throw ignoredStatus(spec, context);
    const short =
      (next === undefined && query.token === undefined && total !== undefined && items.length < total) ||
      (next !== undefined && items.length === 0);
    if (!short && outside.length === 0) return { ...answer, records, rejected };
    if (attempt === tries)
      throw new AppError(
        'transient',
        'api',
        short
          ? `the API sent ${items.length} ${spec.name} of ${total ?? 'some'} and no way to the rest`
          : `the API sent ${outside.length} of ${items.length} ${spec.name} from outside the time asked for`,
        { hint: 'nothing was skipped; the window is read again with the next run' },
      );
  }
}

/** A record may change while it is searched for; where most are wrong, the API has not looked. */
const isMost = (some: readonly unknown[], all: readonly unknown[]): boolean =>
  some.length > 1 && some.length > all.length / 2;

const strangers = <R>({ statusOf }: CursorSpec<R>, records: readonly R[], { status }: ReadContext): readonly R[] =>
  status === undefined || statusOf === undefined ? [] : records.filter((record) => statusOf(record) !== status);

const ignoredStatus = <R>({ name }: CursorSpec<R>, { status }: ReadContext): AppError =>
  new AppError(
    'configuration',
    'api',
    `the API ignores the filter on status: asked for ${name} in ${status}, got others`,
    {
      hint: `nothing was skipped; report it, and sync ${name} without a status`,
    },
  );

/** For an API whose filter of time has no effect: every record would look new, for ever. */
export const ignoredFilter = <R>(
  { axis }: CursorSpec<R>,
  { from, to }: { readonly from: number; readonly to: number },
): AppError =>
  new AppError(
    'configuration',
    'api',
    `the API ignores the filter on ${axis}: asked for [${from}, ${to}), got others`,
    { hint: 'nothing was skipped; report it, and try `shopsync sync` later' },
  );

/** Parts a list into what can be stored and what cannot. */
export function sort<R>(
  spec: Pick<CursorSpec<R>, 'toRecord'>,
  raw: readonly unknown[],
): { readonly records: R[]; readonly rejected: Rejected[] } {
  const records: R[] = [];
  const rejected: Rejected[] = [];
  for (const item of raw) {
    const result = spec.toRecord(item);
    if ('record' in result) records.push(result.record);
    else rejected.push(result.rejected);
  }
  return { records, rejected };
}
