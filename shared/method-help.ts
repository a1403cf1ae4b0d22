import type { z } from 'zod';

import { type Method, methods } from './contract.ts';
import { examples } from './examples.ts';
import { type JsonSchema, jsonSchema } from './json-schema.ts';
import { type RpcErrorCode, rpcErrors } from './rpc-errors.ts';

/** The names of all methods, in the order of the table. */
export const methodNames: readonly string[] = Object.keys(methods);

/**
 * What a person is told of a method: a line for each param and each field of the result, the errors, and an example to
 * copy. Lines have no terminators. An unknown name gives no lines.
 */
export function methodHelp(name: string): readonly string[] {
  if (!isMethod(name)) return [];
  const row: {
    readonly summary: string;
    readonly reads: boolean;
    readonly params: z.ZodObject;
    readonly result: z.ZodType;
    readonly errors: readonly RpcErrorCode[];
  } = methods[name];
  const params = fields(jsonSchema(row.params, 'input'));
  const result = jsonSchema(row.result, 'output');
  const resultLines = variants(result).flatMap((one, at) => [...(at === 0 ? [] : ['  or:']), ...aligned(fields(one))]);
  return [
    `${name}: ${row.summary}`,
    row.reads ? 'It changes nothing: observe.sock takes it, too.' : 'It changes something: only control.sock takes it.',
    '',
    ...(params.length === 0
      ? ['It has no params.']
      : ['Params, by name or by position in this order (those of an object only by name):', ...aligned(params)]),
    '',
    ...(resultLines.length === 0 ? [] : ['Result:', ...resultLines, '']),
    ...(row.errors.length === 0
      ? []
      : [`Errors: ${row.errors.map((code) => `${code} (${rpcErrors[code]})`).join(', ')}`, '']),
    'Example:',
    `  ${exampleCall(name)}`,
  ];
}

const isMethod = (name: string): name is Method => Object.hasOwn(methods, name);

/** The example of a method as a command to copy into a shell. */
function exampleCall(name: Method): string {
  const { params } = examples[name];
  if (Object.keys(params).length === 0) return `shopsync call ${name}`;
  return `shopsync call ${name} '${JSON.stringify(params).replaceAll("'", String.raw`'\''`)}'`;
}

interface Field {
  readonly path: string;
  readonly words: string;
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const variants = (schema: JsonSchema): readonly JsonSchema[] =>
  (schema.anyOf ?? schema.oneOf ?? [schema]).filter((one) => isSchema(one) && one.type !== 'null').filter(isSchema);

/** Every field of an object, those of objects inside it below it, by their paths: `filter.shop`, `runs[].runId`. */
function fields(schema: JsonSchema, before = ''): readonly Field[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, inner]) => {
    if (!isSchema(inner)) return [];
    const path = `${before}${name}`;
    return [{ path, words: describeField(inner, required.includes(name)) }, ...inside(inner, path)];
  });
}

function inside(schema: JsonSchema, path: string): readonly Field[] {
  const [only, ...others] = variants(schema);
  if (only === undefined || others.length > 0) return [];
  if (only.type === 'array' && isSchema(only.items)) return inside(only.items, `${path}[]`);
  return fields(only, `${path}.`);
}

function describeField(schema: JsonSchema, isRequired: boolean): string {
  const given = schema.default === undefined ? '' : `, default ${JSON.stringify(schema.default)}`;
  const may = isRequired || schema.default !== undefined ? '' : ', may be absent';
  const meaning = schema.description === undefined ? '' : `: ${schema.description}`;
  return `${typeWords(schema)}${given}${may}${meaning}`;
}

/** What a value may be, in words: `integer 1 to 500`, `list of text`, `full | incremental`. */
export function typeWords(schema: JsonSchema): string {
  const several = schema.anyOf ?? schema.oneOf;
  if (several !== undefined)
    return [...new Set(several.map((one) => (isSchema(one) ? typeWords(one) : 'anything')))].join(' | ');
  if (schema.enum !== undefined) return schema.enum.map(String).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeWords({ ...schema, type })).join(' | ');
  if (schema.type === 'array') return `list of ${isSchema(schema.items) ? typeWords(schema.items) : 'anything'}`;
  if (schema.type === 'string') return schema.format === 'date-time' ? 'time (ISO 8601)' : 'text';
  if (schema.type === 'integer' || schema.type === 'number') return `${schema.type}${range(schema)}`;
  return schema.type ?? 'anything';
}

function range({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` from ${minimum}`;
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`;
  return maximum === undefined ? '' : ` up to ${maximum}`;
}

const widest = 34;

function aligned(all: readonly Field[]): readonly string[] {
  const width = Math.min(widest, Math.max(0, ...all.map(({ path }) => path.length)));
  return all.map(({ path, words }) => `  ${path.padEnd(width)}  ${words}`);
}
