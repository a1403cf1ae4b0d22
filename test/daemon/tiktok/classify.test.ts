import { describe, expect, test } from 'vitest';

import { classify } from '../../../daemon/tiktok/classify.ts';
import { codeRows } from '../../../daemon/tiktok/codes.ts';

const catalogue: ReadonlyArray<readonly [codes: readonly number[], failureClass: string, reaction: string]> = [
  [[36009002, 12052109, 36009037, 45101004], 'throttled', 'throttle'],
  [[36009003, 36009007, 66007001, 20001, 12001000, 33001002, 12052881], 'transient', 'retry'],
  [[10002014, 10002015, 10037002, 10037003, 10037004, 10006402], 'transient', 'retry'],
  [[105002, 105001], 'token', 'refresh-token'],
  [[101000, 106013], 'configuration', 'reread-shops'],
  [[36004001, 36004004, 36004005], 'token', 'stop'],
  [[105005, 66009315, 25020005, 12009014, 12019114], 'configuration', 'stop'],
  [[106001, 36009010, 36009021, 36009022, 36009023, 36009033], 'configuration', 'stop'],
  [[36009009, 36009014], 'configuration', 'fall-back-version'],
  [[36009043, 36009044, 12052700, 12052704], 'configuration', 'pause-shop'],
  [[98001004, 25001001, 12052910], 'configuration', 'stop'],
  [[12019108, 12019109, 12019118, 12019119, 12019027, 12019087], 'configuration', 'stop'],
  [[12052180, 28001022], 'configuration', 'split-window'],
  [[28001007, 12019150, 12052032, 21008111], 'record', 'skip'],
];
const flat = catalogue.flatMap(([codes, ...rest]) => codes.map((code) => [code, ...rest] as const));

describe('the catalogue of codes', () => {
  test.each(flat)('%i is %s: %s', (code, failureClass, reaction) => {
    // The status does not matter: errors come with 200 too.
    for (const http of [200, 400, 401, 500])
      expect(classify({ http, code })).toMatchObject({ class: failureClass, reaction, code, http });
  });

  test('holds each code once, and no code but these', () => {
    const codes = codeRows.flatMap((row) => row.codes);
    expect(new Set(codes)).toEqual(new Set(flat.map(([code]) => code)));
    expect(new Set(codes).size).toBe(codes.length);
  });

  test('says what to do wherever waiting does not help', () => {
    for (const row of codeRows) {
      expect(row.words).not.toBe('');
      if (row.class === 'token' || row.class === 'configuration') expect(row.hint, row.words).toBeTruthy();
    }
  });

  test('quotas tell when they open', () => {
    expect(classify({ http: 429, code: 36009037 }).wait).toBe('next-hour');
    expect(classify({ http: 429, code: 45101004 }).wait).toBe('next-day');
    expect(classify({ http: 429, code: 36009002, retryAfterMs: 2000 })).toMatchObject({ retryAfterMs: 2000 });
  });
});

describe('36009004 means what its message says', () => {
  test.each([
    ["'timestamp' earlier than 5 minutes ago", 'configuration', 'resync-clock'],
    ["'timestamp' is more than 30 seconds ahead", 'configuration', 'resync-clock'],
    ["'timestamp' is below 0", 'configuration', 'resync-clock'],
    ["'x-tts-access-token' header is invalid", 'token', 'refresh-token'],
    ["missing 'access_token'", 'token', 'refresh-token'],
    ["invalid credentials: 'app_key'", 'configuration', 'stop'],
    ["missing 'sign'", 'configuration', 'stop'],
    ["unexpected identifier 'shop_cipher'", 'configuration', 'stop'],
    ["unexpected 'category_asset_cipher'", 'configuration', 'stop'],
    ['shop_id is invalid', 'configuration', 'reread-shops'],
    ['the API version is not supported', 'configuration', 'fall-back-version'],
    ["field 'page_size' is required", 'configuration', 'stop'],
    ['page_token is invalid', 'transient', 'restart-window'],
    ['the date range is too long', 'configuration', 'split-window'],
    ['something else', 'configuration', 'stop'],
  ])('%s', (message, failureClass, reaction) => {
    expect(classify({ http: 400, code: 36009004, message })).toMatchObject({ class: failureClass, reaction });
  });
});

describe('while a page token is in use', () => {
  test.each([36009004, 98001004, 25001001, 12019108])('%i restarts the window', (code) => {
    expect(classify({ http: 400, code, message: 'invalid parameter', paging: true })).toMatchObject({
      class: 'transient',
      reaction: 'restart-window',
    });
  });

  test('a refused timestamp or token is still what it is', () => {
    const refused = { http: 400, code: 36009004, paging: true };
    expect(classify({ ...refused, message: "'timestamp' is old" }).reaction).toBe('resync-clock');
    expect(classify({ ...refused, message: "'x-tts-access-token' is invalid" }).reaction).toBe('refresh-token');
  });
});

describe('answers without a code', () => {
  test.each([
    [429, '', 'throttled', 'throttle'],
    [503, '<html>', 'transient', 'retry'],
    [500, '', 'transient', 'retry'],
    [502, '', 'transient', 'retry'],
    [408, '', 'transient', 'retry'],
    [200, '{"code":0,"da', 'transient', 'retry'],
    [403, 'no schema found', 'configuration', 'stop'],
    [403, 'Forbidden', 'configuration', 'stop'],
    [404, 'Not Found', 'configuration', 'stop'],
    [302, '', 'configuration', 'stop'],
  ])('HTTP %i %s', (http, message, failureClass, reaction) => {
    expect(classify({ http, message })).toMatchObject({ class: failureClass, reaction, code: undefined });
  });

  test('"no schema found" is told apart from any other 403', () => {
    expect(classify({ http: 403, message: 'no schema found' }).words).toMatch(/scope/);
    expect(classify({ http: 403, message: 'Forbidden' }).words).not.toMatch(/scope/);
  });
});

test('an unknown code gets a few attempts; with 429 or 5xx it is what the status says', () => {
  expect(classify({ http: 200, code: 77 })).toMatchObject({ class: 'transient', reaction: 'retry', attempts: 3 });
  expect(classify({ http: 429, code: 77 }).reaction).toBe('throttle');
  expect(classify({ http: 500, code: 77 })).toMatchObject({ reaction: 'retry' });
  expect(classify({ http: 500, code: 77 }).attempts).toBeUndefined();
});
