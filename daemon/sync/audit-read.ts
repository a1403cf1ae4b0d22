import type { Span } from '../spans.ts';
import type { Auditable, Axis, ReadContext, Stream } from '../streams/stream.ts';
import type { Finds, Shown } from './audit-finds.ts';
import type { LocalCounts } from './audit-local.ts';

/**
 * Reads a span whole, by one of its times, and asks by id for the rows there that the API did not show. What is found is
 * judged, and stored if the audit repairs.
 * @param asked called after each answer; returns whether more may be asked.
 */
export async function readSpan<R>(
  axis: Axis,
  span: Span,
  {
    stream,
    remote,
    context,
    finds,
    local,
    asked,
  }: {
    readonly stream: Stream<R>;
    readonly remote: Auditable<R>;
    readonly context: ReadContext;
    readonly finds: Finds<R>;
    readonly local: LocalCounts<R>;
    readonly asked: () => boolean;
  },
): Promise<Shown> {
  const sum = { drifted: 0, alone: 0, others: 0 };
  const add = (shown: Shown): void => {
    sum.drifted += shown.drifted;
    sum.alone += shown.alone;
    sum.others += shown.others;
  };
  const seen = new Set<string | null>();
  for await (const page of remote.read(axis, span, context)) {
    for (const record of page.records) seen.add(stream.table.idOf(record));
    for (const { recordId } of page.rejected) seen.add(recordId);
    add(await finds.judge(page));
    if (!asked()) return sum;
  }
  const unseen = (await local.ids(axis, span)).filter((id) => !seen.has(id));
  if (unseen.length === 0) return sum;
  // By creation, some of them may be newer than the frontier: what was asked last need not be the newest yet.
  for await (const page of stream.readIds(unseen, context)) {
    add(await finds.judge(page, { settles: axis === 'updated' }));
    if (!asked()) return sum;
  }
  return sum;
}
