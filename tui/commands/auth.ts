import { UsageError } from '../failure.ts';
import { authStatus } from './auth-status.ts';
import { authUrl } from './auth-url.ts';
import { type Verb, example } from './verb.ts';

export const auth: Verb = (program, session) => {
  const group = program
    .command('auth')
    .description('The authorization at TikTok: status, url')
    .argument('[what]')
    .addHelpText('after', example('auth status'))
    .action(() => {
      throw new UsageError('auth takes one of status, url; see shopsync auth --help');
    });
  for (const verb of [authStatus, authUrl]) verb(group, session);
};
