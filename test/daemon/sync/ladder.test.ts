import { expect, test } from 'vitest';

import { listRungs } from '../../../daemon/store/rungs.ts';
import { updateState } from '../../../daemon/store/state.ts';
import { Workshop, differences, policy, start } from './workshop.ts';

const synced = async (): Promise<Workshop> => {
  const w = await Workshop.open();
  for (let i = 0; i < 25; i++) w.shop.place(start - 50_000 + i * 100);
  await w.run();
  w.clock.advance(900);
  return w;
};

test('rule 10: metadata in the future contradicts the store, and the run is full, once in seven days', async () => {
  await using w = await synced();
  const forge = () =>
    w.store.change((db) =>
      db.updateTable('sync_metadata').set({ last_sync_time: '2099-01-01 00:00:00.000' }).execute(),
    );
  await forge();
  expect(await w.run()).toMatchObject({ kind: 'full', trigger: 'fallback', state: 'succeeded', inserted: 0 });
  expect((await w.store.metadata('7490', 'orders'))?.lastSyncTime).toBe(
    new Date((start + 900 - policy.settle) * 1000).toISOString(),
  );
  w.clock.advance(900);
  await forge();
  expect(await w.run()).toMatchObject({ kind: 'incremental' });
  w.clock.advance(8 * 86_400);
  await forge();
  expect(await w.run()).toMatchObject({ kind: 'full', trigger: 'fallback' });
});

test('rule 10: metadata without rows brings the rows back by a full run', async () => {
  await using w = await synced();
  await w.store.change((db) => db.deleteFrom('orders').execute());
  expect(await w.run()).toMatchObject({ kind: 'full', trigger: 'fallback', inserted: 25 });
  expect(await differences(w)).toEqual([]);
});

test('rule 10: rows without metadata, and metadata deleted by hand, are read in full each time', async () => {
  await using w = await synced();
  for (let i = 0; i < 2; i++) {
    await w.store.change((db) => db.deleteFrom('sync_metadata').execute());
    expect(await w.run()).toMatchObject({ kind: 'full', trigger: 'manual', state: 'succeeded', inserted: 0 });
    expect(await w.store.metadata('7490', 'orders')).toBeDefined();
    w.clock.advance(900);
  }
});

test.each([
  ['a watermark', (w: Workshop) => w.store.change(updateState, '7490', 'orders', { watermark: start + 400_000 })],
  [
    'coverage',
    (w: Workshop) =>
      w.store.change((db) =>
        db
          .updateTable('coverage')
          .set({ to_time: start + 400_000 })
          .execute(),
      ),
  ],
])('rule 10, T16: %s in the future goes back a day, is no full run, and loses nothing', async (_name, forge) => {
  await using w = await synced();
  w.shop.place(start + 100);
  await forge(w);
  w.shop.place(start + 899);
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded', inserted: 2 });
  expect(await differences(w)).toEqual([]);
  expect((await w.store.state('7490', 'orders'))?.watermark).toBe(start + 900 - policy.settle);
});

test('rule 10: a state that is broken again goes back seven days, then everything is read, once in seven days', async () => {
  await using w = await synced();
  const forge = () => w.store.change(updateState, '7490', 'orders', { watermark: w.clock.now + 400_000 });
  const rungs = async () =>
    (await w.store.query(listRungs, '7490', 'orders')).map(({ rung, left }) => `${rung}${left ? '' : ' now'}`);
  const breakAndRun = async () => {
    w.clock.advance(900);
    await forge();
    return w.run();
  };
  expect(await breakAndRun()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  expect(await rungs()).toEqual(['back_24h']);
  expect(await breakAndRun()).toMatchObject({ kind: 'incremental', state: 'succeeded', unchanged: 25 });
  expect(await rungs()).toEqual(['back_7d', 'back_24h']);
  const full = await breakAndRun();
  expect(full).toMatchObject({ kind: 'full', trigger: 'fallback', state: 'succeeded', seen: 25 });
  expect((await rungs()).toSorted()).toEqual(['back_24h', 'back_7d', 'full']);
  expect(await breakAndRun()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  expect(await rungs()).toContain('full now');
  const shown = (await w.store.query(listRungs, '7490', 'orders')).find(({ rung }) => rung === 'full');
  expect(shown?.reason).toContain('shopsync full-resync');
  expect(await (await w.sync.request({ what: 'resync' }, 'manual')).ended).toMatchObject({ state: 'succeeded' });
  expect(await rungs()).not.toContain('full now');
  w.clock.advance(8 * 86_400);
  expect(await breakAndRun()).toMatchObject({ kind: 'incremental' });
  expect((await rungs())[0]).toBe('back_24h');
  expect(await differences(w)).toEqual([]);
});

test('rule 10: a local clock that is behind for years contradicts nothing: the state is not taken back for it', async () => {
  const at = { local: start };
  await using w = await Workshop.open({ serverNow: () => at.local, apiNow: () => w.clock.now });
  for (let i = 0; i < 25; i++) w.shop.place(start - 50_000 + i * 100);
  await w.run();
  const before = await w.coverage();
  w.clock.advance(900);
  at.local = 1_000;
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded', requests: 0 });
  expect(await w.coverage()).toEqual(before);
  at.local = w.clock.now;
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
});
