import { describe, expect, test } from 'vitest';

import { backoffs, CIPHER, clientWorld, never, search, START, wellSigned, page } from './client-world.ts';
import { failed, type Heard, ok, type Reply } from './scripted-server.ts';

describe('one request', () => {
  test('is signed over what is sent, with the token in the header and nowhere else', async () => {
    const { api, call } = await clientWorld(() => page);
    const answer = await call();
    expect(answer.data.orders).toEqual([{ id: '1' }]);
    const [heard] = api();
    if (heard === undefined) throw new Error('nothing was sent');
    expect(wellSigned(heard)).toBe(true);
    expect(heard).toMatchObject({
      method: 'POST',
      body: '{"update_time_ge":1,"note":"Größe ☕"}',
      query: { app_key: 'key', timestamp: String(START), shop_cipher: CIPHER, page_token: 'a+/= b' },
      headers: { 'x-tts-access-token': 'ROW_given', 'content-type': 'application/json' },
    });
    expect(heard.query).not.toHaveProperty('access_token');
  });

  test('tells when it was sent, never later than it was, and in which order', async () => {
    const { call, timers } = await clientWorld(() => page, 7200);
    expect(await call()).toMatchObject({ sentAt: START + 7200 - 300, asked: 101 });
    timers.pass(10_000);
    expect(await call()).toMatchObject({ sentAt: START + 10, asked: 102 });
  });

  test('asked and sentAt are those of the attempt that succeeded', async () => {
    const { call, sent } = await clientWorld((_, nth) => (nth < 2 ? failed(200, 36009003, 'internal') : page));
    expect(await call()).toMatchObject({ asked: 103, sentAt: START + 3 });
    expect(sent()).toBe(3);
  });

  test('success is code 0, whatever the status', async () => {
    const { call } = await clientWorld(() => ({ status: 500, json: { code: 0, data: { orders: [] } } }));
    expect((await call()).data.orders).toEqual([]);
  });
});

describe('transient failures', () => {
  test('rule 10: a caller with less patience has fewer attempts, and is told before each that repeats', async () => {
    const { call, sent } = await clientWorld(() => failed(200, 36009003, 'internal'));
    const told: string[] = [];
    const less = { attempts: () => 2, onRetry: (reason: string) => void told.push(reason) };
    await expect(call(never, less)).rejects.toMatchObject({ class: 'transient' });
    expect(sent()).toBe(2);
    expect(told).toEqual([expect.stringContaining('36009003')]);
  });

  test.each<[string, Reply]>([
    ['36009003', failed(200, 36009003, 'internal')],
    ['503 without JSON', { status: 503, text: '<html>overload' }],
    ['a connection that is cut', (response) => void response.destroy()],
    ['a truncated body', { text: '{"code":0,"data":{"orders":[{"id":"1"' }],
    ['an envelope without a code', { json: { data: { orders: [] } } }],
    ['data of another shape', ok({ orders: [{ id: 7, buyer: 'Jane Doe' }] })],
    ['no data', ok(null)],
  ])('%s is tried five times with backoff, each attempt signed anew', async (_, reply) => {
    const { api, timers, attempts, budget, call } = await clientWorld(() => reply);
    const error = await call().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ class: 'transient', code: 'api', retryable: true });
    expect(String(error)).not.toContain('Jane');
    expect(timers.waits).toEqual([1000, 2000, 4000, 8000]);
    expect(api().every(wellSigned)).toBe(true);
    expect(api().map(({ query }) => Number(query['timestamp']) - START)).toEqual([0, 1, 3, 7, 15]);
    expect(new Set(api().map(({ query }) => query['sign'])).size).toBe(5);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(Array(5).fill('transient'));
    expect(budget.underWay).toBe(0);
  });

  test('one that passes is not seen by the caller', async () => {
    const { call, attempts } = await clientWorld((_, nth) => (nth === 0 ? { status: 503, text: '' } : page));
    await call();
    expect(attempts).toEqual([
      { endpoint: search.path, http: 503, code: undefined, ms: expect.any(Number), outcome: 'transient' },
      { endpoint: search.path, http: 200, code: 0, ms: expect.any(Number), outcome: 'success' },
    ]);
  });
});

describe('a crowded API', () => {
  test('is waited for as told, at half the rate', async () => {
    const { call, timers, budget } = await clientWorld((_, nth) =>
      nth < 7 ? failed(429, 36009002, 'too many', { 'retry-after': '3' }) : page,
    );
    await call();
    // The endpoint itself stays closed meanwhile, so waits of the budget may lie between.
    expect(backoffs(timers)).toEqual([3000, 3000, 4000, 8000, 16_000, 32_000, 60_000]);
    expect(budget.pace(search.path).requestsPerSecond).toBeLessThan(1000 / 2 ** 6);
  });

  test('429 without JSON counts the same', async () => {
    const { call, timers } = await clientWorld((_, nth) => (nth === 0 ? { status: 429, text: '' } : page));
    await call();
    expect(timers.waits[0]).toBe(1000);
  });

  test('eight refused together halve the rate once', async () => {
    let waiting = 8;
    const { promise: gate, resolve: opened } = Promise.withResolvers<void>();
    const { call, budget } = await clientWorld(async (_, nth) => {
      if (nth >= 8) return page;
      waiting -= 1;
      if (waiting === 0) opened();
      await gate;
      return failed(429, 36009002, 'too many');
    });
    await Promise.all(Array.from({ length: 8 }, () => call()));
    const { requestsPerSecond } = budget.pace(search.path);
    expect(requestsPerSecond).toBeGreaterThanOrEqual(500);
    expect(requestsPerSecond).toBeLessThan(510);
  });

  test('a used-up quota fails at once, as throttled, with the time to wait; later calls send nothing', async () => {
    const { call, api } = await clientWorld(() => failed(429, 36009037, 'hourly quota'));
    const expected = { class: 'throttled', code: 'limit', retryAfterMs: (3600 - (START % 3600)) * 1000 };
    await expect(call()).rejects.toMatchObject(expected);
    await expect(call()).rejects.toMatchObject(expected);
    expect(api()).toHaveLength(1);
  });
});

describe('an expired token', () => {
  test('met by eight calls at once is refreshed once and replayed eight times', async () => {
    let waiting = 8;
    const { promise: gate, resolve: opened } = Promise.withResolvers<void>();
    const { call, api, refreshes, sent } = await clientWorld(async (heard) => {
      if (heard.headers['x-tts-access-token'] !== 'ROW_given') return page;
      waiting -= 1;
      if (waiting === 0) opened();
      await gate;
      return failed(401, 105002, 'expired');
    });
    await Promise.all(Array.from({ length: 8 }, () => call()));
    expect(refreshes()).toBe(1);
    expect(api()).toHaveLength(16);
    expect(sent()).toBe(16);
    expect(api().filter(({ headers }) => headers['x-tts-access-token'] === 'ROW_access_1')).toHaveLength(8);
  });

  test.each([
    [401, 105002, 'expired'],
    [401, 105001, 'revoked'],
    [401, 36009004, "'x-tts-access-token' header is invalid: ROW_given"],
  ])('refused again after the refresh (HTTP %i, %i) it asks for a new consent', async (status, code, message) => {
    const { call, api, refreshes } = await clientWorld(() => failed(status, code, message));
    const error = await call().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ class: 'token', code: 'not_authorized', hint: expect.stringContaining('auth url') });
    expect(String(error)).not.toContain('ROW_');
    expect([api().length, refreshes()]).toEqual([2, 1]);
  });
});

describe('the clock', () => {
  const strict = (heard: Heard): Reply => {
    const off = Number(heard.query['timestamp']) - START;
    if (off > 30) return failed(400, 36009004, "'timestamp' is more than 30 seconds ahead");
    return off < -300 ? failed(400, 36009004, "'timestamp' earlier than 5 minutes ago") : page;
  };

  test.each([600, -600, 86_400])('%i s off is set by the first answer, and the request replayed', async (skew) => {
    const { call, api, clock, timers } = await clientWorld(strict, skew);
    await call();
    expect(api().map(({ query }) => Number(query['timestamp']) - START)).toEqual([skew, 0]);
    expect(clock.signingNow()).toBe(START);
    expect(backoffs(timers)).toEqual([]);
  });

  test('old samples that mislead are forgotten', async () => {
    const { call, clock, api } = await clientWorld(strict);
    for (let i = 0; i < 8; i += 1) clock.observe(new Date((START - 4000) * 1000).toUTCString());
    await call();
    expect(api()).toHaveLength(2);
  });

  test('refused again it is a configuration error', async () => {
    const { call, api } = await clientWorld(() => failed(400, 36009004, "'timestamp' is old"));
    await expect(call()).rejects.toMatchObject({ class: 'configuration', hint: expect.stringContaining('NTP') });
    expect(api()).toHaveLength(3);
  });
});

test('T17: the time of a gateway between is not taken for TikTok’s', async () => {
  const behind = { date: new Date((START - 3000) * 1000).toUTCString() };
  const { call, clock, timers } = await clientWorld((_, nth) =>
    nth < 2 ? { status: 502, text: '<html>bad gateway', headers: behind } : page,
  );
  await call();
  expect(clock.now()).toBe(START + timers.waits.reduce((sum, ms) => sum + ms, 0) / 1000);
});
