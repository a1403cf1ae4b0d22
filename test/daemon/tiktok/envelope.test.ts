import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { readEnvelope } from '../../../daemon/tiktok/envelope.ts';

const answer = (text: string, status = 200) => ({ status, text, date: undefined, retryAfter: undefined });
const samples = z
  .object({
    errors: z.array(z.object({ case: z.string(), http_status: z.int(), response: z.looseObject({ code: z.int() }) })),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../data/tiktok/samples/error-envelopes.json', import.meta.url), 'utf8')),
  ).errors;

test.each(samples)('recorded: $case', ({ http_status: status, response }) => {
  const { code, message } = response;
  expect(readEnvelope(answer(JSON.stringify(response), status))).toEqual({ kind: 'failure', code, message });
});

test.each([
  ['{"code":0,"message":"Success","data":{"a":1}}', { kind: 'success', data: { a: 1 } }],
  ['{"code":0,"message":"success","data":null}', { kind: 'success', data: null }],
  ['{"code":0}', { kind: 'success', data: undefined }],
  ['{"code":7,"message":null}', { kind: 'failure', code: 7, message: '' }],
  ['{"code":"0","data":{}}', { kind: 'failure', code: undefined, message: '{"code":"0","data":{}}' }],
  ['{"code":0,"data":{"or', { kind: 'failure', code: undefined, message: '{"code":0,"data":{"or' }],
  ['', { kind: 'failure', code: undefined, message: '' }],
  ['null', { kind: 'failure', code: undefined, message: 'null' }],
])('%s', (text, envelope) => {
  expect(readEnvelope(answer(text))).toEqual(envelope);
});
