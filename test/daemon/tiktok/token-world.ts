import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { createTokenEndpoint } from '../../../daemon/tiktok/token-endpoint.ts';
import type { GivenTokens } from '../../../daemon/tiktok/tokens-options.ts';
import { Tokens } from '../../../daemon/tiktok/tokens.ts';
import { createTransport } from '../../../daemon/tiktok/transport.ts';
import { InstantTimers } from './manual-timers.ts';
import { type Heard, ok, type Reply, scriptedServer } from './scripted-server.ts';

export const NOW = 1_764_000_000;
export const DAY = 86_400;
export const SECRET = 'the+app/secret=0001';
export const never = new AbortController().signal;
export const given = { accessToken: 'ROW_given', refreshToken: 'ROW_refresh_given' };

/** A token host that rotates both tokens at each refresh, expiring in seven days unless told otherwise. */
export const rotating =
  (expireIn: number | undefined = NOW + 7 * DAY) =>
  (_: Heard, nth: number): Reply =>
    ok({
      access_token: `ROW_access_${nth + 1}`,
      access_token_expire_in: expireIn,
      refresh_token: `ROW_refresh_${nth + 1}`,
      refresh_token_expire_in: NOW + 365 * DAY,
      user_type: 0,
    });

/** Opens the tokens of one fresh state folder against a token host that answers as scripted. */
export async function tokenWorld(script: (heard: Heard, nth: number) => Reply | Promise<Reply> = rotating()) {
  const folder = await mkdtemp(join(tmpdir(), 'tokens-'));
  const path = join(folder, 'tokens.json');
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const server = await scriptedServer(script);
  const timers = new InstantTimers();
  const warnings: string[] = [];
  const time = { now: NOW };
  const transport = createTransport({ baseUrl: server.url, timeoutMs: 2000 });
  onTestFinished(() => transport.close());
  const now = () => time.now;
  const endpoint = createTokenEndpoint({ transport, appKey: 'key', secret: SECRET, timers, random: () => 0, now });
  const warn = (message: string) => void warnings.push(message);
  const open = (tokens: GivenTokens = given, appKey = 'key') =>
    Tokens.open({ path, appKey, given: tokens, endpoint, now, timers, lifetime: never, warn });
  return { server, timers, warnings, time, open, folder, path };
}
