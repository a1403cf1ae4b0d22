import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { type AccountOptions, openAccount } from '../../../daemon/tiktok/account.ts';
import { sign } from '../../../daemon/tiktok/sign.ts';
import { systemTimers } from '../../../daemon/tiktok/timers.ts';
import { InstantTimers } from './manual-timers.ts';
import { failed, type Heard, ok, type Reply, scriptedServer } from './scripted-server.ts';

const never = new AbortController().signal;
const SHOPS = '/authorization/202309/shops';
const SEARCH = '/order/202309/orders/search';
const search = { method: 'POST', path: SEARCH, body: {}, data: z.looseObject({}) } as const;
const gb = { id: '71', name: 'Example UK', region: 'GB', cipher: 'GCP_uk', seller_type: 'CROSS_BORDER', code: 'X' };
const de = { id: '72', name: 'Example DE', region: 'DE', cipher: 'GCP_de', seller_type: 'CROSS_BORDER', code: 'Y' };

async function world(script: (heard: Heard) => Reply | Promise<Reply>, options: Partial<AccountOptions> = {}) {
  const stateDir = await mkdtemp(join(tmpdir(), 'account-'));
  const server = await scriptedServer(script);
  const account = await openAccount({
    baseUrl: server.url,
    authUrl: server.url,
    appKey: 'key',
    secret: 'hush',
    tokens: { accessToken: 'ROW_access', refreshToken: 'ROW_refresh' },
    concurrency: 8,
    timeoutMs: 2000,
    stateDir,
    nextAsked: () => 1,
    warn: () => {},
    timers: new InstantTimers(),
    random: () => 0,
    ...options,
  });
  onTestFinished(async () => {
    await account.close();
    await rm(stateDir, { recursive: true });
  });
  return { server, account, stateDir };
}

const both = () => ok({ shops: [gb, de] });

describe('shops', () => {
  test('are read without a cipher, and keep what is not known', async () => {
    const { server, account } = await world(both);
    expect(await account.shops(never)).toEqual([gb, de]);
    const [heard] = server.heard;
    if (heard === undefined) throw new Error('nothing was sent');
    expect(heard).toMatchObject({
      method: 'GET',
      path: SHOPS,
      body: '',
      headers: { 'content-type': 'application/json' },
    });
    expect(Object.keys(heard.query).toSorted()).toEqual(['app_key', 'sign', 'timestamp']);
    expect(heard.query['sign']).toBe(sign('hush', SHOPS, heard.query));
  });

  test('only the wanted ones', async () => {
    const { account } = await world(both, { shops: ['72'] });
    expect(await account.shops(never)).toEqual([de]);
  });

  test('a wanted one that the token may not see is named, with those it sees', async () => {
    const { account } = await world(both, { shops: ['72', '99'] });
    await expect(account.shops(never)).rejects.toMatchObject({
      class: 'configuration',
      code: 'unknown_shop',
      message: expect.stringMatching(/names 99,.*71, 72/),
      seen: [de],
    });
  });

  test('none at all is an error', async () => {
    const { account } = await world(() => ok({}));
    await expect(account.shops(never)).rejects.toMatchObject({ class: 'configuration', code: 'not_authorized' });
  });
});

describe('the API of a shop', () => {
  test('carries its cipher, and is one object per shop', async () => {
    const { server, account } = await world(() => ok({}));
    const api = account.api(gb);
    expect(account.api({ ...gb })).toBe(api);
    expect(account.api(de)).not.toBe(api);
    await api.call(search, { priority: 'live', signal: never });
    expect(server.heard[0]?.query['shop_cipher']).toBe('GCP_uk');
  });

  test('a changed cipher is read again once for all calls that met it', async () => {
    let waiting = 4;
    const { promise: gate, resolve: opened } = Promise.withResolvers<void>();
    const { server, account } = await world(async ({ path, query }) => {
      if (path === SHOPS) return ok({ shops: [{ ...gb, cipher: 'GCP_new' }] });
      if (query['shop_cipher'] === 'GCP_new') return ok({});
      waiting -= 1;
      if (waiting === 0) opened();
      await gate;
      return failed(400, 101000, 'mismatch');
    });
    const api = account.api(gb);
    await Promise.all(Array.from({ length: 4 }, () => api.call(search, { priority: 'live', signal: never })));
    expect(server.heard.filter(({ path }) => path === SHOPS)).toHaveLength(1);
    expect(api.shop.cipher).toBe('GCP_new');
  });

  test('one shop that is throttled slows no other', async () => {
    const { account } = await world(({ query }) =>
      query['shop_cipher'] === 'GCP_uk' ? failed(429, 36009037, 'quota') : ok({}),
    );
    const calls = { priority: 'live', signal: never } as const;
    await expect(account.api(gb).call(search, calls)).rejects.toMatchObject({ class: 'throttled' });
    await account.api(de).call(search, calls);
    expect(account.budget('71')?.throttledUntil).toBeGreaterThan(Date.now() / 1000);
    expect(account.budget('72')).toMatchObject({ throttledUntil: null, usedToday: 1 });
  });
});

describe('the budget', () => {
  test.each([
    [undefined, SEARCH, 3, 10],
    [undefined, '/analytics/202509/shop/performance', 0.5, 10],
    [50, SEARCH, 50, 50],
    [50, '/analytics/202509/shop/performance', 50, 50],
  ])('with requests_per_second %s, %s starts at %d of %d', async (requestsPerSecond, path, start, ceiling) => {
    const { account } = await world(() => ok({}), { requestsPerSecond });
    const api = account.api(gb);
    expect(api.pace(path)).toEqual({ requestsPerSecond: start, latencyMs: undefined });
    expect(account.budget('71')?.ceiling).toBe(ceiling);
  });

  test('learns, and what it learned is there after a restart', async () => {
    const attempts: unknown[] = [];
    const onAttempt: AccountOptions['onAttempt'] = (attempt, shop) => void attempts.push([shop, attempt.outcome]);
    let refusing = true;
    const { account } = await world(
      () => {
        const reply = refusing ? failed(429, 36009002, 'too many') : ok({});
        refusing = false;
        return reply;
      },
      { onAttempt },
    );
    const api = account.api(gb);
    await api.call(search, { priority: 'live', signal: never });
    expect(attempts).toEqual([
      ['71', 'throttled'],
      ['71', 'success'],
    ]);
    const view = account.budget('71');
    expect(view).toMatchObject({ usedToday: 2, tokenExpiresAt: null });
    expect(view?.requestsPerSecond).toBeLessThan(2);
    expect(api.pace(SEARCH).latencyMs).toBeGreaterThanOrEqual(0);
    const next = await world(() => ok({}), { saved: account.saved() });
    const again = next.account.api(gb);
    expect(again.pace(SEARCH).requestsPerSecond).toBe(view?.requestsPerSecond);
    expect(next.account.budget('71')?.usedToday).toBe(2);
  });
});

test('closing waits for a refresh under way, so that the new pair is not lost', async () => {
  const { promise: gate, resolve: opened } = Promise.withResolvers<void>();
  const { promise: asked, resolve: asking } = Promise.withResolvers<void>();
  const { account, stateDir } = await world(async ({ path }) => {
    if (path === SEARCH) return failed(401, 105002, 'expired');
    asking();
    await gate;
    return ok({ access_token: 'ROW_new', refresh_token: 'ROW_new_refresh' });
  });
  const stop = new AbortController();
  const call = account.api(gb).call(search, { priority: 'live', signal: stop.signal });
  await asked;
  stop.abort(new Error('shutting down'));
  await expect(call).rejects.toThrow('shutting down');
  const closed = account.close();
  opened();
  await closed;
  expect(JSON.parse(await readFile(join(stateDir, 'tokens.json'), 'utf8'))).toMatchObject({
    accessToken: 'ROW_new',
    refreshToken: 'ROW_new_refresh',
  });
});

test('T17: a wrong clock of the machine is warned of once, and once when it is right again', async () => {
  let ahead = -600_000;
  const warned: string[] = [];
  const localNow = () => Date.now() + ahead;
  const { account } = await world(both, { localNow, warn: (message) => warned.push(message), timers: systemTimers });
  const [shop] = await account.shops(never);
  if (shop === undefined) throw new Error('no shop');
  for (let i = 0; i < 5; i++) await account.api(shop).call(search, { priority: 'live', signal: never });
  expect(warned).toEqual([expect.stringMatching(/^this machine’s clock is (599|600) s behind TikTok’s: /)]);
  ahead = 0;
  for (let i = 0; i < 3; i++) await account.api(shop).call(search, { priority: 'live', signal: never });
  expect(warned.slice(1)).toEqual(['this machine’s clock is right again']);
});
