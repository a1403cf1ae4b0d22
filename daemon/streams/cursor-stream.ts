import { auditOf } from './cursor-audit.ts';
import { bisect } from './cursor-bisect.ts';
import { type Brought, note, toPage } from './cursor-page.ts';
import { countAll, estimate, isProved, isSorted } from './cursor-proof.ts';
import { search, sort } from './cursor-search.ts';
import { readSecond } from './cursor-second.ts';
import type { CursorSpec } from './cursor-spec.ts';
import type { Page, ReadContext, Stream, Window } from './stream.ts';

/**
 * A stream of records that the API sorts and filters by a time. Always the first page from a cursor of time, never a
 * page token: a record that changes while we page leaves the window and would shift every offset behind it, and a time
 * survives a crash.
 */
export function cursorStream<R>(spec: CursorSpec<R>): Stream<R> {
  const { name, table, path, pageSize, documented, statuses, closed, policy } = spec;
  return {
    name,
    table,
    path,
    pageSize,
    documented,
    statuses,
    closed,
    ...(policy !== undefined && { policy }),
    read: (window, context) => readByTime(spec, window, context),
    readIds: (ids, context) => readIds(spec, ids, context),
    estimates: !spec.counts,
    count: (window, context) => (spec.counts ? countAll : estimate)(spec, window, context),
    audit: auditOf(spec, readByTime),
  };
}

async function* readByTime<R>(
  spec: CursorSpec<R>,
  window: Window,
  context: ReadContext,
): AsyncGenerator<Page<R>, void, undefined> {
  let cursor = window.from;
  let brought: Brought = new Map();
  while (cursor < window.to) {
    const { to } = window;
    const answer = await search(spec, { from: cursor, to, by: 'time' }, context);
    if (!isSorted(spec, answer.records) || !(await isProved(spec, answer, cursor, context))) {
      context.odd('unsorted page', `${spec.axis} from ${cursor} to ${to}`);
      yield* bisect(spec, { from: cursor, to }, context);
      return;
    }
    const page = toPage(spec, answer, cursor, brought);
    if (answer.next === undefined) {
      yield { ...page, coveredTo: to, remaining: 0 };
      cursor = to;
      continue;
    }
    const newest = answer.records.at(-1);
    if (newest === undefined) {
      // A full page without one usable time: no cursor can be taken from it.
      yield page;
      yield* bisect(spec, { from: cursor, to }, context);
      return;
    }
    const last = spec.table.timeOf(newest);
    if (last > cursor) {
      yield { ...page, coveredTo: last };
      brought = note(spec, new Map(), answer);
      cursor = last;
    } else {
      yield page;
      yield* readSecond(spec, cursor, note(spec, brought, answer), context);
      brought = new Map();
      cursor += 1;
    }
  }
}

async function* readIds<R>(
  spec: CursorSpec<R>,
  ids: readonly string[],
  context: ReadContext,
): AsyncGenerator<Page<R>, void, undefined> {
  const { perCall } = spec.byIds;
  for (let at = 0; at < ids.length; at += perCall) {
    const wanted = ids.slice(at, at + perCall);
    const { items, ...answer } = await spec.byIds.ask(wanted, context);
    const { records, rejected } = sort(spec, items);
    const found = new Set([...records.map((r) => spec.table.idOf(r)), ...rejected.map((r) => r.recordId)]);
    yield {
      ...toPage(spec, { ...answer, records, rejected }, 0, new Map()),
      ...(answer.next === undefined && { absent: wanted.filter((id) => !found.has(id)) }),
    };
  }
}
