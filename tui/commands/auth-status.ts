import type { Status } from '../../shared/views.ts';
import { cleanAll } from '../clean.ts';
import { Unsuccessful, exit } from '../failure.ts';
import { ago, instant, until } from '../format.ts';
import { failureWords } from '../words.ts';
import { type Verb, example } from './verb.ts';

/** Why somebody has to authorize again, in words, or undefined while the daemon can do its work. */
const refusal = ({ problem, streams }: Status, nowMs: number): string | undefined => {
  if (problem?.code === 'not_authorized') return failureWords(problem, nowMs, 'reading the shops');
  const failure = streams.map(({ lastError }) => lastError).find((one) => one?.code === 'not_authorized');
  return failure == null ? undefined : failureWords(failure, nowMs);
};

const tokenWords = (expiresAt: string | null, nowMs: number): string => {
  if (expiresAt === null)
    return 'authorized; when the token expires is not known, it is refreshed when the API refuses it';
  return Date.parse(expiresAt) > nowMs
    ? `authorized; the token expires ${instant(expiresAt)}, ${until(expiresAt, nowMs)}, and is refreshed before`
    : `the token expired ${ago(expiresAt, nowMs)} and is refreshed with the next request`;
};

export const authStatus: Verb = (group, session) => {
  group
    .command('status')
    .description('What is known of the token: until when it holds, or that somebody has to authorize (exit status 6)')
    .addHelpText('after', example('auth status'))
    .action(async () => {
      const status = await session.ask('status');
      const nowMs = session.host.now();
      const refused = refusal(cleanAll(status), nowMs);
      if (refused !== undefined) throw new Unsuccessful(refused, exit.unauthorized);
      const shops = status.api.map(({ shop, tokenExpiresAt }) => ({ shop, tokenExpiresAt }));
      session.print({ authorized: shops.length > 0, shops }, (safe) =>
        safe.shops.length === 0
          ? ['No shop is known yet.']
          : safe.shops.map(({ shop, tokenExpiresAt }) => `shop ${shop}: ${tokenWords(tokenExpiresAt, nowMs)}`),
      );
    });
};
