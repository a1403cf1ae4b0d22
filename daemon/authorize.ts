import type { Result } from '../shared/contract.ts';
import type { Log } from './log.ts';
import { secondsToIso } from './store/time.ts';
import type { Engine } from './sync/engine.ts';
import type { Account } from './tiktok/account.ts';

/**
 * Trades the code of a consent for tokens and goes on with them: the shops are read again, and what was refused before
 * is tried at once. What the API refuses from there on comes as `problem`, since the code has done its part. Rejects as
 * Account.exchange does; then nothing has changed.
 */
export async function authorize<R>(
  parts: {
    readonly account: Pick<Account, 'exchange'>;
    readonly engine: Pick<Engine<R>, 'authorized' | 'units' | 'problem'>;
    readonly log: Pick<Log, 'info'>;
  },
  code: string,
): Promise<Result<'auth.exchange'>> {
  const { account, engine, log } = parts;
  const { accessExpiresAt, refreshExpiresAt } = await account.exchange(code);
  log.info({ accessExpiresAt, refreshExpiresAt }, 'authorized: going on with the new tokens');
  await engine.authorized();
  const shops = new Map(engine.units.map(({ shop: { id, name, region } }) => [id, { id, name, region }]));
  const iso = (seconds: number | null) => (seconds === null ? null : secondsToIso(seconds));
  return {
    shops: [...shops.values()],
    accessTokenExpiresAt: iso(accessExpiresAt),
    refreshTokenExpiresAt: iso(refreshExpiresAt),
    problem: engine.problem,
  };
}
