import { expect, test } from 'vitest';

import { EngineWorld } from './engine-world.ts';
import { start } from './workshop.ts';

const shop = '7491';

async function world(orders: number): Promise<EngineWorld> {
  const w = await EngineWorld.open([shop, '7492']);
  for (let i = 0; i < orders; i++) w.model(shop).place(start - 300_000 + i * 1000);
  return w;
}

test('closing stops runs under way as interrupted, and no request follows', async () => {
  await using w = await world(200);
  const hold = Promise.withResolvers<void>();
  w.api(shop).set({ after: (n) => (n === 6 ? hold.promise : undefined) });
  await w.engine.start();
  await expect.poll(() => w.api(shop).requests.length).toBe(6);
  const closing = w.engine.close();
  hold.resolve();
  await closing;
  expect(await w.store.history({ shop, limit: 5 })).toMatchObject([{ state: 'interrupted', requests: 6 }]);
  const requests = w.api(shop).requests.length;
  w.clock.advance(100_000);
  for (const { sync } of w.engine.units) sync.tick();
  await new Promise((resolve) => setImmediate(resolve));
  expect(w.api(shop).requests).toHaveLength(requests);
  expect(await w.store.history({ state: 'running', limit: 5 })).toEqual([]);
  expect(w.logged.filter((line) => line.includes('"level":50'))).toEqual([]);
});

test.each([
  ['while the shops are read', 0],
  ['as soon as the first shop is known', 1],
])('closing %s starts nothing', async (_, units) => {
  await using w = await world(20);
  const hold = Promise.withResolvers<void>();
  if (units === 0) w.gate = () => hold.promise;
  const starting = w.engine.start();
  await expect.poll(() => w.shopsRead).toBe(1);
  while (w.engine.units.length < units) await Promise.resolve();
  const closing = w.engine.close();
  hold.resolve();
  await Promise.all([closing, starting]);
  const requests = ['7491', '7492'].map((id) => w.api(id).requests.length);
  w.clock.advance(200_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(['7491', '7492'].map((id) => w.api(id).requests.length)).toEqual(requests);
  expect(await w.store.history({ state: 'running', limit: 5 })).toEqual([]);
  expect(w.shopsRead).toBe(1);
});

test('closing at any step of opening the shops starts nothing after it', async () => {
  for (let steps = 0; steps <= 120; steps += 6) {
    await using w = await world(20);
    const closed = Promise.withResolvers<void>();
    // Between the answer and the first run lie only promises, so that counting them finds every moment.
    const closeLater = async () => {
      for (let i = 0; i < steps; i++) await Promise.resolve();
      await w.engine.close();
      closed.resolve();
    };
    w.gate = () => void closeLater();
    await w.engine.start();
    await closed.promise;
    const requests = w.api(shop).requests.length;
    await new Promise((resolve) => setImmediate(resolve));
    const at = `closed ${steps} steps after the answer`;
    expect(w.api(shop).requests.length, at).toBe(requests);
    expect(await w.store.history({ state: 'running', limit: 5 }), at).toEqual([]);
    expect(w.clock.pending, at).toBe(0);
  }
});

test('closing before the start has come to the shops starts nothing', async () => {
  await using w = await world(20);
  const starting = w.engine.start();
  await w.engine.close();
  await starting;
  w.clock.advance(200_000);
  expect(w.engine.units.flatMap(({ sync }) => sync.activeRuns)).toEqual([]);
  expect(await w.store.history({ limit: 5 })).toEqual([]);
});

test('what is asked of a closed engine is refused as shutting_down', async () => {
  await using w = await world(20);
  await w.engine.close();
  await expect(w.engine.request({ what: 'sync' }, {}, 'manual')).rejects.toMatchObject({ code: 'shutting_down' });
  await expect(w.engine.estimate({}, undefined)).rejects.toMatchObject({ code: 'shutting_down' });
});

test('a request that waits for the shops while the engine is closed is refused as shutting_down', async () => {
  await using w = await world(20);
  const hold = Promise.withResolvers<void>();
  w.gate = () => hold.promise;
  const asked = w.engine.request({ what: 'sync' }, {}, 'manual');
  const refused = expect(asked).rejects.toMatchObject({ code: 'shutting_down' });
  await expect.poll(() => w.shopsRead).toBe(1);
  const closing = w.engine.close();
  hold.resolve();
  await Promise.all([closing, refused]);
});
