import { sql } from 'kysely';

import type { Db } from './database.ts';
import { cutCoverage } from './state.ts';
import { toDatetime } from './time.ts';

/** An overlap never widens beyond a day. */
export const mostOverlap = 86_400;

/** A clock that is a little off is no news; an update time this far ahead of the server's now is, in seconds. */
const aheadSeconds = 60;

export interface Watched {
  readonly shop: string;
  readonly stream: string;
  /** `update_time` of each version that was stored for the first time. */
  readonly arrivals: readonly number[];
  readonly regressions: number;
  /** Records whose content changed and whose `update_time` did not. */
  readonly silentEdits: number;
  /** Records whose personal fields came back blank, and were kept. */
  readonly blanked: number;
  /** Server time at which they were asked, unix seconds. */
  readonly sentAt: number;
  /** In force, seconds. */
  readonly overlap: number;
  /** Read as the strip of a live run: only there a late arrival says something about the overlap. */
  readonly live: boolean;
  /** What the reader found odd, by name. */
  readonly odd: Readonly<Record<string, number>>;
  /** Local milliseconds. */
  readonly now: number;
}

/**
 * Rule 14: the assumptions on which everything rests are watched in the transaction of the page that shows them. A row
 * first seen in the strip below the watermark is a late arrival; when half of the overlap was used, the overlap widens,
 * and as much is taken out of coverage. New rows elsewhere in coverage are drift and widen nothing.
 * @returns the overlap in force, in seconds, where it is wider than the one that was read with; else null.
 */
export async function watch(db: Db, watched: Watched): Promise<number | null> {
  const { shop, stream, arrivals, live } = watched;
  const odd: Record<string, number> = { ...watched.odd };
  const count = (what: string, times: number): void => {
    if (times > 0) odd[what] = (odd[what] ?? 0) + times;
  };
  count('regression', watched.regressions);
  count('silent edit', watched.silentEdits);
  count('personal fields came back blank', watched.blanked);
  count('future update time', arrivals.filter((time) => time > watched.sentAt + aheadSeconds).length);

  const state = await db
    .selectFrom('stream_state')
    .select(['watermark', 'live_start', 'overlap'])
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .executeTakeFirst();
  // A run beside this one may have widened it since this one began.
  const overlap = Math.max(watched.overlap, state?.overlap ?? 0);
  let widened = overlap > watched.overlap ? overlap : null;
  const watermark = state?.watermark ?? null;
  if (state !== undefined && watermark !== null && arrivals.length > 0) {
    const old = arrivals.filter((time) => time < watermark);
    const late = live ? old.filter((time) => time >= watermark - overlap) : [];
    for (const time of late) await countLateness(db, shop, stream, watermark - time);
    count('late arrival', late.length);
    count('drift', await drifted(db, shop, stream, live ? old.filter((t) => t < watermark - overlap) : old));
    const used = Math.max(0, ...late.map((time) => watermark - time));
    if (used * 2 >= overlap && overlap < mostOverlap) {
      widened = Math.min(mostOverlap, Math.max(used * 2, overlap + 1));
      await widen(db, shop, stream, widened, watermark - widened, state.live_start);
    }
  }
  await countOdd(db, watched, odd);
  return widened;
}

/** Of these times, how many lie in what is covered: their records should have been there already. */
async function drifted(db: Db, shop: string, stream: string, times: readonly number[]): Promise<number> {
  if (times.length === 0) return 0;
  const spans = await db
    .selectFrom('coverage')
    .select(['from_time', 'to_time'])
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .execute();
  return times.filter((time) => spans.some((span) => span.from_time <= time && time < span.to_time)).length;
}

/** Late by so much: counted under the next power of two, in seconds. */
async function countLateness(db: Db, shop: string, stream: string, lateSeconds: number): Promise<void> {
  await db
    .insertInto('lateness')
    .values({ shop_id: shop, stream, up_to_seconds: 2 ** Math.ceil(Math.log2(Math.max(1, lateSeconds))), count: 1 })
    .onConflict((conflict) =>
      conflict.columns(['shop_id', 'stream', 'up_to_seconds']).doUpdateSet({ count: sql<number>`lateness.count + 1` }),
    )
    .execute();
}

/** The watermark stays; what lies above `cut` is read again by the next live run, which begins there. */
async function widen(
  db: Db,
  shop: string,
  stream: string,
  overlap: number,
  cut: number,
  liveStart: number,
): Promise<void> {
  await db
    .updateTable('stream_state')
    .set({ overlap, live_start: Math.min(liveStart, cut) })
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .execute();
  await cutCoverage(db, shop, stream, cut);
}

export async function countOdd(
  db: Db,
  { shop, stream, now }: Pick<Watched, 'shop' | 'stream' | 'now'>,
  odd: Readonly<Record<string, number>>,
): Promise<void> {
  for (const [what, times] of Object.entries(odd))
    await db
      .insertInto('oddities')
      .values({ shop_id: shop, stream, what, count: times, last_seen_at: toDatetime(now) })
      .onConflict((conflict) =>
        conflict.columns(['shop_id', 'stream', 'what']).doUpdateSet((eb) => ({
          count: sql<number>`oddities.count + ${eb.ref('excluded.count')}`,
          last_seen_at: eb.ref('excluded.last_seen_at'),
        })),
      )
      .execute();
}

/** What was odd so far, for `status`. */
export async function oddities(db: Db, shop: string, stream: string): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('oddities')
    .select(['what', 'count'])
    .where('shop_id', '=', shop)
    .where('stream', '=', stream)
    .orderBy('what')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.what, row.count]));
}
