import { expect, test } from 'vitest';
import { z } from 'zod';

import type { AppError } from '../../../daemon/errors.ts';
import { gaps } from '../../../daemon/spans.ts';
import { oddities } from '../../../daemon/store/watch.ts';
import { ApiError } from '../../../daemon/tiktok/api-error.ts';
import type { ApiRequest } from '../../../daemon/tiktok/api.ts';
import { classify } from '../../../daemon/tiktok/classify.ts';
import { Unreachable } from '../../../daemon/tiktok/transport.ts';
import { Workshop, differences, start } from './workshop.ts';

const path = '/order/202309/orders/search';
const timedOut = () => new ApiError(path, classify({ http: 200, code: 36009007 }), '');
const queried = z.looseObject({ page_size: z.coerce.number() });
const sizeOf = ({ query }: { readonly query?: unknown }): number => queried.parse(query).page_size;
const searches = (w: Workshop, from: number) =>
  w.api.requests.slice(from).filter((request) => request.path === path && sizeOf(request) > 1);

/** A shop with so many orders, ten seconds apart, that the API sends 100 a page. */
const open = async (count: number): Promise<Workshop> => {
  const w = await Workshop.open({ pageSize: 100, walkers: 4 });
  for (let i = 0; i < count; i++) w.shop.place(start - 90_000 + i * 10);
  return w;
};

test('rule 10: pages that time out inside TikTok are asked for again by the next run, then smaller, then in full again', async () => {
  await using w = await open(1500);
  const slow = {
    before: (_: number, request: ApiRequest<unknown>) => {
      if (sizeOf(request) > 30) throw timedOut();
    },
  };
  w.api.set(slow);
  expect(await w.run()).toMatchObject({ state: 'failed' });
  expect(w.sync.ladder).toMatchObject({ rung: 'window', reason: expect.stringContaining('TikTok timed out inside') });
  expect(searches(w, 0).map(sizeOf)).toEqual([100]);

  const asked = w.api.requests.length;
  expect(await w.run()).toMatchObject({ state: 'succeeded', inserted: 1500 });
  expect(await differences(w)).toEqual([]);
  expect(Math.min(...searches(w, asked).map(sizeOf))).toBe(25);
  expect(w.sync.ladder).toMatchObject({ rung: 'smaller_page', reason: expect.stringContaining('36009007') });
  expect((await w.store.query(oddities, '7490', 'orders'))['smaller page']).toBeGreaterThan(1);

  w.api.set({ before: () => undefined });
  for (let i = 0; i < 45 && w.sync.ladder !== null; i++) {
    w.clock.advance(900);
    await w.run();
  }
  expect(w.sync.ladder).toBeNull();
  w.clock.advance(900);
  await w.run();
  expect(searches(w, w.api.requests.length - 1).map(sizeOf)).toEqual([100]);
});

test('rule 10: one order that cannot be read keeps back its own second and nothing else, and is named until it can', async () => {
  await using w = await open(1200);
  const second = start - 90_000 + 555 * 10;
  const poison = [...w.shop.orders.keys()][555] ?? '';
  const poisoned = (data: Record<string, unknown>): Record<string, unknown> => {
    if (JSON.stringify(data).includes(poison)) throw timedOut();
    return data;
  };
  w.api.set({ bend: poisoned });
  expect(await w.run()).toMatchObject({ state: 'failed' });
  const asked = w.api.requests.length;
  const run = await w.run();
  const named = `the second ${new Date(second * 1000).toISOString().replace('.000', '')} cannot be read`;
  expect(run).toMatchObject({ state: 'failed', error: { retryable: true, nextAttemptAt: null } });
  expect(run.error?.message).toContain(named);
  expect(w.api.requests.length - asked).toBeLessThan(110);
  expect(await differences(w)).toHaveLength(1);
  const state = await w.store.state('7490', 'orders');
  const strip = start - 360;
  expect(gaps({ from: state?.since ?? 0, to: strip }, await w.coverage())).toEqual([{ from: second, to: second + 1 }]);
  expect(await w.store.metadata('7490', 'orders')).toBeUndefined();
  expect(w.sync.ladder).toMatchObject({ rung: 'bisect', reason: expect.stringContaining('36009007') });
  expect(await w.store.query(oddities, '7490', 'orders')).toMatchObject({ 'second not read': 1 });

  for (let i = 1; i <= 3; i++) {
    w.shop.place(start + 500 * i);
    w.clock.advance(900);
    const before = w.api.requests.length;
    expect(await w.run()).toMatchObject({ state: 'failed' });
    expect(w.api.requests.length - before).toBeLessThanOrEqual(3);
    expect(await differences(w)).toHaveLength(1);
  }
  w.api.set({ bend: (data) => data });
  w.clock.advance(900);
  expect(await w.run()).toMatchObject({ state: 'succeeded', inserted: 1 });
  expect(await differences(w)).toEqual([]);
  expect(await w.store.metadata('7490', 'orders')).toBeDefined();
  expect(w.sync.ladder).not.toMatchObject({ rung: 'bisect' });
});

const refusals: Readonly<Record<string, () => AppError>> = {
  'a connection that fails': () => new Unreachable('https://api.example: the connection failed (ECONNREFUSED)', false),
  throttling: () => new ApiError(path, classify({ http: 429 }), '', 1000),
  'a quota': () => new ApiError(path, classify({ http: 200, code: 45101004 }), ''),
  'a wrong signature': () => new ApiError(path, classify({ http: 200, code: 106001 }), ''),
  'a revoked authorization': () => new ApiError(path, classify({ http: 200, code: 105001 }), ''),
  'a missing scope': () => new ApiError(path, classify({ http: 200, code: 105005 }), ''),
};

test.each(Object.entries(refusals))('rule 10: %s climbs no rung, and is no reason for a full run', async (_, error) => {
  await using w = await open(150);
  await w.run();
  w.api.set({
    before: () => {
      throw error();
    },
  });
  for (let i = 0; i < 4; i++) {
    w.clock.advance(900);
    w.shop.place(w.clock.now - 400);
    const before = w.api.requests.length;
    expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'failed' });
    expect(w.api.requests.length - before).toBe(1);
    expect(w.sync.ladder).toBeNull();
  }
  w.api.set({ before: () => undefined });
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded', inserted: 4 });
  expect(await differences(w)).toEqual([]);
});

test('rule 10: an API that fails at everything is asked whether it answers at all, no rung is climbed, and it is told since when', async () => {
  await using w = await open(150);
  await w.run();
  w.api.set({
    before: () => {
      throw timedOut();
    },
  });
  let first: string | undefined;
  for (let i = 0; i < 4; i++) {
    w.clock.advance(900);
    const before = w.api.requests.length;
    expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'failed' });
    expect(w.api.requests.length - before).toBe(i === 0 ? 1 : 2);
    expect(w.sync.ladder).toMatchObject({ rung: 'window' });
    const told = (await w.store.state('7490', 'orders'))?.lastError;
    expect(told?.since).toBe(i === 0 ? undefined : first);
    first ??= told?.at;
  }
  w.api.set({ before: () => undefined });
  expect(await w.run()).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  expect(w.sync.ladder).toBeNull();
});

test('rule 10: an API that fails wherever there are orders is not read around without end, and then left alone for an hour', async () => {
  await using w = await open(300);
  w.api.set({
    bend: (data) => {
      if (JSON.stringify(data).includes('line_items')) throw timedOut();
      return data;
    },
  });
  await w.run();
  let before = w.api.requests.length;
  expect(await w.run()).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('36009007') } });
  expect(w.api.requests.length - before).toBeLessThan(250);
  for (let i = 0; i < 3; i++) {
    w.clock.advance(900);
    before = w.api.requests.length;
    await w.run();
    expect(w.api.requests.length - before).toBeLessThanOrEqual(3);
  }
  w.api.set({ bend: (data) => data });
  w.clock.advance(900);
  expect(await w.run()).toMatchObject({ state: 'succeeded' });
  expect(await differences(w)).toEqual([]);
});

test('rule 11, T32: orders of 5 MB, whose page is larger than any answer that is taken, come with smaller pages', async () => {
  await using w = await open(20);
  const second = start - 90_000 + 60 * 10;
  const note = 'x'.repeat(5_000_000);
  for (let i = 0; i < 20; i++) w.shop.place(second + i, { note });
  w.api.set({
    bend: (data) => {
      const bytes = z.array(z.looseObject({ buyer_message: z.string() })).parse(data['orders'] ?? []);
      if (bytes.reduce((sum, { buyer_message: text }) => sum + text.length, 0) > 64 * 2 ** 20)
        throw new Unreachable('https://api.example: the answer is larger than 64 MiB', true);
      return data;
    },
  });
  expect(await w.run()).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('64 MiB') } });
  expect(await w.run()).toMatchObject({ state: 'succeeded', inserted: 40 });
  expect(Math.min(...searches(w, 0).map(sizeOf))).toBe(12);
  const [largest] = await w.store.query((db) =>
    db.selectFrom('orders').select('payload').orderBy('update_time', 'desc').limit(1).execute(),
  );
  expect(largest?.payload?.length).toBeGreaterThan(5_000_000);
});
