import { z } from 'zod';

import { meant } from '../../shared/nearest.ts';
import { AppError } from '../errors.ts';

const invalid = (message: string, hint?: string): AppError =>
  new AppError('usage', 'invalid_params', `Invalid params: ${message}`, hint === undefined ? {} : { hint });

type Issue = z.core.$ZodIssue;

const where = (path: readonly PropertyKey[]): string =>
  path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`))
    .join('');

/** What is wrong and what is allowed, on one line; of a union, what each of its branches wants. */
const explain = (issue: Issue): string => {
  if (issue.code === 'invalid_value')
    return `${issue.message}${meant(
      issue.input,
      issue.values.filter((value) => typeof value === 'string'),
    )}`;
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue.message;
  const branches = issue.errors.flatMap((errors) => errors.slice(0, 1).map(explain));
  return [...new Set(branches)].join(', or ');
};

const property = (schema: unknown, name: string): unknown =>
  typeof schema === 'object' && schema !== null ? Object.getOwnPropertyDescriptor(schema, name)?.value : undefined;

/** The names that an object at `path` of the schema may have. */
const allowedNames = (schema: z.ZodObject, path: readonly PropertyKey[]): readonly string[] => {
  let at: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const step of path)
    at = typeof step === 'number' ? property(at, 'items') : property(property(at, 'properties'), String(step));
  return Object.keys(property(at, 'properties') ?? {});
};

const describe = (schema: z.ZodObject, issue: Issue): string => {
  const path = where(issue.path);
  const text = `${path}${path === '' ? '' : ': '}${explain(issue)}`;
  if (issue.code !== 'unrecognized_keys') return text;
  const names = allowedNames(schema, issue.path);
  return `${text}; allowed: ${names.length === 0 ? 'none' : names.join(', ')}${meant(issue.keys[0], names)}`;
};

/** Params given by position, by name: in the order of the schema's keys. */
const named = (schema: z.ZodObject, values: readonly unknown[]): Readonly<Record<string, unknown>> => {
  const names = Object.keys(schema.shape);
  if (values.length > names.length) {
    const order = names.length === 0 ? 'none' : names.join(', ');
    throw invalid(`${values.length} given by position, allowed: ${order}`);
  }
  return Object.fromEntries(names.slice(0, values.length).map((name, index) => [name, values[index]]));
};

/**
 * Checks params, given by name, by position or not at all, and fills in defaults. Throws AppError (`invalid_params`)
 * whose one-line message has the path of the first bad value and what is allowed there.
 */
export const checkParams = <P extends z.ZodObject>(schema: P, params: object | undefined): z.output<P> => {
  const given = Array.isArray(params) ? named(schema, params) : (params ?? {});
  const checked = z.safeParse(schema, given, { reportInput: true });
  if (checked.success) return checked.data;
  const [first] = checked.error.issues;
  throw invalid((first === undefined ? 'refused' : describe(schema, first)).replaceAll(/\s+/g, ' '));
};
