import { expect, test } from 'vitest';
import { z } from 'zod';

import { Workshop, differences, start } from './workshop.ts';

const searched = z.looseObject({ page_size: z.string(), page_token: z.string().optional() });
/** Seconds that a page token lives. */
const tokenLife = 30;

/** A first sync that is killed with that many answers on their way, and goes on a minute later; or is not killed at all. */
async function sync(place: (w: Workshop) => void, killAt: number): Promise<{ pages: number; tokens: number }> {
  await using w = await Workshop.open({ pageSize: 50, tokens: 'offset' });
  place(w);
  const known = new Map<string, number>();
  const asked = { pages: 0, tokens: 0, expired: 0 };
  const watch = () =>
    w.api.set({
      before: (_, { query }) => {
        const { page_size: size, page_token: token } = searched.parse(query);
        if (size !== '1') asked.pages += 1;
        if (token === undefined) return;
        asked.tokens += 1;
        if (w.clock.now - (known.get(token) ?? 0) > tokenLife) asked.expired += 1;
      },
      bend: (data) => {
        known.set(String(data['next_page_token']), w.clock.now);
        return data;
      },
    });
  watch();
  if (killAt > 0) {
    w.api.set({ after: (n) => (n === killAt ? new Promise(() => undefined) : undefined) });
    await w.sync.request({ what: 'sync' }, 'start');
    await expect.poll(() => w.api.requests.length).toBe(killAt);
    await w.restart();
    w.clock.advance(2 * tokenLife);
    watch();
  }
  expect(await w.run()).toMatchObject({ kind: 'full', state: 'succeeded' });
  expect(await differences(w)).toEqual([]);
  expect(asked.expired).toBe(0);
  return asked;
}

const spread = (w: Workshop) => {
  for (let i = 0; i < 1000; i++) w.shop.place(start - 90_000 + i * 50);
};

test.each([5, 11, 20])(
  'T27: killed at request %i and away for longer than a page token lives: one page is read again',
  async (killAt) => {
    const clean = await sync(spread, 0);
    const killed = await sync(spread, killAt);
    expect([clean.tokens, killed.tokens]).toEqual([0, 0]);
    // The strip is read by every run; beside it, the page that was on its way.
    expect(killed.pages - clean.pages).toBeLessThanOrEqual(1 + 1);
  },
);

/** A second whose 300 orders tie in both times: the one place where tokens are used. */
const tied = (w: Workshop) => {
  for (let i = 0; i < 300; i++) w.shop.place(start - 5000, { createTime: start - 6000 });
};

test('T27: killed among the tokens of one second: it is begun anew, and no token of before is sent', async () => {
  const clean = await sync(tied, 0);
  expect(clean.tokens).toBeGreaterThan(4);
  const killed = await sync(tied, 9);
  expect(killed.tokens).toBeGreaterThan(clean.tokens);
  expect(killed.pages - clean.pages).toBeLessThanOrEqual(9);
});
