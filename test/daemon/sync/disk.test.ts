import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { Workshop, differences, start } from './workshop.ts';

const limit = (w: Workshop, pages: number) =>
  w.store.change(async (db) => {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
    await sql.raw(`pragma max_page_count = ${(rows[0]?.page_count ?? 0) + pages}`).execute(db);
  });

test('T15, rule 1: a database that may not grow fails its run with the cure, loses nothing, and goes on when it may', async () => {
  await using w = await Workshop.open({ pageSize: 10 });
  for (let i = 0; i < 3000; i++) w.shop.place(start - 900_000 + i * 100, { status: 'PAID' });
  await limit(w, 12);
  const full = await w.run();
  expect(full).toMatchObject({
    state: 'failed',
    error: { code: 'store', message: expect.stringContaining('full'), hint: expect.any(String) },
  });
  expect(full.error?.hint).toMatch(/space/);
  expect(full.inserted).toBeGreaterThan(0);
  const stored = (await w.dump('orders')).length;
  expect(stored).toBe(full.inserted);
  expect(
    await w.store.query(
      async (db) => (await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db)).rows,
    ),
  ).toEqual([{ integrity_check: 'ok' }]);

  await limit(w, 1_000_000);
  const before = w.api.requests.length;
  expect(await w.run()).toMatchObject({ state: 'succeeded', inserted: 3000 - stored });
  expect(w.api.requests.length - before).toBeLessThan(((3000 - stored) / 10) * 1.2);
  expect(await differences(w)).toEqual([]);
});
