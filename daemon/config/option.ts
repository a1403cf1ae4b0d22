import { z } from 'zod';

import type { Kind } from './kinds.ts';

/** What is known of one key of the configuration besides its type. */
export interface OptionInfo {
  /** `section.key` as it stands in the file; the environment has it in capitals, `SHOPSYNC_SECTION_KEY`. */
  readonly key: string;
  /** As it would be written; undefined where there is no default. */
  readonly fallback: string | number | boolean | undefined;
  /** For the README: what the default is, in words, where its value does not say it. */
  readonly fallbackWords?: string;
  readonly meaning: string;
  /**
   * For paths, what a relative one counts from. `state`: the state folder, always. `beside`: the folder of the config
   * file, or the working directory when it comes from the environment. `runtime`: the same, and the default counts from
   * the runtime folder.
   */
  readonly path?: 'state' | 'runtime' | 'beside';
}

/** By schema, so that the table can be a plain zod object and its type the type of the configuration. */
export const optionInfo = z.registry<OptionInfo>();

/** One row of the table. */
export function option<T>(kind: Kind<T>, info: OptionInfo): z.ZodType<T> {
  const schema: z.ZodType<T> = z.unknown().transform((value, context): T => {
    const result = kind.parse(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: `must be ${kind.allowed}` });
    return z.NEVER;
  });
  return schema.register(optionInfo, info);
}

/** The variable that sets a key. */
export const variableOf = (key: string): string => `SHOPSYNC_${key.replace('.', '_').toUpperCase()}`;
