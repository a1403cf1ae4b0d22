import { expect, test, vi } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { orders } from '../../../daemon/streams/orders.ts';
import { Stopped } from '../../../daemon/sync/failures.ts';
import { edit, inStep, recheck } from './recheck-world.ts';
import { differences, start } from './workshop.ts';

test('one that is cancelled keeps what it has read; one that is killed is closed, not taken up, and begins anew', async () => {
  const { w, ids } = await inStep(150);
  await using _ = w;
  for (const id of ids) edit(w, id, 'edited');
  const held = new Promise<void>(() => undefined);
  w.api.set({
    after: async (n) => {
      if (n === 2) void w.sync.stop(new Stopped('cancelled'));
    },
  });
  expect(await w.ask(recheck)).toMatchObject({ state: 'cancelled', updated: 50 });
  expect(await differences(w)).toHaveLength(100);
  w.api.set({ after: (n) => (n === 5 ? held : undefined) });
  await w.sync.request(recheck, 'schedule');
  await vi.waitUntil(() => w.shown.at(-1)?.done === 100);
  await w.restart();
  await w.sync.resume();
  await w.sync.stop(new Stopped('cancelled'));
  const history = await w.store.history({ kind: 'recheck', limit: 10 });
  expect(history.map(({ state }) => state)).toEqual(['interrupted', 'cancelled']);
  expect(await differences(w)).toHaveLength(50);
  expect(await w.ask(recheck)).toMatchObject({ state: 'succeeded', seen: 150, updated: 50 });
  expect(await differences(w)).toEqual([]);
});

test('one that somebody asked for and that fails is theirs to ask again, and what is new goes on', async () => {
  const { w } = await inStep(60);
  await using _ = w;
  const down = new AppError('transient', 'api', 'the API is down');
  w.api.set({ before: (n) => (n === 2 ? Promise.reject(down) : undefined) });
  const run = await w.ask(recheck);
  expect(run).toMatchObject({ state: 'failed', seen: 50, error: { kind: 'recheck', nextAttemptAt: null } });
  expect(w.clock.pending).toBe(0);
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
});

test('nothing is read where it is switched off, nor of a stream of which nothing is known to be closed', async () => {
  for (const options of [{ recheck: null }, { recheck: 0 }, { stream: { ...orders, closed: undefined } }]) {
    const { w } = await inStep(3, options);
    await using _ = w;
    // However young it is.
    w.shop.place(start + 800, { createTime: start + 3600 });
    await w.run();
    w.api.requests.length = 0;
    expect(await w.ask(recheck)).toMatchObject({ kind: 'recheck', state: 'succeeded', requests: 0, seen: 0 });
    expect(w.api.requests).toEqual([]);
  }
});
