import { expect, test } from 'vitest';

import { exchange, startRig } from './harness.ts';

const ask = async (path: string, method: string, params?: unknown): Promise<unknown> =>
  JSON.parse(await exchange(path, JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 })));

test('what a handler throws unforeseen reaches the log and not the client', async () => {
  const { path, internalErrors } = await startRig();
  const reply = await ask(path, 'broken');
  expect(reply).toEqual({
    jsonrpc: '2.0',
    error: { code: -32603, message: 'Internal error', data: { code: 'internal', retryable: false } },
    id: 1,
  });
  expect(internalErrors).toMatchObject([{ method: 'broken', error: { message: expect.stringContaining('secret') } }]);
});

test('a notification that fails reaches the log too', async () => {
  const { path, internalErrors } = await startRig();
  expect(await exchange(path, '{"jsonrpc":"2.0","method":"broken"}')).toBe('');
  expect(internalErrors.map(({ method }) => method)).toEqual(['broken']);
});

test('a result that JSON cannot hold is an internal error', async () => {
  const { path, internalErrors } = await startRig();
  expect(await ask(path, 'unserialisable')).toMatchObject({ error: { code: -32603 } });
  expect(internalErrors.map(({ method }) => method)).toEqual(['unserialisable']);
});

test('an expected failure keeps its words', async () => {
  const { path, internalErrors } = await startRig();
  expect(await ask(path, 'fails')).toEqual({
    jsonrpc: '2.0',
    error: {
      code: -32014,
      message: 'there is no run r9',
      data: { code: 'unknown_run', retryable: false, hint: 'see history' },
    },
    id: 1,
  });
  expect(internalErrors).toEqual([]);
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', ''])('%j is no method', async (method) => {
  const { path } = await startRig();
  expect(await ask(path, method)).toMatchObject({ error: { code: -32601, data: { code: 'unknown_method' } } });
});

test.each([
  ['get_dat', 'get_data'],
  ['getData', 'get_data'],
  ['brokne', 'broken'],
])('%j is no method; %j is named as the nearest', async (method, meant) => {
  const { path } = await startRig();
  expect(await ask(path, method)).toMatchObject({
    error: {
      code: -32601,
      data: { hint: `there is no method "${method}"; rpc.discover lists them all; did you mean "${meant}"?` },
    },
  });
});

test('what is near to nothing is named, and nothing else is', async () => {
  const { path } = await startRig();
  expect(await ask(path, 'x'.repeat(500))).toMatchObject({
    error: { data: { hint: `there is no method "${'x'.repeat(100)}"; rpc.discover lists them all` } },
  });
});

test('params may be null where none are needed', async () => {
  const { path } = await startRig();
  expect(await ask(path, 'get_data', null)).toMatchObject({ result: ['hello', 5] });
});
