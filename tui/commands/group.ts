import type { Command } from 'commander';

import { meant } from '../../shared/nearest.ts';
import { UsageError } from '../failure.ts';

/**
 * Lets a command with others below it take any word, so that one which is none of them is named, with the nearest of
 * them, instead of what stands behind it. To be called when the others are there: they would inherit it.
 */
export const takesOneOfItsOwn = (group: Command, whenAlone: () => Promise<void> | void): void => {
  group
    .allowExcessArguments()
    .allowUnknownOption()
    .action(async (word: string | undefined) => {
      if (word === undefined) return await whenAlone();
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
