import { expect, test } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { checkParams } from '../../../daemon/rpc/params.ts';
import { type Method, methods } from '../../../shared/contract.ts';

const refusal = (method: Method, params: object): string => {
  try {
    checkParams(methods[method].params, params);
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_params') return error.message;
    throw error;
  }
  throw new Error('was taken');
};

test('by name, by position and left out come to the same', () => {
  const { params } = methods.sync;
  const checked = { stream: 'orders', from: 1_700_000_000, wait: false };
  expect(checkParams(params, { stream: 'orders', from: '2023-11-14T22:13:20Z' })).toEqual(checked);
  expect(checkParams(params, ['orders'])).toEqual({ stream: 'orders', wait: false });
  expect(checkParams(params, undefined)).toEqual({ wait: false });
  expect(checkParams(methods['orders.get'].params, ['577', 'shop1'])).toEqual({ id: '577', shop: 'shop1' });
});

test.each([
  ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59-12:00'],
  [0, Number.MAX_SAFE_INTEGER],
])('instants beyond the rim, %j and %j, count as the nearest that can be told in ISO 8601 again', (from, to) => {
  const checked = checkParams(methods.sync.params, { from, to });
  expect(checked).toMatchObject({ from: 0, to: 253_402_300_799 });
  expect(new Date((checked.to ?? 0) * 1000).toISOString()).toBe('9999-12-31T23:59:59.000Z');
});

test.each<[Method, object, string[]]>([
  ['history', { limit: 501 }, ['limit: ', '500']],
  ['history', { kind: 'total' }, ['kind: ', '"full"', '"webhook"']],
  ['orders.list', { filter: { status: ['PAID', 7] } }, ['filter.status[1]: ', 'string']],
  ['orders.list', { filter: { state: 'x' } }, ['filter: ', '"state"', 'allowed: shop, status, createdFrom']],
  ['orders.get', {}, ['id: ', 'string']],
  ['orders.get', ['577', 'shop1', 3], ['3 given', 'id, shop']],
  ['status', [1], ['1 given', 'none']],
  ['status', { all: true }, ['"all"', 'allowed: none']],
  ['orders.list', { filter: { statuss: ['PAID'] } }, ['filter: ', '"statuss"', 'did you mean "status"?']],
  ['fullResync', { dry_run: true }, ['"dry_run"', 'did you mean "dryRun"?']],
  ['history', { kind: 'incremetal' }, ['kind: ', '"incremental"', 'did you mean "incremental"?']],
  ['subscribe', { topics: ['runs', 'log'] }, ['topics[1]: ', 'did you mean "logs"?']],
  ['subscribe', { since: { instanceId: 'i' } }, ['since.seq: ', 'expected number']],
  ['logs', { lines: 0 }, ['lines: ', '>=1']],
  ['logs', { lines: 1001 }, ['lines: ', '<=1000']],
  ['logs', { level: 'off' }, ['level: ', '"fatal"']],
  ['log.setLevel', {}, ['level: ', '"off"']],
  ['backup', {}, ['file: ', 'string']],
  ['shutdown', { drainMs: -1 }, ['drainMs: ', '>=0']],
  ['shutdown', { drainMs: '5s' }, ['drainMs: ', 'number']],
  ['pause', { until: 'noon' }, ['"until"', 'allowed: none']],
  ['sync', { from: 'yesterday' }, ['from: ', 'ISO datetime']],
  ['sync', { from: true }, ['from: ', 'number', ', or ', 'string']],
  ['sync', { from: Number.POSITIVE_INFINITY }, ['from: ']],
  ['orders.list', { filter: { createdFrom: -1 } }, ['filter.createdFrom: ', '>=0']],
  ['sync', JSON.parse('{"__proto__":{"wait":true}}'), ['__proto__']],
  ['sync', { constructor: 1 }, ['"constructor"', 'allowed: stream, shop, statuses, from, to, wait']],
  ['orders.list', JSON.parse('{"filter":{"__proto__":{"shop":"x"}}}'), ['__proto__']],
])('%s %j', (method, params, words) => {
  const message = refusal(method, params);
  for (const word of words) expect(message).toContain(word);
  expect(message).not.toContain('\n');
});
