import { expect, test } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { EngineWorld } from './engine-world.ts';
import { Workshop, start } from './workshop.ts';

const shop = '7491';
const refused = new AppError('token', 'not_authorized', 'the authorization is gone', { hint: 'shopsync auth url' });
const forbidden = new AppError('configuration', 'not_authorized', 'the scope is missing', { hint: 'Partner Center' });
const down = new AppError('transient', 'api', 'down');

const fails = (error: AppError) => () => {
  throw error;
};

test.each([
  ['a token', refused],
  ['a scope', forbidden],
])('rule 9: a stream that stopped for want of %s goes on as soon as somebody authorizes', async (_, error) => {
  await using w = await Workshop.open();
  for (let i = 0; i < 5; i++) w.shop.place(start - 9000 + i);
  w.api.set({ before: fails(error) });
  expect(await w.run()).toMatchObject({ state: 'failed', error: { code: 'not_authorized' } });
  expect(w.sync.isHeldBack).toBe(true);
  w.api.set({ before: () => undefined });
  w.sync.authorized();
  await expect.poll(() => w.runs.at(-1)?.state).toBe('succeeded');
  expect(w.runs.at(-1)).toMatchObject({ trigger: 'schedule', inserted: 5 });
  expect(w.sync.retryAt).toBeNull();
  const runs = w.runs.length;
  w.clock.advance(25 * 3600);
  w.sync.authorized();
  await new Promise((resolve) => setImmediate(resolve));
  expect(w.runs).toHaveLength(runs);
});

test('rule 9: a stream that waits for something else is not hurried by it', async () => {
  await using w = await Workshop.open();
  w.shop.place(start - 9000);
  w.api.set({ before: fails(down) });
  expect(await w.run()).toMatchObject({ state: 'failed' });
  const { retryAt } = w.sync;
  w.sync.authorized();
  await new Promise((resolve) => setImmediate(resolve));
  expect([w.runs.length, w.sync.retryAt]).toEqual([2, retryAt]);
  w.clock.advance(10);
  await expect.poll(() => w.runs.length).toBe(4);
});

test('a run that ends by what was refused before the consent, but after it, is tried again at once', async () => {
  await using w = await Workshop.open();
  w.shop.place(start - 9000);
  const answer = Promise.withResolvers<void>();
  w.api.set({ before: () => answer.promise });
  const { ended } = await w.sync.request({ what: 'sync' }, 'manual');
  await expect.poll(() => w.api.requests.length).toBe(1);
  w.sync.authorized();
  w.api.set({ before: () => undefined });
  answer.reject(refused);
  expect(await ended).toMatchObject({ state: 'failed' });
  await expect.poll(() => w.runs.at(-1)?.state).toBe('succeeded');
});

test('shops that could not be read for want of a token are read, and begin, as soon as somebody authorizes', async () => {
  await using w = await EngineWorld.open([shop, '7492']);
  for (let i = 0; i < 5; i++) w.model(shop).place(start - 9000 + i);
  w.gate = fails(refused);
  await w.engine.start();
  expect(w.engine.problem).toMatchObject({ code: 'not_authorized' });
  expect(w.engine.units).toEqual([]);
  w.gate = () => undefined;
  await w.engine.authorized();
  expect(w.engine.problem).toBeNull();
  expect(w.engine.units.map((unit) => unit.shop.id)).toEqual([shop, '7492']);
  expect(await w.settled(shop)).toMatchObject({ state: 'succeeded', inserted: 5 });
  // The attempt that was planned for the refusal is not made any more.
  const { shopsRead } = w;
  w.clock.advance(2 * 3600);
  expect(w.shopsRead).toBe(shopsRead);
});

test('a reading of the shops that is under way with the tokens of before does not stand for the one after', async () => {
  await using w = await EngineWorld.open([shop]);
  const answer = Promise.withResolvers<void>();
  w.gate = () => answer.promise;
  const starting = w.engine.start();
  await expect.poll(() => w.shopsRead).toBe(1);
  const authorized = w.engine.authorized();
  w.gate = () => undefined;
  answer.reject(refused);
  await Promise.all([starting, authorized]);
  expect([w.shopsRead, w.engine.problem, w.engine.units.length]).toEqual([2, null, 1]);
});

test('what still fails then is shown, and streams of shops that are known are tried all the same', async () => {
  await using w = await EngineWorld.open([shop]);
  w.model(shop).place(start - 9000);
  w.api(shop).set({ before: fails(refused) });
  await w.engine.start();
  expect(await w.settled(shop)).toMatchObject({ state: 'failed' });
  w.api(shop).set({ before: () => undefined });
  w.gate = fails(down);
  await w.engine.authorized();
  expect(w.engine.problem).toMatchObject({ code: 'api' });
  await expect.poll(() => w.runs.at(-1)?.state).toBe('succeeded');
});

test('during a pause nothing starts by it', async () => {
  await using w = await EngineWorld.open([shop]);
  w.model(shop).place(start - 9000);
  w.api(shop).set({ before: fails(refused) });
  await w.engine.start();
  expect(await w.settled(shop)).toMatchObject({ state: 'failed' });
  w.pause = { since: '2026-11-22T10:00:00Z' };
  w.api(shop).set({ before: () => undefined });
  const { length } = w.runs;
  await w.engine.authorized();
  await new Promise((resolve) => setImmediate(resolve));
  expect(w.runs).toHaveLength(length);
  w.pause = { since: null };
  w.engine.catchUp();
  await expect.poll(() => w.runs.at(-1)?.state).toBe('succeeded');
});
