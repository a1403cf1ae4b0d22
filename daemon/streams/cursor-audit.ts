import { countAt } from './cursor-proof.ts';
import type { CursorSpec } from './cursor-spec.ts';
import { type Auditable, type Axis, type ReadContext, type Stream, withoutCover } from './stream.ts';

/**
 * What an audit asks of a search that counts and that sorts and filters by either time; undefined for another.
 * @param read what reads a window of a spec's axis.
 */
export function auditOf<R>(
  spec: CursorSpec<R>,
  read: (spec: CursorSpec<R>, ...of: Parameters<Stream<R>['read']>) => ReturnType<Stream<R>['read']>,
): Auditable<R> | undefined {
  const { tieOf } = spec;
  if (!spec.counts || tieOf === undefined) return undefined;
  const specs = { updated: spec, created: byCreation(spec, tieOf) };
  return {
    count: (axis, window, context) => countAt(specs[axis], window, context),
    read: (axis, window, context) => withoutCover(read(specs[axis], window, contextOf(axis, context))),
  };
}

/** The same search with its two times swapped: of what was created in one second, the time of change parts the ties. */
const byCreation = <R>(spec: CursorSpec<R>, createdOf: (record: R) => number): CursorSpec<R> => ({
  ...spec,
  axis: 'create_time',
  table: { ...spec.table, timeOf: createdOf },
  tieOf: (record) => spec.table.timeOf(record),
  search: (query, context) => spec.search({ ...query, axis: 'created' }, context),
});

/** That the API sorts by one time says nothing of the other. */
const contextOf = (axis: Axis, context: ReadContext): ReadContext =>
  axis === 'created' ? { ...context, proof: (context.proof.created ??= {}) } : context;
