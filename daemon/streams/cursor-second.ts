import { type Brought, note, toPage } from './cursor-page.ts';
import { countAll } from './cursor-proof.ts';
import { search, sizeOf } from './cursor-search.ts';
import type { CursorAnswer, CursorSpec } from './cursor-spec.ts';
import { type Page, type ReadContext, UnreadSecond } from './stream.ts';

/** No list is longer than its own count, and each page brings something; this bounds one that pretends. */
const extraPages = 3;

/** One second being read. */
interface Reading<R> {
  readonly spec: CursorSpec<R>;
  readonly second: number;
  readonly brought: Brought;
  /** What this second has shown so far: ids, and the text of what was set aside. */
  readonly seen: Set<string>;
  readonly context: ReadContext;
}

/** What of a second is read by tokens. */
interface Part {
  readonly tieFrom?: number;
  readonly tieTo?: number;
  /** Records that a walk before this one brought, where the API does not count. */
  readonly counted?: number;
}

/**
 * Reads one second of the axis that holds more than a page: by a second keyset over the other time, and by page
 * tokens only where that ties as well. A second that cannot be read whole is left uncovered, so that each run tries it
 * again.
 */
export async function* readSecond<R>(
  spec: CursorSpec<R>,
  second: number,
  brought: Brought,
  context: ReadContext,
): AsyncGenerator<Page<R>, void, undefined> {
  const reading = { spec, second, brought, seen: new Set<string>(), context };
  const { tieOf } = spec;
  if (tieOf === undefined || !spec.counts) {
    yield* readByToken(reading, {});
    return;
  }
  let cursor = 0;
  let counted: number | undefined;
  for (;;) {
    const answer = await search(spec, { from: second, to: second + 1, by: 'tie', tieFrom: cursor }, context);
    counted ??= answer.total ?? 0;
    for (const key of keysOf(spec, answer)) reading.seen.add(key);
    const times = answer.records.map((r) => tieOf(r));
    const honoured = times.every((time, i) => (times[i - 1] ?? cursor) <= time);
    // Fewer than were counted at first: the order only looked like one by the other time, or a record has left.
    const isShort = answer.next === undefined && reading.seen.size < counted && !(await hasOnlyLost(reading));
    if (!honoured || isShort) {
      context.odd('second not whole', `${second}: ${reading.seen.size} of ${counted} ${spec.name} came in order`);
      yield* readByToken(reading, { tieFrom: 0 });
      return;
    }
    const page = toPieces(reading, answer);
    if (answer.next === undefined) {
      yield { ...page, coveredTo: second + 1 };
      return;
    }
    yield page;
    note(spec, brought, answer);
    const last = times.at(-1);
    if (last === undefined || last === cursor) {
      const ties = last === undefined ? {} : { tieTo: cursor + 1 };
      const whole = yield* readByToken(reading, { tieFrom: cursor, ...ties });
      if (!whole || last === undefined) return;
      cursor += 1;
    } else cursor = last;
  }
}

/** Records leave a status all the time, and the second keyset jumps over none that stays: as many as now are enough. */
const hasOnlyLost = async <R>({ spec, second, seen, context }: Reading<R>): Promise<boolean> =>
  context.status !== undefined && (await countAll(spec, { from: second, to: second + 1 }, context)) <= seen.size;

/**
 * Pages by token through what ties in both times, or in all that the API sorts by. Where it does not count, a second
 * walk has to bring the same again.
 * @returns whether as many came as were counted; if nothing bounds the other time, that covers the second.
 */
async function* readByToken<R>(reading: Reading<R>, part: Part): AsyncGenerator<Page<R>, boolean, undefined> {
  const { spec, second, brought, seen, context } = reading;
  const { counted: before, ...bounds } = part;
  const keys = new Set<string>();
  const tokens = new Set<string>();
  let token: string | undefined;
  // The greatest count holds: a record that leaves while we page moves one that was not read onto a page that was.
  let counted = before ?? 0;
  let barren = 0;
  const size = sizeOf(spec, context);
  for (;;) {
    const answer = await search(
      spec,
      {
        from: second,
        to: second + 1,
        by: bounds.tieFrom === undefined ? 'time' : 'tie',
        ...bounds,
        size,
        ...(token !== undefined && { token }),
      },
      context,
    );
    const known = keys.size;
    for (const key of keysOf(spec, answer)) {
      keys.add(key);
      seen.add(key);
    }
    if (keys.size === known) barren += 1;
    // Without a count of what there was before the first page, nothing tells that one was moved past.
    if (before === undefined)
      counted = Math.max(counted, answer.total ?? (token === undefined ? Number.POSITIVE_INFINITY : 0));
    const whole = answer.next === undefined && keys.size >= counted && (before === undefined || seen.size === before);
    yield {
      ...toPieces(reading, answer),
      ...(whole && bounds.tieTo === undefined && { coveredTo: second + 1 }),
    };
    note(spec, brought, answer);
    token = answer.next;
    if (token === undefined) {
      if (!spec.counts && before === undefined) return yield* readByToken(reading, { ...part, counted: keys.size });
      if (!whole) context.odd('second not whole', `${second}: ${keys.size} of ${shown(counted)} ${spec.name} came`);
      return whole;
    }
    if (tokens.has(token) || barren > extraPages || keys.size > counted + extraPages * spec.pageSize)
      throw new UnreadSecond(second, `the API repeats its page tokens within second ${second}`);
    tokens.add(token);
  }
}

const shown = (counted: number): string => (Number.isFinite(counted) ? String(counted) : 'an unknown number of');

const keysOf = <R>({ table }: CursorSpec<R>, { records, rejected }: CursorAnswer<R>): string[] => [
  ...records.map((record) => table.idOf(record)),
  ...rejected.map(({ payload }) => payload),
];

/** The API counts within this second only, which says nothing about what is left in the window. */
function toPieces<R>({ spec, second, brought }: Reading<R>, answer: CursorAnswer<R>): Page<R> {
  const { remaining: _, ...page } = toPage(spec, answer, second, brought);
  return page;
}
