import { describe, expect, test } from 'vitest';

import { exchange, startRig } from './harness.ts';

const invalidRequest = { jsonrpc: '2.0', error: { code: -32600, message: 'Invalid Request' }, id: null };
const parseError = { jsonrpc: '2.0', error: { code: -32700, message: 'Parse error' }, id: null };
const notFound = (id: unknown): object => ({
  jsonrpc: '2.0',
  error: { code: -32601, message: 'Method not found' },
  id,
});

/** The examples of section 7 of the specification, as they stand there. */
const examples: readonly (readonly [string, string, unknown])[] = [
  [
    'positional',
    '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
    { jsonrpc: '2.0', result: 19, id: 1 },
  ],
  [
    'positional, other order',
    '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
    { jsonrpc: '2.0', result: -19, id: 2 },
  ],
  [
    'named',
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
    { jsonrpc: '2.0', result: 19, id: 3 },
  ],
  [
    'named, other order',
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
    { jsonrpc: '2.0', result: 19, id: 4 },
  ],
  ['a notification', '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', undefined],
  ['a notification of no method', '{"jsonrpc": "2.0", "method": "foobar"}', undefined],
  ['no such method', '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', notFound('1')],
  ['invalid JSON', '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', parseError],
  ['an invalid request', '{"jsonrpc": "2.0", "method": 1, "params": "bar"}', invalidRequest],
  ['an empty array', '[]', invalidRequest],
  ['an invalid batch of one', '[1]', [invalidRequest]],
  ['an invalid batch', '[1,2,3]', [invalidRequest, invalidRequest, invalidRequest]],
  [
    'a batch, invalid JSON',
    '[\n  {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},\n  {"jsonrpc": "2.0", "method"\n]',
    parseError,
  ],
  [
    'a batch',
    `[
        {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"} 
    ]`,
    [
      { jsonrpc: '2.0', result: 7, id: '1' },
      { jsonrpc: '2.0', result: 19, id: '2' },
      invalidRequest,
      notFound('5'),
      { jsonrpc: '2.0', result: ['hello', 5], id: '9' },
    ],
  ],
  [
    'a batch of notifications',
    `[
        {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
    ]`,
    undefined,
  ],
];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The reply as the specification knows it: our errors carry `data` besides. */
const withoutData = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutData);
  if (!isObject(value) || !isObject(value['error'])) return value;
  const { data: _data, ...error } = value['error'];
  return { ...value, error };
};

const length = (text: string): number => Buffer.byteLength(text);
const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);

/** A request as each of them puts it on the wire, and the JSON of the reply, empty when there is none. */
const transports: readonly (readonly [string, (request: string) => string, (reply: string) => string])[] = [
  ['bare', (request) => request, (reply) => reply],
  ['a line', (request) => `${request}\n`, (reply) => reply],
  ['LSP', (request) => `Content-Length: ${length(request)}\r\n\r\n${request}`, (reply) => reply && bodyOf(reply)],
  ['HTTP', (request) => `POST /rpc HTTP/1.0\r\nContent-Length: ${length(request)}\r\n\r\n${request}`, bodyOf],
];

describe.each(transports)('%s', (__, wrap, unwrap) => {
  test.each(examples)('%s', async (_, request, expected) => {
    const { path } = await startRig();
    const text = unwrap(await exchange(path, wrap(request)));
    if (expected === undefined) expect(text).toBe('');
    else expect(withoutData(JSON.parse(text))).toEqual(expected);
  });
});

test('members stand in the order of the specification', async () => {
  const { path } = await startRig();
  const reply = await exchange(path, '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}\n');
  expect(reply).toBe('{"jsonrpc":"2.0","result":19,"id":1}\n');
});

test('notifications are carried out', async () => {
  const { path, called } = await startRig();
  await exchange(path, '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}');
  expect(called).toEqual(['update']);
});
