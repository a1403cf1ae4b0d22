import { expect, test } from 'vitest';

import { discover } from '../../../daemon/rpc/discover.ts';
import { methods } from '../../../shared/contract.ts';

const document = discover(methods, '1.2.3');
const byName = new Map(document.methods.map((method) => [Object.entries(method)[0]?.[1], method]));

test('every method stands in it', () => {
  expect(document).toMatchObject({ openrpc: '1.3.2', info: { title: 'shopsync', version: '1.2.3' } });
  expect([...byName.keys()]).toEqual(Object.keys(methods));
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});

test('params are as clients write them, in the order of positions', () => {
  expect(byName.get('sync')).toMatchObject({
    paramStructure: 'either',
    'x-reads': false,
    params: [
      { name: 'stream', required: false },
      { name: 'shop', required: false, schema: { type: 'string' } },
      { name: 'from', schema: { anyOf: [{ type: 'integer' }, { type: 'string', format: 'date-time' }] } },
      { name: 'to' },
      { name: 'wait', required: false, schema: { type: 'boolean', default: false } },
    ],
  });
  expect(byName.get('orders.get')).toMatchObject({ params: [{ name: 'id', required: true }, { name: 'shop' }] });
});

test('results tell times as text', () => {
  expect(byName.get('history')).toMatchObject({
    result: {
      schema: {
        properties: { runs: { items: { properties: { startedAt: { type: 'string', format: 'date-time' } } } } },
      },
    },
  });
});
