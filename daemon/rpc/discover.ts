import { z } from 'zod';

import type { MethodRow, MethodTable } from './dispatch.ts';

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): z.core.JSONSchema.BaseSchema => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

const describeMethod = (name: string, row: MethodRow): object => {
  const { properties = {}, required = [] } = jsonSchema(row.params, 'input');
  return {
    name,
    summary: row.summary,
    paramStructure: 'either',
    params: Object.entries(properties).map(([param, schema]) => ({
      name: param,
      required: required.includes(param),
      schema,
    })),
    result: { name: 'result', schema: jsonSchema(row.result, 'output') },
    'x-reads': row.reads,
  };
};

/** The method table as an OpenRPC document, made from the very schemas that check params and type results. */
export const discover = (table: MethodTable, version: string) => ({
  openrpc: '1.3.2',
  info: { title: 'shopsync', version },
  methods: Object.entries(table).map(([name, row]) => describeMethod(name, row)),
});
