import { authExchange } from './auth-exchange.ts';
import { authStatus } from './auth-status.ts';
import { authUrl } from './auth-url.ts';
import { takesOneOfItsOwn } from './group.ts';
import { type Verb, example } from './verb.ts';

export const auth: Verb = (program, session) => {
  const group = program
    .command('auth')
    .description('The authorization at TikTok: status, url, exchange')
    .argument('[what]')
    .addHelpText('after', example('auth status'));
  for (const verb of [authStatus, authUrl, authExchange]) verb(group, session);
  takesOneOfItsOwn(group, { needs: 'status, url, exchange' });
};
