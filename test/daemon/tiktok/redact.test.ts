import { expect, test } from 'vitest';

import { redact } from '../../../daemon/tiktok/redact.ts';

test.each([
  ['token ROW_a refused', ['ROW_a'], 'token *** refused'],
  ['ROW_a ROW_ab', ['ROW_a', 'ROW_ab'], '*** ***'],
  ['app_secret=a%2Fb', ['a/b'], 'app_secret=***'],
  ['plain', [undefined, ''], 'plain'],
  [' a\u0000\u001b[31mb\nc\u009b ', [], 'a [31mb c'],
])('%j without %j', (text, secrets, clean) => {
  expect(redact(text, secrets)).toBe(clean);
});

test('long texts are cut after secrets are taken out', () => {
  const clean = redact(`${'x'.repeat(295)}ROW_secret${'y'.repeat(500)}`, ['ROW_secret']);
  expect(clean).toHaveLength(301);
  expect(clean).not.toContain('ROW');
});
