import { expect, test } from 'vitest';

import { oddities } from '../../../daemon/store/watch.ts';
import { Workshop, differences, policy, start } from './workshop.ts';

const odd = (w: Workshop) => w.store.query(oddities, '7490', 'orders');
const state = async (w: Workshop) => w.store.state('7490', 'orders');

test('rule 14, T19: a late arrival is counted, and a small one widens nothing', async () => {
  await using w = await Workshop.open();
  await w.run();
  const late = w.shop.place(start - policy.settle - 40, { visibleAt: start + 50 });
  w.clock.advance(100);
  await w.run();
  expect(await differences(w), late).toEqual([]);
  expect(await odd(w)).toEqual({ 'late arrival': 1 });
  expect((await state(w))?.overlap).toBe(0);
  expect(await w.store.query((db) => db.selectFrom('lateness').select(['up_to_seconds', 'count']).execute())).toEqual([
    { up_to_seconds: 64, count: 1 },
  ]);
});

test('rule 14, T19: when half of the overlap was used it widens, takes that out of coverage, and then loses nothing', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 30; i++) w.shop.place(start - 20_000 + i * 100);
  await w.run();
  const { watermark = 0 } = (await state(w)) ?? {};
  // 200 of 300 seconds below the watermark: still seen. The other is beyond the overlap, and shows at the same time.
  w.shop.place((watermark ?? 0) - 200, { visibleAt: start + 50 });
  const beyond = w.shop.place((watermark ?? 0) - 390, { visibleAt: start + 50 });
  w.clock.advance(100);
  await w.run();
  expect(await odd(w)).toEqual({ 'late arrival': 1 });
  expect((await state(w))?.overlap).toBe(400);
  expect((await state(w))?.watermark).toBeGreaterThanOrEqual(watermark ?? 0);
  expect((await w.store.coverage('7490', 'orders')).at(-1)?.to).toBeLessThanOrEqual((watermark ?? 0) - 400);
  w.clock.advance(100);
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  expect(await differences(w), beyond).toEqual([]);
  // The second one was later still: the overlap widened once more, and the watermark waits for a whole run.
  expect((await state(w))?.overlap).toBe(780);
  w.clock.advance(100);
  await w.run();
  expect((await state(w))?.watermark).toBe(start + 300 - policy.settle);
  expect((await state(w))?.overlap).toBe(780);
});

test('rule 14: a new row elsewhere in coverage is drift and widens nothing', async () => {
  await using w = await Workshop.open();
  for (let i = 0; i < 10; i++) w.shop.place(start - 20_000 + i * 100);
  await w.run();
  w.shop.place(start - 15_000, { visibleAt: start + 1 });
  w.clock.advance(400);
  await (
    await w.sync.request({ what: 'resync' }, 'manual')
  ).ended;
  expect(await differences(w)).toEqual([]);
  expect(await odd(w)).toEqual({ drift: 1 });
  expect((await state(w))?.overlap).toBe(0);
});

test('rule 14, T18: update times in the future, unsorted pages and regressions are counted and shown', async () => {
  await using w = await Workshop.open({ sorting: 'ignored' });
  for (let i = 0; i < 40; i++) w.shop.place(start - 20_000 + i * 100);
  await w.run();
  expect((await odd(w))['unsorted page']).toBeGreaterThan(0);
  w.shop.place(start + 172_800, { visibleAt: start });
  await (
    await w.sync.request({ what: 'span', span: { from: start, to: start + 200_000 } }, 'manual')
  ).ended;
  expect(await odd(w)).toMatchObject({ 'future update time': 1 });
});

test('T18: an order stamped two days ahead holds nothing up, and is read again when its time has come', async () => {
  await using w = await Workshop.open();
  const ahead = w.shop.place(start + 172_800, { createTime: start - 100, visibleAt: start - 100 });
  for (let i = 0; i < 12; i++) w.shop.place(start - 5000 + i);
  await w.run();
  await w.reread(start, start + 200_000);
  expect(await odd(w)).toEqual({ 'future update time': 1 });
  for (let tick = 1; tick <= 4; tick++) {
    w.clock.advance(900);
    w.shop.place(w.clock.now - 10);
    expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded', inserted: 1 });
    expect(await w.watermark()).toBe(w.clock.now - policy.settle);
    expect(await differences(w)).toEqual([]);
  }
  // It becomes normal: stamped with a time that is behind what was stored of it.
  w.shop.change(ahead, w.clock.now + 5, { status: 'COMPLETED' });
  for (let tick = 0; tick < 2; tick++) {
    w.clock.advance(900);
    await w.run();
  }
  expect(await differences(w)).toEqual([]);
  expect((await odd(w))['regression']).toBe(1);
});
