import type { Command } from 'commander';

import { meant } from '../../shared/nearest.ts';
import { UsageError } from '../failure.ts';

/** Those that do something by themselves. */
const alone = new WeakSet<Command>();

/** Whether a command does something without one of those below it. */
export const worksAlone = (command: Command): boolean => command.commands.length === 0 || alone.has(command);

/**
 * Lets a command with others below it take any word, so that one which is none of them is named, with the nearest of
 * them, instead of what stands behind it. Without a word it does `whenAlone`, or names what it needs. To be called when
 * the others are there: they would inherit it.
 */
export const takesOneOfItsOwn = (
  group: Command,
  whenAlone: (() => Promise<void>) | { readonly needs: string },
): void => {
  if (typeof whenAlone === 'function') alone.add(group);
  group
    .allowExcessArguments()
    .allowUnknownOption()
    .action(async (word: string | undefined) => {
      if (word === undefined) {
        if (typeof whenAlone === 'function') return await whenAlone();
        throw new UsageError(`${group.name()} takes one of ${whenAlone.needs}; see shopsync ${group.name()} --help`);
      }
      if (word === 'help') return group.outputHelp();
      if (word.startsWith('-')) {
        const options = [...group.options, ...(group.parent?.options ?? [])].flatMap(({ long }) => long ?? []);
        const path = group.parent === null ? 'shopsync' : `shopsync ${group.name()}`;
        throw new UsageError(`unknown option ${word}${meant(word, options)}; see ${path} --help`);
      }
      const names = group.commands.map((command) => command.name());
      const name = group.parent === null ? word : `${group.name()} ${word}`;
      throw new UsageError(`unknown command "${name}": one of ${names.join(', ')}${meant(word, names)}`);
    });
};
