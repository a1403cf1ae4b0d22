import { expect, test } from 'vitest';
import { z } from 'zod';

import { discover } from '../../../daemon/rpc/discover.ts';
import { methods } from '../../../shared/contract.ts';
import { openRpcDocument } from '../../openrpc.ts';

const made: unknown = JSON.parse(JSON.stringify(discover(methods, '1.2.3')));
const document = openRpcDocument.parse(made);
const byName = new Map(document.methods.map((method) => [method.name, method]));

test('it is a valid OpenRPC document, in which every method stands in the order of the table', () => {
  expect(document).toMatchObject({ openrpc: '1.3.2', info: { title: 'shopsync', version: '1.2.3' } });
  expect([...byName.keys()]).toEqual(Object.keys(methods));
});

test.each<[string, (copy: typeof document) => void]>([
  ['a missing title', (copy) => Object.assign(copy, { info: { version: '1' } })],
  ['a member that OpenRPC does not know', (copy) => Object.assign(copy, { services: [] })],
  ['another version', (copy) => Object.assign(copy, { openrpc: '2.0.0' })],
  ['two methods of one name', (copy) => copy.methods.push(...copy.methods.slice(0, 1))],
  ['a param without a schema', (copy) => Object.assign(copy.methods[1]?.params[0] ?? {}, { schema: undefined })],
  [
    'a keyword that JSON Schema does not know',
    (copy) => Object.assign(copy.methods[1]?.params[0] ?? {}, { schema: { typ: 'x' } }),
  ],
  ['a required param after others', (copy) => Object.assign(copy.methods[1]?.params[3] ?? {}, { required: true })],
  ['an example without a name', (copy) => Object.assign(copy.methods[1]?.examples?.[0]?.result ?? {}, { name: '' })],
])('a document with %s would be refused', (_, spoil) => {
  const copy = structuredClone(document);
  spoil(copy);
  expect(openRpcDocument.safeParse(copy).success).toBe(false);
});

test('every method tells its params with words, its result, errors by number and word, and an example', () => {
  for (const { name, summary = '', params, errors = [], examples = [] } of document.methods) {
    expect(summary, name).toMatch(/\.$/);
    for (const param of params) expect(param.description, `${name} ${param.name}`).toMatch(/\S/);
    for (const { code, message, data } of errors) {
      expect(code, name).toBeLessThan(-32000);
      expect(data, name).toEqual({ code: message });
    }
    expect(examples, name).toHaveLength(1);
  }
  expect(byName.get('orders.get')?.errors).toContainEqual({
    code: -32014,
    message: 'unknown_order',
    data: { code: 'unknown_order' },
  });
});

test('the examples hold against the schemas that are published', () => {
  for (const { name, params, result, examples = [] } of document.methods)
    for (const example of examples) {
      const isReadable = z.fromJSONSchema(Object(result.schema)).safeParse(example.result.value);
      expect(isReadable.error, name).toBeUndefined();
      for (const given of example.params) {
        const schema = params.find((param) => param.name === given.name)?.schema;
        expect(z.fromJSONSchema(Object(schema)).safeParse(given.value).error, `${name} ${given.name}`).toBeUndefined();
      }
    }
});

test('params are as clients write them, in the order of positions', () => {
  expect(byName.get('sync')).toMatchObject({
    paramStructure: 'either',
    'x-reads': false,
    params: [
      { name: 'stream', required: false },
      { name: 'shop', required: false, schema: { type: 'string' } },
      { name: 'statuses', required: false },
      { name: 'from', schema: { anyOf: [{ type: 'integer' }, { type: 'string', format: 'date-time' }] } },
      { name: 'to' },
      { name: 'wait', required: false, schema: { type: 'boolean', default: false } },
    ],
  });
  expect(byName.get('orders.get')).toMatchObject({ params: [{ name: 'id', required: true }, { name: 'shop' }] });
});

test('results tell times as text, and leave room for fields to come', () => {
  expect(byName.get('history')).toMatchObject({
    result: {
      schema: {
        properties: { runs: { items: { properties: { startedAt: { type: 'string', format: 'date-time' } } } } },
      },
    },
  });
  for (const { name, result } of document.methods)
    expect(JSON.stringify(result), name).not.toContain('"additionalProperties":false');
  expect(JSON.stringify(byName.get('history')?.params)).not.toContain('"pattern"');
});
