import { type Brought, note, toPage } from './cursor-page.ts';
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
  readonly createdFrom?: number;
  readonly createdTo?: number;
  /** Records that a walk before this one brought, where the API does not count. */
  readonly counted?: number;
}

/**
 * Reads one second of the axis that holds more than a page: by a second keyset over the time of creation, and by page
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
  const { createdOf } = spec;
  if (createdOf === undefined || !spec.counts) {
    yield* readByToken(reading, {});
    return;
  }
  let created = 0;
  let counted: number | undefined;
  for (;;) {
    const answer = await search(spec, { from: second, to: second + 1, by: 'created', createdFrom: created }, context);
    counted ??= answer.total ?? 0;
    for (const key of keysOf(spec, answer)) reading.seen.add(key);
    const times = answer.records.map((r) => createdOf(r));
    const honoured = times.every((time, i) => (times[i - 1] ?? created) <= time);
    // Fewer than were counted at first: the order only looked like one by create_time, or a record has left.
    if (!honoured || (answer.next === undefined && reading.seen.size < counted)) {
      context.odd('second not whole', `${second}: ${reading.seen.size} of ${counted} ${spec.name} came by create_time`);
      yield* readByToken(reading, { createdFrom: 0 });
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
    if (last === undefined || last === created) {
      const ties = last === undefined ? {} : { createdTo: created + 1 };
      const whole = yield* readByToken(reading, { createdFrom: created, ...ties });
      if (!whole || last === undefined) return;
      created += 1;
    } else created = last;
  }
}

/**
 * Pages by token through what ties in both times, or in all that the API sorts by. Where it does not count, a second
 * walk has to bring the same again.
 * @returns whether as many came as were counted; if nothing bounds the time of creation, that covers the second.
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
        by: bounds.createdFrom === undefined ? 'time' : 'created',
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
      ...(whole && bounds.createdTo === undefined && { coveredTo: second + 1 }),
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
