import type { Db } from './database.ts';
import { toDatetime } from './time.ts';

/** More different fields than any record has; beyond it nothing is learned. */
const mostShapes = 500;
/** A page of so many belongs to a long reading: of it only every so manyth record is looked at. */
const many = 50;
const everyNth = 20;

/** What is known of each stream's records, as last read from the database; spares asking it for every page. */
export type KnownShapes = Map<string, ReadonlySet<string>>;

export interface Learning {
  readonly shop: string;
  readonly stream: string;
  /** Local milliseconds. */
  readonly now: number;
  /** Statuses as `status=…` and paths of fields that are no news. */
  readonly documented?: ReadonlySet<string> | undefined;
  readonly memory: KnownShapes;
}

/**
 * Learns what records look like, and tells what has changed since the first copy was whole: statuses and fields that
 * nobody has documented or seen, and fields that hold another kind of value. Nothing of it stops a sync.
 * @param look `status=…` and `path:kind` of a record.
 * @returns what is new, in words, each once for ever.
 */
export async function learnShapes<R>(
  db: Db,
  { shop, stream, now, documented = new Set(), memory }: Learning,
  records: readonly R[],
  look: (record: R) => readonly string[],
): Promise<readonly string[]> {
  const seen = new Set<string>();
  const looked = records.length < many ? records : records.filter((_, i) => i % everyNth === 0);
  for (const record of looked) for (const shape of look(record)) seen.add(shape);
  const remembered = memory.get(`${shop} ${stream}`);
  if (remembered !== undefined && [...seen].every((shape) => remembered.has(shape))) return [];
  const isWhole =
    (await db
      .selectFrom('sync_metadata')
      .select('sync_type')
      .where('shop_id', '=', shop)
      .where('sync_type', '=', stream)
      .executeTakeFirst()) !== undefined;
  const rows = await db
    .selectFrom('shapes')
    .select('shape')
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .execute();
  const known = new Set(rows.map((row) => row.shape));
  // What is added below may still be rolled back: it is remembered when it is read again.
  memory.set(`${shop} ${stream}`, known);
  const fresh = [...seen].filter((shape) => !known.has(shape)).slice(0, mostShapes - known.size);
  if (fresh.length === 0) return [];
  await db
    .insertInto('shapes')
    .values(fresh.map((shape) => ({ shop_id: shop, stream, shape, first_seen_at: toDatetime(now) })))
    .execute();
  if (!isWhole) return [];
  const paths = new Set([...known].map(pathOf));
  return fresh.flatMap((shape) => {
    const path = pathOf(shape);
    if (shape.startsWith('status=')) return documented.has(shape) ? [] : [`new status ${shape.slice(7)}`];
    if (paths.has(path)) return [`${path} became ${shape.slice(path.length + 1)}`];
    return documented.has(path) ? [] : [`new field ${path}`];
  });
}

const pathOf = (shape: string): string => shape.replace(/:[a-z]+$/, '');
