import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { signatureOf } from './sign.ts';

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
      request_url: z.string(),
    }),
  ),
});

const url = new URL('../data/tiktok/signing-vectors.json', import.meta.url);
const { request_vectors: vectors } = file.parse(JSON.parse(readFileSync(url, 'utf8')));

test.each(vectors)('signs $name, from its parts and from its URL', (vector) => {
  const rest = { path: vector.path, body: Buffer.from(vector.body ?? ''), contentType: vector.content_type };
  const { searchParams } = new URL(vector.request_url);
  expect(signatureOf({ ...rest, query: Object.entries(vector.query) }, vector.app_secret)).toBe(vector.sign);
  expect(signatureOf({ ...rest, query: [...searchParams] }, vector.app_secret)).toBe(vector.sign);
});
