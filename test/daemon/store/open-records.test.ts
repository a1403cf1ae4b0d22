import { type KyselyPlugin, RawNode } from 'kysely';
import { expect, test } from 'vitest';

import { countOpen, openRecords } from '../../../daemon/store/open-records.ts';
import { orderTable } from '../../../daemon/store/orders.ts';
import { productTable } from '../../../daemon/store/products.ts';
import { Room, shop } from './room.ts';
import { day, order } from './wire.ts';

const closed = ['COMPLETED', 'CANCELLED'];

/** Orders by id, each with its status and its time of creation behind `day`. */
async function stored(...orders: readonly (readonly [id: string, status: string, created: number])[]): Promise<Room> {
  const room = await Room.open();
  const { runId } = await room.begin();
  const records = orders.map(([id, status, created]) => order(id, { status, create_time: day + created }));
  await room.page({ runId, records });
  return room;
}

test('open records are those that are not closed, from their first second on and before their last', async () => {
  await using room = await stored(
    ['a', 'UNPAID', -1],
    ['b', 'UNPAID', 0],
    ['c', 'COMPLETED', 1],
    ['d', 'IN_TRANSIT', 2],
    ['e', 'CANCELLED', 3],
    ['f', 'UNHEARD_OF', 4],
  );
  const ids = async (open: { createdFrom: number; createdTo?: number; closed: readonly string[] }) => {
    const found = await room.store.query(openRecords, orderTable, { shop, ...open, limit: 10 });
    expect(await room.store.query(countOpen, orderTable, { shop, ...open })).toBe(found.length);
    return found.map(({ id }) => id).join('');
  };
  expect(await ids({ createdFrom: day, closed })).toBe('bdf');
  expect(await ids({ createdFrom: day, createdTo: day + 4, closed })).toBe('bd');
  expect(await ids({ createdFrom: day - 1, closed: [] })).toBe('abcdef');
  expect(await room.store.query(countOpen, orderTable, { shop: '1', createdFrom: 0, closed })).toBe(0);
});

test('they come oldest first, by pages, those of one second by their ids, and each once', async () => {
  await using room = await stored(['e', 'UNPAID', 5], ['c', 'UNPAID', 9], ['b', 'UNPAID', 9], ['d', 'UNPAID', 9]);
  const open = { shop, createdFrom: day, closed, limit: 2 };
  const first = await room.store.query(openRecords, orderTable, open);
  expect(first).toEqual([
    { id: 'e', created: day + 5 },
    { id: 'b', created: day + 9 },
  ]);
  const rest = await room.store.query(openRecords, orderTable, { ...open, after: first[1] });
  expect(rest.map(({ id }) => id)).toEqual(['c', 'd']);
  expect(await room.store.query(openRecords, orderTable, { ...open, after: rest[1] })).toEqual([]);
});

/** Makes of a question how SQLite would answer it. */
const explaining: KyselyPlugin = {
  transformQuery: ({ node }) => {
    if (!RawNode.is(node)) throw new Error(`not written as SQL: ${node.kind}`);
    const [first, ...rest] = node.sqlFragments;
    return { ...node, sqlFragments: [`explain query plan ${first}`, ...rest] };
  },
  transformResult: async ({ result }) => result,
};

test('they are found by the index over the time of creation, in its order', async () => {
  await using room = await stored(['a', 'UNPAID', 0]);
  const after = { created: day, id: 'a' };
  const plan = await room.store.query((db) =>
    openRecords(db.withPlugin(explaining), orderTable, { shop, createdFrom: day, closed, after, limit: 500 }),
  );
  expect(JSON.stringify(plan)).toMatch(/SEARCH orders USING INDEX \w+ \(shop_id=\? AND /);
  expect(JSON.stringify(plan)).not.toContain('TEMP B-TREE FOR ORDER BY');
});

test('a table without a time of creation has none to tell', async () => {
  await using room = await Room.open();
  const { created: _, ...columns } = productTable.columns;
  const table = { ...productTable, columns };
  await expect(room.store.query(countOpen, table, { shop, createdFrom: 0, closed })).rejects.toThrow(
    'products have no time of creation',
  );
});
