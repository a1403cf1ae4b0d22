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

const sample = (name: string): string =>
  readFileSync(new URL(`../../data/tiktok/samples/${name}.json`, import.meta.url), 'utf8');

test('recorded: ids that are integers beyond 2^53 come digit by digit, small integers as they are', () => {
  const text = sample('analytics-product-list-int-ids');
  const response = text.slice(text.indexOf('"response":') + '"response":'.length, text.lastIndexOf('}'));
  expect(readEnvelope(answer(response))).toMatchObject({
    kind: 'success',
    data: {
      products: [
        { id: '1729580000000000001', orders: 4, gmv: { amount: '100.5' } },
        { id: '1729580000000000007', orders: 0 },
      ],
      total_count: 128,
    },
  });
});

test.each([
  ['9007199254740991', 9007199254740991],
  ['9007199254740992', '9007199254740992'],
  ['-9007199254740993', '-9007199254740993'],
  ['[1,9223372036854775807]', [1, '9223372036854775807']],
  ['[ 18446744073709551615 , 2]', ['18446744073709551615', 2]],
  [
    '[1729580000000000000.5, 1.2345678901234567890, 17295800000000000000e-3]',
    [Number('1729580000000000000.5'), Number('1.2345678901234567890'), Number('17295800000000000000e-3')],
  ],
  [
    '{"say":"he said: 1729580000000000001","n": 1729580000000000003}',
    { say: 'he said: 1729580000000000001', n: '1729580000000000003' },
  ],
  [
    '{"say":"a \\":1729580000000000001,\\\\","n":1729580000000000003}',
    { say: 'a ":1729580000000000001,\\', n: '1729580000000000003' },
  ],
  ['{"say":"[ 1729580000000000001 ]"}', { say: '[ 1729580000000000001 ]' }],
])('%s', (json, data) => {
  expect(readEnvelope(answer(`{"code":0,"data":${json}}`))).toEqual({ kind: 'success', data });
});

test('a body of long integers that was cut short is no answer', () => {
  expect(readEnvelope(answer('{"code":0,"data":{"id":1729580000000000001'))).toMatchObject({
    kind: 'failure',
    code: undefined,
  });
});

test('where ids are text nothing is looked through: a long integer is what JSON.parse makes of it', () => {
  const text = '{"code":0,"data":{"id":"1729580000000000001","n":1729580000000000001}}';
  const data = { id: '1729580000000000001', n: Number('1729580000000000001') };
  expect(readEnvelope(answer(text), true)).toEqual({ kind: 'success', data });
});
