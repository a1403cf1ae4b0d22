import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { ask, codeOf, search } from './client.ts';
import { living } from './living.ts';
import type { Sandbox } from './sandbox.ts';

const clock = { now: 1_764_000_000 };
const SHOPS = '/authorization/202309/shops';

const start = (shops = 1): Promise<Sandbox> =>
  living({ orders: 40, days: 30, shops, now: () => clock.now, frozen: true });

const shopsOf = async (sandbox: Sandbox) => ask(sandbox, SHOPS, { timestamp: clock.now });
const statuses = async (sandbox: Sandbox, count: number): Promise<number[]> => {
  const seen: number[] = [];
  for (let request = 0; request < count; request += 1) seen.push((await shopsOf(sandbox)).http);
  return seen;
};

async function admin(sandbox: Sandbox, method: string, path: string, body?: object): Promise<string> {
  const response = await fetch(`${sandbox.url}/_admin/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return text;
}

describe('faults', () => {
  test('above strikes only what asks for more records with a page', async () => {
    const sandbox = await start();
    sandbox.faults.add({ kind: 'code', code: 36009007, above: 25 });
    const sized = (page_size: string) => search(sandbox, clock.now, { page_size });
    await expect(sized('26')).rejects.toThrow('36009007');
    expect((await sized('25')).orders).toHaveLength(25);
    expect((await shopsOf(sandbox)).http).toBe(200);
  });

  test('429 comes with the time to wait, or without', async () => {
    const sandbox = await start();
    sandbox.faults.add({ kind: '429', retryAfter: 7, times: 1 });
    const told = await shopsOf(sandbox);
    expect([told.http, codeOf(told), told.headers.get('retry-after')]).toEqual([429, 36009002, '7']);
    sandbox.faults.add({ kind: '429', retryAfter: null, times: 1 });
    expect((await shopsOf(sandbox)).headers.get('retry-after')).toBeNull();
    expect((await shopsOf(sandbox)).http).toBe(200);
  });

  test.each(['500', '503'] as const)('%s has no JSON', async (kind) => {
    const sandbox = await start();
    sandbox.faults.add({ kind });
    const { http, text } = await shopsOf(sandbox);
    expect(String(http)).toBe(kind);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test('strike after some requests, each nth, so many times, at a path, for a shop, by chance', async () => {
    const sandbox = await start(2);
    sandbox.faults.add({ kind: '503', after: 1, every: 2, times: 2, match: '/authorization' });
    expect(await statuses(sandbox, 7)).toEqual([200, 200, 503, 200, 503, 200, 200]);
    sandbox.faults.add({ kind: '503', shop: sandbox.shops[1]?.id });
    await expect(search(sandbox, clock.now)).resolves.toBeDefined();
    const query = { shop_cipher: sandbox.shops[1]?.cipher ?? '' };
    expect(
      (await ask(sandbox, '/order/202309/orders/search', { method: 'POST', query, timestamp: clock.now })).http,
    ).toBe(503);
    sandbox.faults.clear();
    sandbox.faults.add({ kind: '500', probability: 0.5 });
    const struck = (await statuses(sandbox, 60)).filter((http) => http === 500).length;
    expect(struck).toBeGreaterThan(10);
    expect(struck).toBeLessThan(50);
  });

  test('cut breaks the connection in the middle of the body', async () => {
    const sandbox = await start();
    sandbox.faults.add({ kind: 'cut', times: 1 });
    await expect(shopsOf(sandbox)).rejects.toThrow();
    expect((await shopsOf(sandbox)).http).toBe(200);
    expect(sandbox.requests.of(SHOPS)).toMatchObject({ total: 2, ok: 1, failed: 1 });
  });

  test('code puts an envelope of its own, slow takes its time', async () => {
    const sandbox = await start();
    sandbox.faults.add({ kind: 'code', times: 1 });
    const answered = await shopsOf(sandbox);
    expect([answered.http, codeOf(answered)]).toEqual([200, 36009003]);
    sandbox.faults.add({ kind: 'slow', ms: 50 });
    const before = performance.now();
    await shopsOf(sandbox);
    expect(performance.now() - before).toBeGreaterThanOrEqual(45);
  });

  test('expire and revoke work at once, or when their request comes', async () => {
    const sandbox = await start();
    sandbox.faults.add({ kind: 'expire', after: 1, times: 1 });
    expect(codeOf(await shopsOf(sandbox))).toBe(0);
    expect(codeOf(await shopsOf(sandbox))).toBe(105002);
    sandbox.tokens.refresh(sandbox.refreshToken);
    expect(codeOf(await shopsOf(sandbox))).toBe(0);
    sandbox.faults.add({ kind: 'revoke' });
    expect(codeOf(await shopsOf(sandbox))).toBe(105001);
    expect(sandbox.tokens.refresh(sandbox.refreshToken)).toBe('unknown');
  });

  test('partial strips one order of its id and status', async () => {
    const sandbox = await start();
    sandbox.faults.add({ kind: 'partial', times: 1 });
    const [order] = sandbox.world.orders();
    const query = { shop_cipher: sandbox.shops[0]?.cipher ?? '', ids: order?.id ?? '' };
    const { text } = await ask(sandbox, '/order/202507/orders', { query, timestamp: clock.now });
    expect(JSON.parse(text).data.orders).toEqual([{ has_updated_recipient_address: false, packages: [] }]);
  });

  test('late holds changes back until its time is over, and ends when cleared', async () => {
    const sandbox = await start();
    sandbox.faults.add({ kind: 'late', seconds: 300 });
    const id = sandbox.world.place({ still: true });
    expect(sandbox.world.find(id)).toBeUndefined();
    sandbox.faults.clear();
    expect(sandbox.world.find(sandbox.world.place({ still: true }))).toBeDefined();
    clock.now += 300;
    expect(sandbox.world.find(id)).toMatchObject({ updateTime: clock.now - 300 });
  });
});

describe('admin routes', () => {
  const line = z.object({ id: z.string(), create_time: z.int(), update_time: z.int(), status: z.string() });

  test('steer the world and tell it line by line, unsigned and uncounted', async () => {
    const sandbox = await start();
    const orders = async () =>
      (await admin(sandbox, 'GET', 'world'))
        .trimEnd()
        .split('\n')
        .map((text) => line.parse(JSON.parse(text)));
    const ids = async (body: object) =>
      z.object({ ids: z.array(z.string()) }).parse(JSON.parse(await admin(sandbox, 'POST', 'orders', body))).ids;
    const [placed = ''] = await ids({ action: 'place', status: 'IN_TRANSIT', still: true });
    expect((await orders()).find(({ id }) => id === placed)?.status).toBe('IN_TRANSIT');
    await ids({ action: 'move', id: placed, status: 'DELIVERED' });
    expect((await orders()).find(({ id }) => id === placed)?.status).toBe('DELIVERED');
    await ids({ action: 'touch', id: placed });
    expect(await ids({ action: 'burst', count: 5, second: clock.now })).toHaveLength(5);
    expect(await orders()).toHaveLength(sandbox.world.size);
    expect(JSON.parse(await admin(sandbox, 'GET', 'requests'))).toEqual({ paths: {}, peakPerSecond: 0 });
  });

  test('count the requests of the API by path', async () => {
    const sandbox = await start();
    await admin(sandbox, 'POST', 'faults', { kind: '429', match: SHOPS, every: 2 });
    await statuses(sandbox, 4);
    await search(sandbox, clock.now);
    expect(JSON.parse(await admin(sandbox, 'GET', 'requests'))).toEqual({
      paths: {
        [SHOPS]: { total: 4, ok: 2, throttled: 2, failed: 0, peakPerSecond: 4 },
        '/order/202309/orders/search': { total: 1, ok: 1, throttled: 0, failed: 0, peakPerSecond: 1 },
      },
      peakPerSecond: 5,
    });
    await admin(sandbox, 'DELETE', 'faults');
    expect(await statuses(sandbox, 2)).toEqual([200, 200]);
  });

  test('freeze and thaw', async () => {
    const sandbox = await start();
    await admin(sandbox, 'POST', 'freeze', { frozen: false });
    expect(sandbox.world.state.frozen).toBe(false);
    await admin(sandbox, 'POST', 'freeze', { frozen: true });
    expect(sandbox.world.state.frozen).toBe(true);
  });

  test('say what was wrong with a call', async () => {
    const sandbox = await start();
    await expect(admin(sandbox, 'POST', 'faults', { kind: 'flood' })).rejects.toThrow(/^400 .*kind/s);
    await expect(admin(sandbox, 'GET', 'world?shop=9')).rejects.toThrow('400 no shop 9');
    await expect(admin(sandbox, 'GET', 'nothing')).rejects.toThrow('404 unknown; known are');
  });
});
