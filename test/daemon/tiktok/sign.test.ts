import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { sign } from '../../../daemon/tiktok/sign.ts';

const file = z.object({
  request_vectors: z.array(
    z.object({
      name: z.string(),
      app_secret: z.string(),
      path: z.string(),
      query: z.record(z.string(), z.string()),
      content_type: z.string(),
      body: z.string().nullable(),
      sign: z.string(),
    }),
  ),
});
const vectors = file.parse(
  JSON.parse(readFileSync(new URL('../../data/tiktok/signing-vectors.json', import.meta.url), 'utf8')),
).request_vectors;

test('there are vectors to check', () => {
  expect(vectors.length).toBeGreaterThanOrEqual(12);
});

test.each(vectors)('$name', (vector) => {
  const args = [vector.app_secret, vector.path, vector.query] as const;
  expect(sign(...args, vector.body ?? undefined, vector.content_type)).toBe(vector.sign);
  if (vector.body !== null) expect(sign(...args, Buffer.from(vector.body), vector.content_type)).toBe(vector.sign);
});

test('keys are ordered by the bytes of UTF-8, not by UTF-16 units', () => {
  // U+FF21 is EF BC A1 and U+1F600 is F0 9F 98 80; in UTF-16 the second begins with D83D and would come first.
  const query = { '\u{1F600}': '2', '\u{FF21}': '1' };
  expect(sign('s', '/p', query)).toBe(sign('s', '/p\u{FF21}1\u{1F600}2', {}));
});
