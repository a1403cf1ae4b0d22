import { z } from 'zod';

/** A JSON Schema (draft 7) as it is published: what any client's library can read. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

const isSafe = (bound: number | undefined): boolean => Math.abs(bound ?? 0) === Number.MAX_SAFE_INTEGER;

/**
 * A schema as others see it: `input` what may be sent, `output` what comes back. Results are open, because a field may be
 * added to them at any time. What only repeats a format in a long pattern, or the range of safe integers, is left out.
 */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ jsonSchema: made }) => {
      if (made.format === 'date-time') delete made.pattern;
      if (isSafe(made.minimum)) delete made.minimum;
      if (isSafe(made.maximum)) delete made.maximum;
      if (io === 'output' && made.additionalProperties === false) delete made.additionalProperties;
    },
  });
  return rest;
}
