import { expect, test } from 'vitest';

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
