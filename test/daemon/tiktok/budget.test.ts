import { describe, expect, test } from 'vitest';

import type { Priority } from '../../../daemon/tiktok/api.ts';
import { type Lease, ShopBudget } from '../../../daemon/tiktok/budget.ts';
import { ManualTimers, settle } from './manual-timers.ts';

const never = new AbortController().signal;

function world(options: { rate?: number; concurrency?: number } = {}) {
  const timers = new ManualTimers();
  const rate = options.rate ?? 1000;
  const budget = new ShopBudget({ ceiling: rate, start: () => rate, concurrency: options.concurrency ?? 8, timers });
  const granted: string[] = [];
  const leases = new Map<string, Lease>();
  const ask = (name: string, priority: Priority, endpoint = '/orders') => {
    void budget.acquire(endpoint, priority, never).then((lease) => {
      granted.push(name);
      leases.set(name, lease);
    });
  };
  const release = async (name: string) => {
    leases.get(name)?.release();
    await timers.advance(50);
  };
  return { timers, budget, granted, ask, release };
}

describe('slots', () => {
  test('rule 11: no more are under way than allowed, over all endpoints', async () => {
    const { timers, budget, granted, ask, release } = world({ concurrency: 2 });
    ask('a', 'history', '/orders');
    ask('b', 'history', '/products');
    ask('c', 'history', '/analytics');
    await timers.advance(10_000);
    expect(granted).toEqual(['a', 'b']);
    expect(budget.underWay).toBe(2);
    await release('a');
    expect(granted).toEqual(['a', 'b', 'c']);
  });

  test('a lease released twice frees one slot', async () => {
    const { timers, budget, ask, release } = world({ concurrency: 2 });
    ask('a', 'live');
    ask('b', 'live');
    await timers.advance(10);
    await release('a');
    await release('a');
    expect(budget.underWay).toBe(1);
  });

  test('one that waits for its endpoint’s rate holds no slot', async () => {
    const { timers, granted, ask, release } = world({ rate: 1, concurrency: 2 });
    ask('a', 'history', '/analytics');
    await settle();
    ask('b', 'history', '/analytics');
    ask('c', 'history', '/orders');
    await settle();
    expect(granted).toEqual(['a', 'c']);
    await release('a');
    await timers.advance(1100);
    expect(granted).toEqual(['a', 'c', 'b']);
  });
});

describe('live before history', () => {
  test.each([1, 2, 8])('with %i slots, live takes the next one that frees', async (concurrency) => {
    const { timers, granted, ask, release } = world({ concurrency });
    for (let i = 0; i < concurrency + 3; i += 1) ask(`h${i}`, 'history');
    await timers.advance(50);
    ask('live', 'live');
    await timers.advance(50);
    expect(granted).toHaveLength(concurrency);
    await release('h0');
    expect(granted.slice(concurrency)).toEqual(['live']);
  });

  test('live takes the next token too', async () => {
    const { timers, granted, ask } = world({ rate: 1 });
    ask('h0', 'history');
    ask('h1', 'history');
    ask('live', 'live');
    await timers.advance(1100);
    expect(granted).toEqual(['h0', 'live']);
  });

  test('history gets a turn after sixteen, so that it is never stuck', async () => {
    const { timers, granted, ask, release } = world({ concurrency: 1 });
    ask('first', 'live');
    ask('history', 'history');
    for (let i = 0; i < 40; i += 1) ask(`l${i}`, 'live');
    await timers.advance(50);
    for (let i = 0; i < 30; i += 1) await release(granted.at(-1) ?? '');
    expect(granted.indexOf('history')).toBe(17);
    expect(granted).toHaveLength(31);
  });
});

describe('waiting ends', () => {
  test('rule 11: an abort removes the waiter and its timer, and rejects with the reason', async () => {
    const { timers, budget, ask } = world({ rate: 1 });
    ask('a', 'live');
    const stop = new AbortController();
    const waiting = budget.acquire('/orders', 'live', stop.signal);
    expect(budget.waiting).toBe(1);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(budget.waiting).toBe(0);
    await timers.advance(5000);
    expect(timers.pending).toBe(0);
    expect(budget.underWay).toBe(1);
  });

  test('an aborted signal is refused at once', async () => {
    await expect(world().budget.acquire('/orders', 'live', AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
  });

  test('a granted request leaves no listener behind', async () => {
    const { budget } = world();
    const stop = new AbortController();
    const lease = await budget.acquire('/orders', 'live', stop.signal);
    stop.abort();
    lease.release();
    expect(budget.underWay).toBe(0);
  });

  test('rule 11: an endpoint closed for hours refuses those who wait and those who come; the others go on', async () => {
    const { timers, budget } = world({ rate: 1 });
    const lease = await budget.acquire('/orders', 'live', never);
    const waiting = budget.acquire('/orders', 'history', never);
    lease.throttled(3_600_000);
    lease.release();
    const expected = { class: 'throttled', code: 'limit', retryAfterMs: 3_600_000 };
    await expect(waiting).rejects.toMatchObject(expected);
    await expect(budget.acquire('/orders', 'live', never)).rejects.toMatchObject(expected);
    expect(budget.pausedUntil).toBe(timers.now() + 3_600_000);
    (await budget.acquire('/products', 'live', never)).release();
    await timers.advance(3_590_000);
    const later = budget.acquire('/orders', 'live', never);
    await timers.advance(10_000);
    (await later).release();
    expect(budget.pausedUntil).toBeUndefined();
  });

  test('rule 11: the queue has an end', async () => {
    const { timers, budget, ask } = world({ concurrency: 1 });
    for (let i = 0; i <= 1000; i += 1) ask(`h${i}`, 'history');
    await timers.advance(10);
    await expect(budget.acquire('/orders', 'live', never)).rejects.toMatchObject({ class: 'throttled' });
  });
});

test('a short Retry-After holds the whole endpoint', async () => {
  const { timers, budget, granted, ask } = world();
  const lease = await budget.acquire('/orders', 'live', never);
  lease.throttled(5000);
  lease.release();
  ask('a', 'live');
  await timers.advance(4999);
  expect(granted).toEqual([]);
  await timers.advance(2);
  expect(granted).toEqual(['a']);
});

test('levels survive a restart, within the ceiling', async () => {
  const { timers, budget } = world({ rate: 10 });
  const lease = await budget.acquire('/orders', 'live', never);
  lease.throttled(undefined);
  lease.release();
  expect(budget.levels()).toEqual({ '/orders': 5 });
  expect(budget.requestsPerSecond).toBe(5);
  const saved = { ...budget.levels(), '/products': 99 };
  const next = new ShopBudget({ ceiling: 10, start: () => 3, concurrency: 8, timers }, saved);
  expect(next.pace('/orders').requestsPerSecond).toBe(5);
  expect(next.pace('/products').requestsPerSecond).toBe(10);
  expect(next.pace('/returns').requestsPerSecond).toBe(3);
});
