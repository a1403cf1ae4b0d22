import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';
import { z } from 'zod';

import type { CallOptions } from '../../../daemon/tiktok/api.ts';
import { ShopBudget } from '../../../daemon/tiktok/budget.ts';
import { type Attempt, Client } from '../../../daemon/tiktok/client.ts';
import { ServerClock } from '../../../daemon/tiktok/server-clock.ts';
import { sign } from '../../../daemon/tiktok/sign.ts';
import { createTokenEndpoint } from '../../../daemon/tiktok/token-endpoint.ts';
import { Tokens } from '../../../daemon/tiktok/tokens.ts';
import { createTransport } from '../../../daemon/tiktok/transport.ts';
import { InstantTimers } from './manual-timers.ts';
import { type Heard, ok, type Reply, scriptedServer } from './scripted-server.ts';

export const SECRET = 'app-secret-0001';
export const CIPHER = 'ROW_cipher';
export const START = 1_764_000_000;
export const never = new AbortController().signal;
const data = z.looseObject({ orders: z.array(z.looseObject({ id: z.string() })) });
export const search = {
  method: 'POST',
  path: '/order/202309/orders/search',
  query: { page_size: '100', page_token: 'a+/= b' },
  body: { update_time_ge: 1, note: 'Größe ☕' },
  data,
} as const;
export const page = ok({ orders: [{ id: '1' }] });

/** Whether the request as it arrived carries the signature of exactly what arrived. */
export const wellSigned = ({ path, query, body }: Heard): boolean =>
  query['sign'] === sign(SECRET, path, query, body === '' ? undefined : body);

/** The waits between attempts, without the milliseconds that the budget puts between requests. */
export const backoffs = ({ waits }: InstantTimers): number[] => waits.filter((ms) => ms >= 1000);

/** A client against a server that answers as scripted; `skew` is how far the machine's clock is off, in seconds. */
export async function clientWorld(script: (heard: Heard, nth: number) => Reply | Promise<Reply>, skew = 0) {
  const stateDir = await mkdtemp(join(tmpdir(), 'client-'));
  onTestFinished(() => rm(stateDir, { recursive: true }));
  const timers = new InstantTimers();
  const began = timers.now();
  const trueNow = () => START + Math.floor((timers.now() - began) / 1000);
  let calls = 0;
  const server = await scriptedServer(async (heard, nth) => {
    if (heard.path.startsWith('/api/v2/token/')) {
      calls += 1;
      return ok({ access_token: `ROW_access_${calls}`, refresh_token: `ROW_refresh_${calls}` });
    }
    const reply = await script(heard, nth);
    const date = new Date(trueNow() * 1000).toUTCString();
    return typeof reply === 'function' ? reply : { ...reply, headers: { date, ...reply.headers } };
  });
  const transport = createTransport({ baseUrl: server.url, timeoutMs: 2000 });
  onTestFinished(() => transport.close());
  const clock = new ServerClock({ localNow: () => (trueNow() + skew) * 1000, monotonic: timers.now });
  const now = () => clock.signingNow();
  const endpoint = createTokenEndpoint({ transport, appKey: 'key', secret: SECRET, timers, random: () => 0, now });
  const given = { accessToken: 'ROW_given', refreshToken: 'ROW_refresh' };
  const path = join(stateDir, 'tokens.json');
  const warn = () => {};
  const tokens = await Tokens.open({ path, appKey: 'key', given, endpoint, now, timers, lifetime: never, warn });
  const budget = new ShopBudget({ ceiling: 1000, start: () => 1000, concurrency: 8, timers });
  const attempts: Attempt[] = [];
  const shop = { cipher: CIPHER, rereads: 0, next: CIPHER };
  let asked = 100;
  const client = new Client({
    transport,
    tokens,
    clock,
    budget,
    timers,
    random: () => 0,
    nextAsked: () => (asked += 1),
    appKey: 'key',
    secret: SECRET,
    cipher: () => shop.cipher,
    rereadShops: async (refused) => {
      shop.rereads += 1;
      shop.cipher = shop.next;
      return shop.cipher !== refused;
    },
    onAttempt: (attempt) => void attempts.push(attempt),
  });
  let sent = 0;
  const call = (signal = never, options: Partial<CallOptions> = {}) =>
    client.call(search, {
      ...options,
      priority: 'live',
      signal,
      onAttempt: () => {
        sent += 1;
      },
    });
  const api = () => server.heard.filter(({ path: asking }) => asking === search.path);
  const refreshes = () => calls;
  return { server, timers, clock, tokens, budget, attempts, shop, call, api, refreshes, sent: () => sent };
}
