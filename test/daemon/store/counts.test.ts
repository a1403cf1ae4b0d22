import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { MikroORM } from '@mikro-orm/sqlite';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { createDialect } from '../../../daemon/store/dialect.ts';
import { streamCounts } from '../../../daemon/store/pending.ts';
import { Store } from '../../../daemon/store/store.ts';
import config from '../../../mikro-orm.config.ts';
import { Room, shop } from './room.ts';

/** For each table: its stream, and by what its rows are counted. */
const tables = [
  {
    table: 'orders',
    stream: 'orders',
    key: 'id',
    status: 'status',
    counted: 'status',
    values: ["'NEW'", "'DONE'"],
    more: { create_time: 1, update_time: 1, item_count: 0, personal: 0 },
  },
  {
    table: 'products',
    stream: 'products',
    key: 'id',
    status: 'status',
    counted: "coalesce(status, 'UNLISTED')",
    values: ["'ACTIVATE'", 'null', "'UNLISTED'"],
    more: { create_time: 1, update_time: 1, sku_count: 0 },
  },
  {
    table: 'shop_performance',
    stream: 'analytics',
    key: 'date',
    status: 'final',
    counted: "case final when 1 then 'FINAL' else 'PROVISIONAL' end",
    values: ['0', '1'],
    more: { day_time: 1 },
  },
  {
    table: 'returns',
    stream: 'returns',
    key: 'id',
    status: 'status',
    counted: 'status',
    values: ["'PENDING'", "'COMPLETE'"],
    more: { create_time: 1, update_time: 1 },
  },
  {
    table: 'cancellations',
    stream: 'cancellations',
    key: 'id',
    status: 'status',
    counted: 'status',
    values: ["'PENDING'", "'COMPLETE'"],
    more: { create_time: 1, update_time: 1 },
  },
  {
    table: 'statements',
    stream: 'statements',
    key: 'id',
    status: 'payment_status',
    counted: "coalesce(payment_status, 'UNKNOWN')",
    values: ["'PAID'", 'null'],
    more: { statement_time: 1 },
  },
] as const;

const provenance = { first_seen_at: "'2026-01-01'", changed_at: "'2026-01-01'", run_id: "'r'", asked: 1, hash: "''" };
const id = fc.constantFrom('a', 'b', 'c');
const place = fc.constantFrom(shop, 'other');

test.each(tables)('record_counts is what a scan of $table would count, whoever writes', async (about) => {
  const { table, stream, key, status, counted, values, more } = about;
  await using room = await Room.open();
  const columns = Object.entries<string | number>({ ...more, ...provenance });
  const value = fc.constantFrom<string>(...values);
  const insertion = fc.tuple(place, id, value).map(
    ([where, one, now]) =>
      `insert into ${table} (shop_id, ${key}, ${status}, ${columns.map(([name]) => name).join(', ')})
         values ('${where}', '${one}', ${now}, ${columns.map(([, given]) => given).join(', ')})
         on conflict (shop_id, ${key}) do update set ${status} = excluded.${status}`,
  );
  const statement = fc.oneof(
    { weight: 6, arbitrary: insertion },
    id.map((one) => `delete from ${table} where ${key} = '${one}'`),
    value.map((now) => `update ${table} set ${status} = ${now}, asked = asked + 1`),
    fc.tuple(id, place).map(
      ([one, where]) =>
        `update ${table} set shop_id = '${where}' where ${key} = '${one}' and not exists
         (select 1 from ${table} other where other.${key} = '${one}' and other.shop_id = '${where}')`,
    ),
    fc.constant(`delete from ${table}`),
  );
  let most = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 10 }), async (statements) => {
      for (const one of statements) await room.sql(one);
      const scanned = await room.rows(
        `select shop_id, ${counted} as status, count(*) as count from ${table} group by 1, 2 order by 1, 2`,
      );
      most = Math.max(most, scanned.length);
      expect(
        await room.rows(`select shop_id, status, count from record_counts
          where stream = '${stream}' and count <> 0 order by 1, 2`),
      ).toEqual(scanned);
    }),
    { numRuns: 40, seed: 20_261_122 },
  );
  expect(most).toBeGreaterThan(2);
  expect(await room.rows(`select * from record_counts where stream <> '${stream}'`)).toEqual([]);
});

test('a database of the time when only orders were counted keeps its counts, and goes on counting', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'counts-'));
  try {
    const path = join(folder, 'shopsync.db');
    const orm = await MikroORM.init({
      ...config,
      dbName: path,
      driverOptions: createDialect(path),
      logger: () => undefined,
    });
    await orm.migrator.up({ to: 'Migration20261122000004' });
    const add = (one: string, where: string, status: string) =>
      `insert into orders (shop_id, id, status, create_time, update_time, item_count, personal, ${Object.keys(provenance).join(', ')})
       values ('${where}', '${one}', '${status}', 1, 1, 0, 0, ${Object.values(provenance).join(', ')})`;
    const old = orm.em.fork().getKysely();
    for (const text of [add('a', shop, 'NEW'), add('b', shop, 'NEW'), add('c', shop, 'DONE'), add('a', 'other', 'NEW')])
      await sql.raw(text).execute(old);
    await orm.close(true);

    const store = await Store.open({ path, keepPayload: true, now: () => 0 });
    const counts = (where: string) => store.query(streamCounts, where, 'orders');
    expect(await counts(shop)).toMatchObject({ total: 3, byStatus: { NEW: 2, DONE: 1 } });
    expect(await counts('other')).toMatchObject({ total: 1, byStatus: { NEW: 1 } });
    for (const text of [
      add('d', shop, 'DONE'),
      `update orders set status = 'DONE' where id = 'a'`,
      `delete from orders where id = 'b'`,
    ])
      await store.change((db) => sql.raw(text).execute(db));
    expect(await counts(shop)).toMatchObject({ total: 3, byStatus: { DONE: 3 } });
    expect(await counts('other')).toMatchObject({ total: 1, byStatus: { DONE: 1 } });
    await store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
