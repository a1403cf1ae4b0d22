import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';
import { z } from 'zod';

import { type AccountOptions, openAccount } from '../../../daemon/tiktok/account.ts';
import type { CallOptions } from '../../../daemon/tiktok/api.ts';
import type { Attempt } from '../../../daemon/tiktok/client.ts';
import type { Timers } from '../../../daemon/tiktok/timers.ts';
import type { SandboxOptions } from '../../sandbox/options.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';

export const SEARCH = '/order/202309/orders/search';
export const SHOPS = '/authorization/202309/shops';
export const TOKENS = '/api/v2/token/refresh';
/** Unix seconds; a full hour, and 8 hours before midnight UTC. */
export const BEGAN = 1_764_000_000;

const data = z.looseObject({
  orders: z.array(z.looseObject({ id: z.string() })).default([]),
  next_page_token: z.string().optional(),
  total_count: z.int(),
});

export interface TaxonomyOptions extends Partial<AccountOptions> {
  readonly timers: Timers;
  readonly sandbox?: Partial<SandboxOptions>;
}

/** A real account over real HTTP against a sandbox, both in the time of `timers`. */
export async function taxonomyWorld({ timers, sandbox: given, ...rest }: TaxonomyOptions) {
  const began = timers.now();
  const now = () => BEGAN + (timers.now() - began) / 1000;
  const sandbox = await startSandbox({ orders: 150, days: 30, frozen: true, now, ...given });
  const stateDir = await mkdtemp(join(tmpdir(), 'taxonomy-'));
  const attempts: Attempt[] = [];
  const warnings: string[] = [];
  const account = await openAccount({
    baseUrl: sandbox.url,
    authUrl: sandbox.url,
    appKey: sandbox.appKey,
    secret: sandbox.appSecret,
    tokens: { accessToken: sandbox.accessToken, refreshToken: sandbox.refreshToken },
    requestsPerSecond: 1000,
    concurrency: 8,
    timeoutMs: 5000,
    stateDir,
    nextAsked: () => 1,
    warn: (message) => void warnings.push(message),
    onAttempt: (attempt, shop) => {
      if (shop !== undefined) attempts.push(attempt);
    },
    localNow: () => now() * 1000,
    timers,
    random: () => 0,
    ...rest,
  });
  onTestFinished(async () => {
    await account.close();
    await sandbox.close();
    await rm(stateDir, { recursive: true, force: true });
  });
  const [shop] = await account.shops(new AbortController().signal);
  if (shop === undefined) throw new Error('no shop');
  const api = account.api(shop);
  const sent = { count: 0 };
  const search = (token?: string, options: Partial<CallOptions> = {}) =>
    api.call(
      {
        method: 'POST',
        path: SEARCH,
        query: { page_size: '100', ...(token !== undefined && { page_token: token }) },
        body: {},
        data,
      },
      {
        priority: 'live',
        signal: new AbortController().signal,
        onAttempt: () => {
          sent.count += 1;
        },
        ...options,
      },
    );
  const count = (path: string) => sandbox.requests.of(path).total;
  return { sandbox, account, api, shop, search, attempts, warnings, sent, count, now, stateDir };
}
