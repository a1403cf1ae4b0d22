import { z } from 'zod';

/**
 * The rules of an OpenRPC 1.3 document and of the JSON Schema (draft 7) in it, as their specifications have them: which
 * members there are, of what type, and that there are no others but `x-…`.
 */
const extensible = <S extends z.ZodRawShape>(shape: S) =>
  z
    .object(shape)
    .catchall(z.unknown())
    .superRefine((value, context) => {
      for (const name of Object.keys(value))
        if (!Object.hasOwn(shape, name) && !name.startsWith('x-'))
          context.addIssue({ code: 'custom', path: [name], message: 'no such member' });
    });

const name = z.string().min(1);
const size = z.int().nonnegative();
const simpleType = z.enum(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);

const jsonSchema: z.ZodType = z.lazy(() =>
  z.union([
    z.boolean(),
    z.strictObject({
      title: z.string().optional(),
      description: z.string().optional(),
      default: z.json().optional(),
      type: z.union([simpleType, z.array(simpleType).min(1)]).optional(),
      enum: z.array(z.json()).min(1).optional(),
      const: z.json().optional(),
      format: z.string().optional(),
      pattern: z.string().optional(),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      exclusiveMinimum: z.number().optional(),
      exclusiveMaximum: z.number().optional(),
      minLength: size.optional(),
      maxLength: size.optional(),
      minItems: size.optional(),
      maxItems: size.optional(),
      items: jsonSchema.optional(),
      properties: z.record(z.string(), jsonSchema).optional(),
      propertyNames: jsonSchema.optional(),
      required: z.array(z.string()).optional(),
      additionalProperties: jsonSchema.optional(),
      anyOf: z.array(jsonSchema).min(1).optional(),
      oneOf: z.array(jsonSchema).min(1).optional(),
      allOf: z.array(jsonSchema).min(1).optional(),
    }),
  ]),
);

const contentDescriptor = extensible({
  name,
  summary: z.string().optional(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  deprecated: z.boolean().optional(),
  schema: jsonSchema,
});

const example = extensible({
  name,
  summary: z.string().optional(),
  description: z.string().optional(),
  value: z.json(),
});

const method = extensible({
  name,
  summary: z.string().optional(),
  description: z.string().optional(),
  paramStructure: z.enum(['by-name', 'by-position', 'either']).optional(),
  params: z.array(contentDescriptor),
  result: contentDescriptor,
  errors: z.array(z.strictObject({ code: z.int(), message: z.string(), data: z.json().optional() })).optional(),
  examples: z
    .array(extensible({ name, description: z.string().optional(), params: z.array(example), result: example }))
    .optional(),
  deprecated: z.boolean().optional(),
}).superRefine(({ params }, context) => {
  const names = params.map((param) => param.name);
  if (new Set(names).size < names.length)
    context.addIssue({ code: 'custom', path: ['params'], message: 'two params of one name' });
  const firstOptional = params.findIndex(({ required = false }) => !required);
  if (firstOptional >= 0 && params.slice(firstOptional).some(({ required = false }) => required))
    context.addIssue({ code: 'custom', path: ['params'], message: 'a required param after an optional one' });
});

export const openRpcDocument = extensible({
  openrpc: z.string().regex(/^1\.3\.\d+$/),
  info: extensible({ title: z.string(), version: z.string(), description: z.string().optional() }),
  methods: z.array(method),
}).superRefine(({ methods }, context) => {
  const names = methods.map((one) => one.name);
  if (new Set(names).size < names.length)
    context.addIssue({ code: 'custom', path: ['methods'], message: 'two methods of one name' });
});
