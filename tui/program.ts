import type { Command } from 'commander';

import { version } from '../shared/version.ts';
import { verbs } from './commands/all.ts';
import type { Session } from './session.ts';

const exits = `
Exit status: 0 done, 1 the daemon answered with an error or the run failed, 2 no daemon, 3 usage, 4 timeout, 5 busy,
6 authorization needed, 130 interrupted. A command that fails writes one line to stderr and nothing to stdout.

Example:
  $ shopsync status --json`;

/** Gives the program its options and every command. */
export const describe = (program: Command, session: Session): Command => {
  program
    .name('shopsync')
    .description('Watch and steer shopsyncd, the daemon that keeps a copy of your shop. Without a command: the screen.')
    .option('--socket <path>', "the daemon's control socket")
    .option('--json', 'the raw result, as one JSON document')
    .option(
      '--timeout <duration>',
      'give up after this long, as in 30s (exit status 4); default 30s for what starts nothing, off for never',
    )
    .option('--no-color', 'no colours')
    .version(version())
    .usage('[options] [command]')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .addHelpText('after', exits);
  for (const verb of verbs) verb(program, session);
  return program;
};
