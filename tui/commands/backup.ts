import { resolve } from 'node:path';

import { UsageError, Unsuccessful, exit } from '../failure.ts';
import { bytes } from '../format.ts';
import { type Verb, example } from './verb.ts';

export const backup: Verb = (program, session) => {
  program
    .command('backup')
    .argument('<file>', 'a file that is not there yet; the daemon writes it, mode 0600')
    .description('A whole copy of the database in one file, while the daemon works on')
    .addHelpText('after', example('backup shopsync-$(date +%F).db'))
    .action(async (file: string) => {
      if (file === '') throw new UsageError('the name of the file is empty; name one that is not there yet');
      if (file === '-') {
        throw new UsageError('a backup goes to a file, which the daemon writes, and not to standard output: name one');
      }
      // The daemon has another working directory.
      const path = resolve(file);
      const result = await session.tell('backup', { file: path }, { long: true }).catch((error: unknown) => {
        if (!(error instanceof Unsuccessful) || error.status !== exit.timeout) throw error;
        const words = `the daemon goes on with it, and ${path} appears when it is whole`;
        throw new Unsuccessful(`${error.message}: ${words}`, exit.timeout);
      });
      session.print(result, (safe) => [`${safe.file}, ${bytes(safe.bytes)}`]);
    });
};
