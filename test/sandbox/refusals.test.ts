import { expect, test } from 'vitest';

import { ask, codeOf, type Answered, type Ask } from './client.ts';
import { living } from './living.ts';
import type { SandboxOptions } from './options.ts';
import type { Sandbox } from './sandbox.ts';

const START = 1_764_000_000;
const SHOPS = '/authorization/202309/shops';
const SEARCH = '/order/202309/orders/search';

const start = (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
  living({ orders: 40, days: 30, frozen: true, now: () => START, ...options });

const told = (answered: Answered): readonly number[] => [answered.http, codeOf(answered)];

/** A call for the first shop, which needs no more than this to be good. */
async function call(sandbox: Sandbox, path: string, change: Partial<Ask> = {}): Promise<Answered> {
  const cipher = { shop_cipher: sandbox.shops[0]?.cipher ?? '' };
  const [order] = sandbox.world.orders();
  const query =
    path === SHOPS ? {} : path === SEARCH ? { ...cipher, page_size: '10' } : { ...cipher, ids: order?.id ?? '' };
  return ask(sandbox, path, { method: path === SEARCH ? 'POST' : 'GET', query, timestamp: START, ...change });
}

const PATHS = [SHOPS, SEARCH, '/order/202309/orders', '/order/202507/orders'];

test.each(PATHS)('%s needs the content type application/json', async (path) => {
  const sandbox = await start();
  for (const contentType of ['application/json', 'application/json; charset=utf-8', 'Application/JSON ;x=y']) {
    expect(told(await call(sandbox, path, { contentType })), contentType).toEqual([200, 0]);
  }
  for (const contentType of [null, 'text/plain', 'multipart/form-data; boundary=b', 'application/jsonx', 'text/json']) {
    expect(told(await call(sandbox, path, { contentType })), String(contentType)).toEqual([400, 36009023]);
  }
});

test('the content type is looked at after the cipher, and before parameters and body', async () => {
  const sandbox = await start();
  const wrong: Partial<Ask> = { contentType: 'text/plain', body: 'no JSON' };
  expect(told(await call(sandbox, SEARCH, { ...wrong, query: {} }))).toEqual([400, 106013]);
  const { cipher = '' } = sandbox.shops[0] ?? {};
  expect(told(await call(sandbox, SEARCH, { ...wrong, query: { shop_cipher: cipher } }))).toEqual([400, 36009023]);
  const detail = { contentType: 'text/plain', query: { shop_cipher: cipher } };
  expect(told(await call(sandbox, '/order/202507/orders', detail))).toEqual([400, 36009023]);
});

test('a wrong content type costs rate and is not looked at when none is left', async () => {
  const sandbox = await start({ rate: 1 });
  expect(told(await call(sandbox, SHOPS, { contentType: 'text/plain' }))).toEqual([400, 36009023]);
  expect(told(await call(sandbox, SHOPS, { contentType: 'text/plain' }))).toEqual([429, 36009002]);
});

test('the token host asks for no content type', async () => {
  const { url, appKey, appSecret, refreshToken } = await start();
  const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const query = new URLSearchParams({ app_key: appKey, app_secret: appSecret, ...grant });
  const headers = { 'content-type': 'text/plain' };
  const response = await fetch(`${url}/api/v2/token/refresh?${query.toString()}`, { headers });
  expect([response.status, JSON.parse(await response.text()).code]).toEqual([200, 0]);
});

test('a search without page_size is refused, unless the knob says how many that means', async () => {
  const sandbox = await start();
  const { cipher = '' } = sandbox.shops[0] ?? {};
  const refused = await call(sandbox, SEARCH, { query: { shop_cipher: cipher }, body: '{"page_size":10}' });
  expect(told(refused)).toEqual([400, 36009004]);
  expect(refused.text).toContain("'page_size' is required");
  const taken = await start({ defaultPageSize: 20 });
  const { text } = await call(taken, SEARCH, { query: { shop_cipher: cipher } });
  expect(JSON.parse(text).data.orders).toHaveLength(20);
  const empty = await call(taken, SEARCH, { query: { shop_cipher: cipher, page_size: '' } });
  expect(told(empty)).toEqual([400, 36009004]);
});

test.each([
  ['no body', '', 0],
  ['an empty object', '{}', 0],
  ['characters beyond ASCII', '{"note":"Größe ☕ 😀"}', 0],
  ['no JSON', 'page_size=10', 36009022],
  ['a byte order mark', '\uFEFF{}', 36009022],
  ['bytes that are not UTF-8', Uint8Array.from(Buffer.from('{"note":"\xff\xfe"}', 'latin1')), 36009022],
])('the body of a search: %s', async (_, body, code) => {
  expect(told(await call(await start(), SEARCH, { body }))).toEqual([code === 0 ? 200 : 400, code]);
});
