import { createHash } from 'node:crypto';

import { expect, test } from 'vitest';
import type { z } from 'zod';

import { PROTOCOL, type Method, methods } from '../../shared/contract.ts';
import { examples } from '../../shared/examples.ts';
import { jsonSchema } from '../../shared/json-schema.ts';
import { methodHelp, methodNames } from '../../shared/method-help.ts';
import { rpcErrors } from '../../shared/rpc-errors.ts';
import { event } from '../../shared/views.ts';

/** The contract that clients of a protocol number were written for. */
const pinned = { protocol: 1, hash: '2cd5e74409b5575a' };

const whatToDo =
  'What travels over the control socket has changed. If a client that was written for the pinned protocol could be ' +
  'misled by it (a name or a meaning is gone or another, a param is newly required, a value may be of another type), ' +
  'raise PROTOCOL in shared/protocol.ts and pin the new number with the new hash. If such a client goes on as before ' +
  '(something was only added), pin the new hash alone.';

/** Without words for people, which may change at any time; members in one order. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name, inner]) => name !== 'description' || typeof inner !== 'string');
  return Object.fromEntries(
    members.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, canonical(inner)]),
  );
};

const rows: readonly (readonly [string, (typeof methods)[Method]])[] = Object.entries(methods);

/** Positions are part of it: the order of the params. */
const describe = ([name, row]: (typeof rows)[number]) => ({
  name,
  reads: row.reads,
  positions: Object.keys(row.params.shape),
  params: jsonSchema(row.params, 'input'),
  result: jsonSchema(row.result, 'output'),
});

const contract = { methods: rows.map(describe), event: jsonSchema(event, 'output'), errors: rpcErrors };
const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(value)))
    .digest('hex')
    .slice(0, 16);

test('the contract is the one that the protocol number stands for', () => {
  expect({ protocol: PROTOCOL, hash: hashOf(contract) }, whatToDo).toEqual(pinned);
});

test('words for people may change, and nothing else may without being noticed', () => {
  const changed = (change: (copy: typeof contract) => unknown): string => {
    const copy = structuredClone(contract);
    change(copy);
    return hashOf(copy);
  };
  const [, sync] = contract.methods;
  expect(sync?.name).toBe('sync');
  expect(changed((copy) => Object.assign(copy.methods[1]?.params ?? {}, { description: 'other words' }))).toBe(
    hashOf(contract),
  );
  expect(changed((copy) => copy.methods[1]?.positions.reverse())).not.toBe(hashOf(contract));
  expect(changed((copy) => copy.methods.pop())).not.toBe(hashOf(contract));
  expect(changed((copy) => Object.assign(copy.errors, { busy: -1 }))).not.toBe(hashOf(contract));
  expect(changed((copy) => Object.assign(copy.event, { oneOf: [] }))).not.toBe(hashOf(contract));
});

test.each(rows.map(([name]) => name))('the example of %s holds against its schemas, and its help shows it', (name) => {
  const row = rows.find(([one]) => one === name)?.[1];
  const example = Object.entries(examples).find(([one]) => one === name)?.[1];
  const schemas: { readonly params: z.ZodType; readonly result: z.ZodType } | undefined = row;
  expect(schemas?.params.safeParse(example?.params).error).toBeUndefined();
  const result = schemas?.result.safeParse(example?.result);
  expect(result?.error).toBeUndefined();
  // Nothing is in it that the schema does not know, which a check alone would take away in silence.
  expect(result?.data).toEqual(example?.result);

  const help = methodHelp(name);
  expect(help[0]).toBe(`${name}: ${row?.summary}`);
  for (const param of Object.keys(row?.params.shape ?? {}))
    expect(help.filter((line) => line.startsWith(`  ${param} `)).length, param).toBeGreaterThanOrEqual(1);
  expect(help.at(-1)).toMatch(new RegExp(`^ {2}shopsync call ${name.replace('.', String.raw`\.`)}(?: '\\{.*\\}')?$`));
  for (const line of help) expect(line).toMatch(/^\S|^ {2}\S|^$/);
});

test('help tells types, defaults, what may be absent, and what is allowed', () => {
  const help = methodHelp('history').join('\n');
  expect(help).toMatch(/ {2}kind +full \| incremental \| .*webhook, may be absent: default all/);
  expect(help).toMatch(/ {2}limit +integer 1 to 500, default 50: how many at most/);
  expect(help).toMatch(/ {2}runs\[\]\.finishedAt +time \(ISO 8601\) \| null/);
  expect(help).toContain('Errors: unknown_stream (-32014), unknown_shop (-32014)');
  expect(methodHelp('orders.list').join('\n')).toMatch(
    / {2}filter\.updatedFrom +integer from 0 \| time \(ISO 8601\), may be/,
  );
  expect(methodHelp('fullResync').join('\n')).toContain('\n  or:\n');
  expect(methodHelp('orders.get').join('\n')).toMatch(/ {2}id +text: order id/);
});

test('there is no help for a method that is none, by whatever name', () => {
  for (const name of ['', 'orders', 'constructor', '__proto__']) expect(methodHelp(name)).toEqual([]);
  expect(methodNames).toEqual(Object.keys(methods));
});
