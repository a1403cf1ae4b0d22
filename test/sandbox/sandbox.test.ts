import { once } from 'node:events';
import { connect } from 'node:net';

import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { ask, codeOf, search } from './client.ts';
import { living } from './living.ts';
import type { SandboxOptions } from './options.ts';
import type { Sandbox } from './sandbox.ts';

const clock = { now: 1_764_000_000.25 };

const start = (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
  living({ orders: 40, days: 30, now: () => clock.now, ...options });

const second = (): number => Math.floor(clock.now);
const SHOPS = '/authorization/202309/shops';
const shopsOf = async (sandbox: Sandbox, accessToken = sandbox.accessToken) =>
  ask(sandbox, SHOPS, { timestamp: second(), accessToken });

test('shops come with cipher and region, and each opens its own world', async () => {
  const sandbox = await start({ shops: 2, regions: ['VN', 'JP'] });
  const { text } = await shopsOf(sandbox);
  const body = z
    .object({ data: z.object({ shops: z.array(z.record(z.string(), z.string())) }) })
    .parse(JSON.parse(text));
  expect(body.data.shops.map((shop) => [shop['id'], shop['region'], shop['cipher'], shop['seller_type']])).toEqual(
    sandbox.shops.map(({ id, region, cipher }) => [id, region, cipher, 'CROSS_BORDER']),
  );
  expect(Object.keys(body.data.shops[0] ?? {})).toEqual(['cipher', 'code', 'id', 'name', 'region', 'seller_type']);
  const [first, other] = sandbox.shops.map(({ world }) => new Set([...world.orders()].map(({ id }) => id)));
  expect([...(first ?? [])].filter((id) => other?.has(id))).toEqual([]);
  expect(other?.size).toBe(40);
});

test('the Date header is that of the injected clock', async () => {
  const { headers } = await shopsOf(await start());
  expect(headers.get('date')).toBe('Mon, 24 Nov 2025 16:00:00 GMT');
});

describe('token host', () => {
  const granted = z.object({
    code: z.int(),
    message: z.string(),
    data: z.object({
      access_token: z.string(),
      access_token_expire_in: z.int(),
      refresh_token: z.string(),
      refresh_token_expire_in: z.int(),
      user_type: z.int(),
      granted_scopes: z.array(z.string()),
    }),
  });

  async function call(sandbox: Sandbox, path: 'get' | 'refresh', query: Record<string, string>, method = 'GET') {
    const app = { app_key: sandbox.appKey, app_secret: sandbox.appSecret };
    const grant = { grant_type: path === 'get' ? 'authorized_code' : 'refresh_token' };
    const all = new URLSearchParams({ ...app, ...grant, ...query });
    const response = await fetch(`${sandbox.url}/api/v2/token/${path}?${all.toString()}`, { method });
    return { http: response.status, headers: response.headers, text: await response.text() };
  }

  test('exchanges a code once; expiries are absolute; the message is lower case', async () => {
    const sandbox = await start();
    const code = sandbox.tokens.authorize();
    const {
      code: zero,
      message,
      data,
    } = granted.parse(JSON.parse((await call(sandbox, 'get', { auth_code: code })).text));
    expect([zero, message, data.user_type]).toEqual([0, 'success', 0]);
    expect(data.access_token_expire_in).toBe(second() + 7 * 86_400);
    expect(data.refresh_token_expire_in).toBe(second() + 365 * 86_400);
    expect(codeOf(await shopsOf(sandbox, data.access_token))).toBe(0);
    const again = await call(sandbox, 'get', { auth_code: code });
    expect([again.http, codeOf(again)]).toEqual([200, 36004004]);
  });

  test('the consent page sends on with a code that is good, the state, and more', async () => {
    const sandbox = await start();
    const page = `${sandbox.url}/oauth/authorize`;
    const asked = await fetch(`${page}?app_key=${sandbox.appKey}&state=5`, { redirect: 'manual' });
    const back = new URL(asked.headers.get('location') ?? '');
    expect([asked.status, back.searchParams.get('state'), back.searchParams.get('locale')]).toEqual([302, '5', 'en']);
    expect(codeOf(await call(sandbox, 'get', { auth_code: back.searchParams.get('code') ?? '' }))).toBe(0);
    expect((await fetch(`${page}?app_key=other`)).status).toBe(404);
  });

  test('a code is good for 30 minutes', async () => {
    const sandbox = await start();
    const code = sandbox.tokens.authorize();
    clock.now += 1800;
    expect(codeOf(await call(sandbox, 'get', { auth_code: code }))).toBe(36004004);
  });

  test('a refresh token is good once, and a little longer with a grace', async () => {
    for (const [refreshGrace, later, expected] of [
      [0, 0, 36004005],
      [60, 59, 0],
      [60, 60, 36004001],
    ] as const) {
      const sandbox = await start({ refreshGrace });
      const { refreshToken } = sandbox;
      const fresh = await call(sandbox, 'refresh', { refresh_token: refreshToken });
      expect(codeOf(fresh)).toBe(0);
      expect(granted.parse(JSON.parse(fresh.text)).data.refresh_token).not.toBe(refreshToken);
      clock.now += later;
      expect(codeOf(await call(sandbox, 'refresh', { refresh_token: refreshToken }))).toBe(expected);
    }
  });

  test('an authorization ends when the seller said, however often it was refreshed', async () => {
    const sandbox = await start({ refreshTtl: 1000 });
    clock.now += 999;
    expect(codeOf(await call(sandbox, 'refresh', { refresh_token: sandbox.refreshToken }))).toBe(0);
    clock.now += 1;
    expect(codeOf(await call(sandbox, 'refresh', { refresh_token: sandbox.refreshToken }))).toBe(36004001);
  });

  test('POST is a plain 404, a wrong secret or grant type an error with HTTP 200', async () => {
    const sandbox = await start();
    const posted = await call(sandbox, 'refresh', {}, 'POST');
    expect([posted.http, posted.headers.get('content-type')]).toEqual([404, 'text/plain; charset=utf-8']);
    expect(sandbox.refreshToken).toBe('ROW_sandboxRefresh0001');
    for (const wrong of [{ app_secret: 'x' }, { app_key: 'x' }, { grant_type: 'authorization_code' }]) {
      const answered = await call(sandbox, 'refresh', { refresh_token: sandbox.refreshToken, ...wrong });
      expect([answered.http, codeOf(answered)]).toEqual([200, 36009004]);
    }
  });
});

test('more requests than the rate allows get 429 and the time to wait; each endpoint and shop has its own bucket', async () => {
  const sandbox = await start({ rate: 2, shops: 2 });
  const codes = [];
  for (let request = 0; request < 3; request += 1) codes.push(codeOf(await shopsOf(sandbox)));
  expect(codes).toEqual([0, 0, 36009002]);
  const refused = await shopsOf(sandbox);
  expect([refused.http, refused.headers.get('retry-after')]).toEqual([429, '1']);
  await search(sandbox, second());
  clock.now += 0.5;
  expect(codeOf(await shopsOf(sandbox))).toBe(0);
  expect(codeOf(await shopsOf(sandbox))).toBe(36009002);
  clock.now += 60;
  for (let request = 0; request < 3; request += 1) codes.push(codeOf(await shopsOf(sandbox)));
  expect(codes.slice(3)).toEqual([0, 0, 36009002]);
  expect(sandbox.requests.of(SHOPS)).toMatchObject({ total: 9, ok: 5, throttled: 4, failed: 0, peakPerSecond: 6 });
});

test('requests that the checks refuse cost no rate', async () => {
  const sandbox = await start({ rate: 1 });
  for (let request = 0; request < 5; request += 1) expect(codeOf(await shopsOf(sandbox, 'unknown'))).toBe(105001);
  expect(codeOf(await shopsOf(sandbox))).toBe(0);
});

test('close ends every connection, those of answers still held back too', async () => {
  const sandbox = await start();
  await shopsOf(sandbox);
  sandbox.faults.add({ kind: 'slow', ms: 60_000 });
  const held = shopsOf(sandbox);
  await expect.poll(() => sandbox.requests.of(SHOPS).total).toBe(2);
  await Promise.all([expect(held).rejects.toThrow(), sandbox.close()]);
  await expect(fetch(sandbox.url)).rejects.toThrow();
});

test('close does not wait for a request that never ends', async () => {
  const sandbox = await start();
  const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
  socket.write(
    'POST /order/202309/orders/search HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n',
  );
  // The server has begun to read when it asks for the rest.
  expect(String(await once(socket, 'data'))).toContain('100 Continue');
  const ended = once(socket, 'close');
  await sandbox.close();
  await ended;
});

test('latency holds an answer back', async () => {
  const sandbox = await start({ latencyMs: 60 });
  const before = performance.now();
  await shopsOf(sandbox);
  expect(performance.now() - before).toBeGreaterThanOrEqual(55);
});
