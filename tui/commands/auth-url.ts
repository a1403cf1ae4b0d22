import { randomBytes } from 'node:crypto';

import { Unsuccessful } from '../failure.ts';
import { type Verb, example } from './verb.ts';

const words = `
The seller opens it, agrees, and is sent to the redirect URL of your app with ?code=…&state=…: the state must be the one
of this link, and the code holds for 30 minutes and for one use. Give it to shopsync auth exchange.`;

export const authUrl: Verb = (group, session) => {
  group
    .command('url')
    .description('The link with which a seller authorizes your app, made of api.app_key')
    .option('--config <file>', 'the configuration to take it from instead of the one that is found')
    .addHelpText('after', `${words}\n${example('auth url')}`)
    .action(async ({ config }: { readonly config?: string }) => {
      const { examine } = await import('../doctor/daemon-program.ts');
      const { values, problems } = await session.within(examine(session, config));
      const [problem] = problems;
      if (problem !== undefined && values.length === 0) throw new Unsuccessful(problem);
      const valueOf = (key: string): string | undefined => values.find((value) => value.key === key)?.value;
      const key = valueOf('api.app_key');
      if (key === undefined || key === '–') {
        throw new Unsuccessful(
          'api.app_key is not set: put the key of your app at TikTok there, or into SHOPSYNC_API_APP_KEY',
        );
      }
      const state = randomBytes(16).toString('hex');
      const url = new URL('/oauth/authorize', valueOf('api.auth_url'));
      url.search = new URLSearchParams({ app_key: key, state }).toString();
      session.print({ url: url.href, state }, (safe) => [safe.url]);
    });
};
