import { expect, test } from 'vitest';

import { EngineWorld } from './engine-world.ts';
import { ModelShop } from './model-shop.ts';
import { Workshop, differences, start } from './workshop.ts';

const day = 86_400;

test('rule 15, T46: an earlier sync.since reads only the difference, a later one reads nothing', async () => {
  await using w = await Workshop.open({ since: start - 100 * day });
  for (let i = 0; i < 60; i++) w.shop.place(start - 90 * day + i * day);
  for (let i = 0; i < 20; i++) w.shop.place(start - 300 * day + i * day);
  expect(await w.run()).toMatchObject({ kind: 'full', inserted: 60 });
  w.clock.advance(900);

  await w.restart({ since: start - 400 * day });
  const asked = w.api.requests.length;
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded', inserted: 20, updated: 0 });
  expect(await differences(w)).toEqual([]);
  const spans = w.api.requests
    .slice(asked)
    .map(({ body }) => body as { update_time_ge: number; update_time_lt: number });
  // The strip, and nothing else of what was covered.
  expect(spans.filter((s) => s.update_time_lt > start - 100 * day).every((s) => s.update_time_ge >= start - 1000)).toBe(
    true,
  );

  await w.restart({ since: start - 50 * day });
  w.clock.advance(900);
  expect(await w.run()).toMatchObject({ kind: 'incremental', requests: 1 });
});

test('rule 15, T46: another shop id has a state of its own; the known shop reads only what is new', async () => {
  const [a, b] = ['7491', '7492'] as const;
  await using w = await EngineWorld.open([a]);
  for (let i = 0; i < 30; i++) w.model(a).place(start - 50_000 + i * 100);
  await w.engine.start();
  await w.settled(a);
  await w.engine.close();

  w.clock.advance(900);
  w.models.set(b, new ModelShop());
  for (let i = 0; i < 30; i++) w.model(b).place(start - 50_000 + i * 100);
  await w.restart();
  await w.engine.start();
  expect(await w.settled(a)).toMatchObject({ kind: 'incremental', state: 'succeeded', requests: 1, seen: 0 });
  expect(await w.settled(b)).toMatchObject({ kind: 'full', state: 'succeeded', inserted: 30 });
  // The two shops have given their orders the same ids.
  const rows = await w.store.query((db) => db.selectFrom('orders').select(['shop_id', 'id']).execute());
  expect(new Set(rows.map((row) => row.shop_id))).toEqual(new Set([a, b]));
  expect(rows).toHaveLength(60);
});
