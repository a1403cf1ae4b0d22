import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { check, type Credentials, type RequestFacts } from './checks.ts';
import { signatureOf } from './sign.ts';

const NOW = 1_764_000_000.9;
const SECOND = 1_764_000_000;
const credentials: Credentials = {
  appKey: 'key',
  appSecret: 'secret',
  lenientEmptyBody: false,
  tokens: [
    {
      accessToken: 'good',
      expiresAt: NOW + 100,
      scopes: ['seller.order.info', 'seller.authorization.info'],
      shops: [{ cipher: 'GCP_a', id: '1' }],
    },
    { accessToken: 'old', expiresAt: NOW, scopes: ['seller.order.info'], shops: [{ cipher: 'GCP_a', id: '1' }] },
    { accessToken: 'narrow', expiresAt: NOW + 100, scopes: [], shops: [{ cipher: 'GCP_a', id: '1' }] },
  ],
};

interface Variation {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly accessToken?: string | undefined;
  readonly sign?: string | undefined;
}

/** A good search request, but for what is named. It is signed after the variation. */
function request(change: Variation = {}): RequestFacts {
  const all = { app_key: 'key', timestamp: String(SECOND), shop_cipher: 'GCP_a', ...change.query };
  const query = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const facts = {
    method: change.method ?? 'POST',
    path: change.path ?? '/order/202309/orders/search',
    query,
    body: Buffer.from(change.body ?? '{}'),
    contentType: 'application/json',
    accessToken: 'accessToken' in change ? change.accessToken : 'good',
  };
  const sign = 'sign' in change ? change.sign : signatureOf(facts, 'secret');
  return sign === undefined ? facts : { ...facts, query: [...query, ['sign', sign]] };
}

const samples = z.object({
  errors: z.array(z.object({ case: z.string(), http_status: z.int(), response: z.object({ code: z.int() }) })),
});
const url = new URL('../data/tiktok/samples/error-envelopes.json', import.meta.url);
const { errors } = samples.parse(JSON.parse(readFileSync(url, 'utf8')));

const SHOPS = { method: 'GET', path: '/authorization/202309/shops', body: '' };

/** In the order of the checks: each request is wrong in its own way, and in those of all the rows below it. */
const ladder: readonly (readonly [name: string, Variation, http: number, code: number, keyword: string])[] = [
  ['unknown path', { path: '/order/202001/orders/search', method: 'PUT' }, 404, 36009009, 'path'],
  ['wrong method', { method: 'GET', query: { app_key: 'x' } }, 405, 36009010, 'method'],
  ['unknown app key', { query: { app_key: 'x', timestamp: '1' } }, 400, 36009004, "'app_key'"],
  [
    'old timestamp',
    { query: { timestamp: String(SECOND - 301) }, sign: 'bad' },
    400,
    36009004,
    'earlier than 5 minutes',
  ],
  ['no signature', { sign: undefined, accessToken: undefined }, 400, 36009004, "'sign'"],
  ['bad signature', { sign: 'bad', accessToken: undefined }, 401, 106001, "'sign' is invalid"],
  ['no token', { accessToken: undefined, query: { shop_cipher: undefined } }, 401, 36009004, 'x-tts-access-token'],
  ['unknown token', { accessToken: 'other', query: { shop_cipher: undefined } }, 401, 105001, 'token'],
  ['expired token', { accessToken: 'old', query: { shop_cipher: undefined } }, 401, 105002, 'expired'],
  ['missing scope', { accessToken: 'narrow', query: { shop_cipher: undefined } }, 401, 105005, 'scope'],
  ['missing cipher', { query: { shop_cipher: undefined } }, 400, 106013, "'shop_cipher' is required"],
  ['foreign cipher', { query: { shop_cipher: 'GCP_b' } }, 401, 101000, 'shop_cipher'],
  ['unexpected cipher', SHOPS, 400, 36009004, "unexpected identifier 'shop_cipher'"],
];

test.each(ladder)('refuses: %s', (_, change, http, code, keyword) => {
  const verdict = check(request(change), credentials, NOW);
  expect(verdict).toMatchObject({ ok: false, http, code });
  expect(verdict.ok ? '' : verdict.message).toContain(keyword);
});

test('admits a good request and says for which shop', () => {
  expect(check(request(), credentials, NOW)).toMatchObject({ ok: true, shopId: '1' });
  const shops = check(request({ ...SHOPS, query: { shop_cipher: undefined } }), credentials, NOW);
  expect(shops).toMatchObject({ ok: true, shopId: undefined });
});

test.each([
  [-300, true],
  [-301, false],
  [30, true],
  [31, false],
])('a timestamp %i s from now is inside the window: %s', (offset, inside) => {
  const verdict = check(request({ query: { timestamp: String(SECOND + offset) } }), credentials, NOW);
  expect(verdict.ok).toBe(inside);
});

test.each([
  ['', "missing 'timestamp'"],
  ['-5', 'below 0'],
  [`-${SECOND}`, 'below 0'],
  ['soon', '10 digits'],
  ['176400000', '10 digits'],
  [`0${SECOND}`, '10 digits'],
  [`${SECOND}000`, '10 digits'],
  [`${SECOND}.5`, '10 digits'],
  [`+${SECOND}`, '10 digits'],
  [` ${SECOND}`, '10 digits'],
  [`${SECOND}\n`, '10 digits'],
])('the timestamp "%s" is refused: %s', (timestamp, why) => {
  const verdict = check(request({ query: { timestamp } }), credentials, NOW);
  expect(verdict).toMatchObject({ ok: false, http: 400, code: 36009004, message: expect.stringContaining(why) });
});

test('a timestamp of 10 digits counts as a number, leading zeros or not', () => {
  const verdict = check(request({ query: { timestamp: '0999999999' } }), credentials, 999_999_999);
  expect(verdict.ok).toBe(true);
});

test('a token in the query does not stand in for the header, and beside it disturbs nothing', () => {
  const inQuery = { query: { access_token: 'good' } };
  expect(check(request({ ...inQuery, accessToken: undefined }), credentials, NOW)).toMatchObject({
    http: 401,
    code: 36009004,
  });
  expect(check(request(inQuery), credentials, NOW).ok).toBe(true);
});

test('a signature that leaves out {} passes only in lenient mode, and only for {}', () => {
  const without = (body: string): RequestFacts => {
    const facts = request({ body: '', sign: undefined });
    const sign = signatureOf(facts, 'secret');
    return { ...facts, body: Buffer.from(body), query: [...facts.query, ['sign', sign]] };
  };
  const lenient = { ...credentials, lenientEmptyBody: true };
  expect(check(without('{}'), credentials, NOW)).toMatchObject({ code: 106001 });
  expect(check(without('{}'), lenient, NOW).ok).toBe(true);
  expect(check(without('{} '), lenient, NOW)).toMatchObject({ code: 106001 });
});

test('statuses and codes are those of the recorded envelopes', () => {
  const recorded = new Map(errors.map((row) => [row.case, [row.http_status, row.response.code]]));
  const ours = (name: string): readonly number[] =>
    ladder.flatMap(([known, , http, code]) => (known === name ? [http, code] : []));
  const pairs: readonly (readonly [recorded: string, ours: string])[] = [
    ['gateway: unknown path', 'unknown path'],
    ['gateway: unknown app_key', 'unknown app key'],
    ['timestamp older than 5 minutes', 'old timestamp'],
    ['token sent in the query instead of the header', 'no token'],
    ['bad signature', 'bad signature'],
    ['expired access token', 'expired token'],
    ['scope missing', 'missing scope'],
    ['shop_cipher missing', 'missing cipher'],
  ];
  for (const [theirs, mine] of pairs) expect(ours(mine), mine).toEqual(recorded.get(theirs));
});
