import { expect, test } from 'vitest';

import { authorizationCode, longestPaste } from '../../shared/authorization-code.ts';

test.each([
  ['ROW_Fe4gXwAAAAB0b2-_.~+/=', 'ROW_Fe4gXwAAAAB0b2-_.~+/='],
  ['  ROW_code\r\n', 'ROW_code'],
  ['https://app.example/redirect?code=ROW_a&state=5', 'ROW_a'],
  ['https://app.example/redirect?app_key=6x&state=5&code=ROW_a%2Bb%3D&locale=en#top', 'ROW_a+b='],
  ['https://app.example/redirect?code=ROW_a+b&state=5', 'ROW_a+b'],
  ['https://app.example/redirect?code=ROW_100%&state=5', 'ROW_100%'],
  ['https://app.example/redirect?promo_code=no&code=ROW_a', 'ROW_a'],
  ['https://app.example/redirect#code=ROW_a', 'ROW_a'],
  ['?code=ROW_a&state=5', 'ROW_a'],
  ['code=ROW_a', 'ROW_a'],
  ['ROW_a&state=5&locale=en&shop_region=GB', 'ROW_a'],
])('%j holds the code %s', (pasted, code) => {
  expect(authorizationCode(pasted)).toEqual({ code });
});

test.each([
  ['', 'no code in it'],
  [' \n', 'no code in it'],
  ['null', 'no code in it'],
  ['https://app.example/redirect?code=&state=5', 'no code in it'],
  ['https://auth.tiktok-shops.com/oauth/authorize?app_key=6x&state=5', 'after agreeing'],
  ['https://app.example/redirect?code=null&error=auth_denied', 'did not agree (auth_denied)'],
  ['https://app.example/redirect?code=null&error=%1b[31mred', 'did not agree, so'],
  ['ROW_a ROW_b', 'one word'],
  ['ROW_a\u0007', 'one word'],
  ['R'.repeat(longestPaste + 1), 'shorter'],
])('%j is refused in words that do not repeat it', (pasted, words) => {
  const read = authorizationCode(pasted);
  expect(read).toEqual({ problem: expect.stringContaining(words) });
  expect(JSON.stringify(read)).not.toMatch(/ROW_|app\.example|R{9}/);
});
