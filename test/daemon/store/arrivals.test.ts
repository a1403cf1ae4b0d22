import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from 'kysely';
import { expect, test } from 'vitest';

import { arrivals, arrivedSince } from '../../../daemon/store/arrivals.ts';
import type { Db } from '../../../daemon/store/database.ts';
import { Room, shop } from './room.ts';

const hour = 3600;
/** An hour begins then, unix seconds. */
const start = 496_000 * hour;

/** Orders created at those moments. */
const add = (room: Room, where: string, times: readonly number[]) =>
  room.sql(`insert into orders (shop_id, id, status, create_time, update_time, item_count, personal,
    first_seen_at, changed_at, run_id, asked, hash)
    values ${times.map((time) => `('${where}', '${where} ${time}', 'NEW', ${time}, ${time}, 0, 0, '', '', 'r', 1, '')`).join(', ')}`);

test('orders are counted by the hour of their creation, those of one shop', async () => {
  await using room = await Room.open();
  await add(room, shop, [
    start - hour - 1,
    start - 1,
    start,
    start + 1,
    start + hour - 1,
    start + hour,
    start + 30 * hour,
  ]);
  await add(room, 'other', [start - 100 * hour, start + 5]);

  const known = await room.store.query(arrivals, shop, start);
  expect([...known.perHour]).toEqual([
    [496_000, 3],
    [496_001, 1],
    [496_030, 1],
  ]);
  expect(known.oldest).toBe(start - hour - 1);
  expect(await room.store.query(arrivedSince, shop, start)).toBe(5);
  expect(await room.store.query(arrivedSince, shop, start + 1)).toBe(4);
  expect(await room.store.query(arrivedSince, shop, start + 31 * hour)).toBe(0);
});

test('a shop without orders has no oldest one', async () => {
  await using room = await Room.open();
  await add(room, 'other', [start]);
  expect(await room.store.query(arrivals, shop, 0)).toEqual({ perHour: new Map(), oldest: null });
  expect(await room.store.query(arrivedSince, shop, 0)).toBe(0);
});

test('every question is answered by the index over the time of creation alone', async () => {
  await using room = await Room.open();
  await add(room, shop, [start]);
  const plans = await room.store.query(async (db) => {
    const asked: RootOperationNode[] = [];
    const listener: KyselyPlugin = {
      transformQuery: ({ node }) => {
        asked.push(node);
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const heard: Db = db.withPlugin(listener);
    await arrivals(heard, shop, start);
    await arrivedSince(heard, shop, start);
    const details: string[][] = [];
    for (const node of asked) {
      const { sql, parameters } = db.getExecutor().compileQuery(node, { queryId: 'explained' });
      const { rows } = await db.executeQuery<{ detail: string }>(
        CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]),
      );
      details.push(rows.map(({ detail }) => detail));
    }
    return details;
  });
  expect(plans).toHaveLength(3);
  const range = 'SEARCH orders USING COVERING INDEX orders_shop_create (shop_id=? AND create_time>?)';
  expect(plans[0]).toContain(range);
  expect(plans[1]).toEqual(['SEARCH orders USING COVERING INDEX orders_shop_create (shop_id=?)']);
  expect(plans[2]).toEqual([range]);
});
