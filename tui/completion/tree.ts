import type { Argument, Command, Option } from 'commander';

/** What may stand in a place: one of some words, the name of a file, or anything. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Words separated by commas. */
  | { readonly kind: 'list'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'any' };

export interface CompletedOption {
  /** Each way to write it, `--lines` and `-n`. */
  readonly flags: readonly string[];
  readonly summary: string;
  /** Undefined for one that takes no value. */
  readonly values: Values | undefined;
}

/** One command with all that may follow it. */
export interface Node {
  /** The words that lead to it: `[]` for the program, `['orders', 'list']`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** In their order; the last stands for all that come after it where it is variadic. */
  readonly positions: readonly Values[];
  readonly variadic: boolean;
  readonly children: readonly Node[];
}

/** What commander does not know of a place: `orders list --status`, `call method`. */
export type Hints = Readonly<Record<string, Values>>;

const valuesOf = (part: Option | Argument, place: string, hints: Hints): Values => {
  const hint = hints[place];
  if (hint !== undefined) return hint;
  return part.argChoices === undefined ? { kind: 'any' } : { kind: 'words', words: part.argChoices };
};

const helpOption: CompletedOption = { flags: ['--help', '-h'], summary: 'what it does', values: undefined };

/** The tree of commands as completion needs it. `inherited`: the options that every command takes. */
export const treeOf = (
  command: Command,
  hints: Hints,
  path: readonly string[] = [],
  inherited: readonly CompletedOption[] = [],
): Node => {
  const own = command.options
    .filter(({ hidden }) => !hidden)
    .map((option) => ({
      flags: [option.long, option.short].filter((flag) => flag !== undefined && flag !== null),
      summary: option.description,
      values:
        option.required || option.optional ? valuesOf(option, [...path, option.long].join(' '), hints) : undefined,
    }));
  const shown = [...own, ...inherited].filter(({ flags }) => !flags.includes('--help'));
  const passedOn = shown.filter(({ flags }) => !flags.includes('--version'));
  return {
    path,
    summary: command.description(),
    options: [...shown, helpOption],
    positions: command.registeredArguments.map((argument) =>
      valuesOf(argument, [...path, argument.name()].join(' '), hints),
    ),
    variadic: command.registeredArguments.at(-1)?.variadic ?? false,
    children: command.commands.map((child) => treeOf(child, hints, [...path, child.name()], passedOn)),
  };
};

/** A node and all below it. */
export const nodesOf = (node: Node): readonly Node[] => [node, ...node.children.flatMap(nodesOf)];

/** Every way to write an option that takes a value, over the whole tree. */
export const flagsWithValue = (root: Node): readonly string[] => [
  ...new Set(
    nodesOf(root).flatMap(({ options }) =>
      options.filter(({ values }) => values !== undefined).flatMap(({ flags }) => flags),
    ),
  ),
];
