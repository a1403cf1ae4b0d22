import { sql } from 'kysely';

import { Workshop, start } from './workshop.ts';

/** Where the clocks of New York change, unix seconds: March and November 2025, March 2026. */
const changes = [1_741_503_600, 1_762_063_200, 1_772_953_200];

/**
 * A first sync, an incremental run and a full resync of orders placed and changed around changes of the clock, some with
 * times in milliseconds beside the axis. @returns every table,
 * one row a line, with the runs numbered: a part of their ids is random.
 */
export async function dumpAfterSync(): Promise<string> {
  await using w = await Workshop.open({
    since: start - 700 * 86_400,
    bend: (data) => ({
      ...data,
      orders: (data['orders'] as Record<string, unknown>[]).map((order) => ({
        ...order,
        schedule_sale_time: Number(order['update_time']) * 1000 + 123,
        rts_sla_time: Number(order['update_time']) + 86_400,
      })),
    }),
  });
  for (const change of changes) for (let i = -8; i < 8; i++) w.shop.place(change + i * 900);
  await w.run();
  w.clock.advance(900);
  w.shop.change('5700000003', w.clock.now - 100, { status: 'COMPLETED' });
  await w.run();
  await (
    await w.sync.request({ what: 'resync' }, 'manual')
  ).ended;
  const runIds = [...new Set(w.runs.map(({ runId }) => runId))];
  const numbered = (text: string) => runIds.reduce((changed, id, n) => changed.replaceAll(id, `run ${n}`), text);
  // Awaited here: the store is closed when the function ends.
  return await w.store.query(async (db) => {
    const all = sql<{ name: string }>`select name from sqlite_master where type = 'table'`;
    const lines: string[] = [];
    for (const { name } of (await all.execute(db)).rows) {
      // The migrations have run at a moment of the real clock.
      if (name === 'shopsync_migrations') continue;
      const { rows } = await sql`select * from ${sql.table(name)}`.execute(db);
      for (const row of rows) lines.push(`${name} ${numbered(JSON.stringify(row))}\n`);
    }
    return lines.toSorted().join('');
  });
}
