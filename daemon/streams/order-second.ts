import type { OrderRecord } from '../store/orders.ts';
import { type Brought, note, toPage } from './order-page.ts';
import { type OrderAnswer, pageSize, searchOrders, sizeOf } from './order-search.ts';
import { type Page, type ReadContext, UnreadSecond } from './stream.ts';

/** No list is longer than its own count, and each page brings something; this bounds one that pretends. */
const extraPages = 3;

/** One second being read. */
interface Reading {
  readonly second: number;
  readonly brought: Brought;
  /** What this second has shown so far: ids, and the text of what was set aside. */
  readonly seen: Set<string>;
  readonly context: ReadContext;
}

/**
 * Reads one second of update_time that holds more than a page: by a second keyset over create_time, and by page tokens
 * only where that ties as well. A second that cannot be read whole is left uncovered, so that each run tries it again.
 */
export async function* readSecond(
  second: number,
  brought: Brought,
  context: ReadContext,
): AsyncGenerator<Page<OrderRecord>, void, undefined> {
  const reading = { second, brought, seen: new Set<string>(), context };
  let created = 0;
  let counted: number | undefined;
  for (;;) {
    const answer = await searchOrders(
      { updateFrom: second, updateTo: second + 1, sort: 'create_time', createFrom: created },
      context,
    );
    counted ??= answer.total ?? 0;
    for (const key of keysOf(answer)) reading.seen.add(key);
    const honoured = answer.records.every((r, i) => (answer.records[i - 1]?.createTime ?? created) <= r.createTime);
    // Fewer than were counted at first: the order only looked like one by create_time, or a record has left.
    if (!honoured || (answer.next === undefined && reading.seen.size < counted)) {
      context.odd('second not whole', `${second}: ${reading.seen.size} of ${counted} orders came by create_time`);
      yield* readByToken(reading, 0, undefined);
      return;
    }
    const page = toPieces(answer, second, brought);
    if (answer.next === undefined) {
      yield { ...page, coveredTo: second + 1 };
      return;
    }
    yield page;
    note(brought, answer);
    const last = answer.records.at(-1)?.createTime;
    if (last === undefined || last === created) {
      const whole = yield* readByToken(reading, created, last === undefined ? undefined : created + 1);
      if (!whole || last === undefined) return;
      created += 1;
    } else created = last;
  }
}

/**
 * Pages by token through what ties in both times.
 * @returns whether as many came as the API counted; if nothing bounds create_time, that covers the second.
 */
async function* readByToken(
  { second, brought, seen, context }: Reading,
  createFrom: number,
  createTo: number | undefined,
): AsyncGenerator<Page<OrderRecord>, boolean, undefined> {
  const keys = new Set<string>();
  const tokens = new Set<string>();
  let token: string | undefined;
  // The greatest count holds: a record that leaves while we page moves one that was not read onto a page that was.
  let counted = 0;
  let barren = 0;
  const size = sizeOf(context);
  for (;;) {
    const answer = await searchOrders(
      {
        updateFrom: second,
        updateTo: second + 1,
        sort: 'create_time',
        createFrom,
        size,
        ...(createTo !== undefined && { createTo }),
        ...(token !== undefined && { token }),
      },
      context,
    );
    const before = keys.size;
    for (const key of keysOf(answer)) {
      keys.add(key);
      seen.add(key);
    }
    if (keys.size === before) barren += 1;
    // Without a count of what there was before the first page, nothing tells that one was moved past.
    counted = Math.max(counted, answer.total ?? (token === undefined ? Number.POSITIVE_INFINITY : 0));
    const whole = answer.next === undefined && keys.size >= counted;
    yield {
      ...toPieces(answer, second, brought),
      ...(whole && createTo === undefined && { coveredTo: second + 1 }),
    };
    note(brought, answer);
    token = answer.next;
    if (token === undefined) {
      if (!whole) context.odd('second not whole', `${second}: ${keys.size} of ${shown(counted)} orders came`);
      return whole;
    }
    if (tokens.has(token) || barren > extraPages || keys.size > counted + extraPages * pageSize)
      throw new UnreadSecond(second, `the API repeats its page tokens within second ${second}`);
    tokens.add(token);
  }
}

const shown = (counted: number): string => (Number.isFinite(counted) ? String(counted) : 'an unknown number of');

const keysOf = ({ records, rejected }: OrderAnswer): string[] => [
  ...records.map(({ id }) => id),
  ...rejected.map(({ payload }) => payload),
];

/** The API counts within this second only, which says nothing about what is left in the window. */
function toPieces(answer: OrderAnswer, second: number, brought: Brought): Page<OrderRecord> {
  const { remaining: _, ...page } = toPage(answer, second, brought);
  return page;
}
