import { type ParseArgsConfig, parseArgs } from 'node:util';

/**
 * Splits a command line into options of our own and the rest, which is another program's and keeps its order.
 * A string option that was given without a value is `true`.
 */
export function splitArguments<T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
): { readonly values: { readonly [name in keyof T]?: string | boolean }; readonly rest: readonly string[] } {
  const { values, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const own = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== 'option' || !(token.name in options)) continue;
    own.add(token.index);
    if (token.value !== undefined && !token.inlineValue) own.add(token.index + 1);
  }
  return { values, rest: args.filter((_, i) => !own.has(i)) };
}
