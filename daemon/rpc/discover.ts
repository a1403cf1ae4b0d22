import type { z } from 'zod';

import { examples } from '../../shared/examples.ts';
import { type JsonSchema, jsonSchema } from '../../shared/json-schema.ts';
import { type RpcErrorCode, rpcErrors } from '../../shared/rpc-errors.ts';
import type { MethodRow } from './dispatch.ts';

/** A row with all that a document tells of it. */
type DescribedRow = MethodRow & { readonly errors?: readonly RpcErrorCode[] };

const calls: Readonly<Record<string, { readonly params: object; readonly result: unknown }>> = examples;

interface Param {
  readonly name: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema | boolean;
}

const paramsOf = (schema: z.ZodObject): readonly Param[] => {
  const { properties = {}, required = [] } = jsonSchema(schema, 'input');
  return Object.entries(properties).map(([name, inner]) => {
    const description = typeof inner === 'object' ? inner.description : undefined;
    return {
      name,
      required: required.includes(name),
      ...(description !== undefined && { description }),
      schema: inner,
    };
  });
};

const examplesOf = (name: string) => {
  const call = calls[name];
  if (call === undefined) return [];
  const params = Object.entries(call.params).map(([param, value]: [string, unknown]) => ({ name: param, value }));
  return [{ name: `a call of ${name}`, params, result: { name: 'result', value: call.result } }];
};

const describeMethod = (name: string, row: DescribedRow) => ({
  name,
  summary: row.summary,
  paramStructure: 'either',
  params: paramsOf(row.params),
  result: { name: 'result', schema: jsonSchema(row.result, 'output') },
  errors: (row.errors ?? []).map((code) => ({ code: rpcErrors[code], message: code, data: { code } })),
  examples: examplesOf(name),
  'x-reads': row.reads,
});

type Table = Readonly<Record<string, DescribedRow>>;

/** Made once for each table: it takes long enough to be felt by those who wait meanwhile. */
const described = new WeakMap<Table, readonly ReturnType<typeof describeMethod>[]>();

const describeAll = (table: Table): readonly ReturnType<typeof describeMethod>[] => {
  const known = described.get(table) ?? Object.entries(table).map(([name, row]) => describeMethod(name, row));
  described.set(table, known);
  return known;
};

/** A method table as an OpenRPC document, made from the very schemas that check params and type results. */
export const discover = (table: Table, version: string) => ({
  openrpc: '1.3.2',
  info: {
    title: 'shopsync',
    version,
    description:
      'Control socket of shopsyncd: JSON-RPC 2.0 on a Unix socket. Methods with x-reads also on observe.sock.',
  },
  methods: describeAll(table),
});
