import { resolve } from 'node:path';

import { bytes } from '../format.ts';
import { type Verb, example } from './verb.ts';

export const backup: Verb = (program, session) => {
  program
    .command('backup')
    .argument('<file>', 'a file that is not there yet; the daemon writes it, mode 0600')
    .description('A whole copy of the database in one file, while the daemon works on')
    .addHelpText('after', example('backup shopsync-$(date +%F).db'))
    .action(async (file: string) => {
      // The daemon has another working directory.
      const result = await session.tell('backup', { file: resolve(file) }, { long: true });
      session.print(result, (safe) => [`${safe.file}, ${bytes(safe.bytes)}`]);
    });
};
