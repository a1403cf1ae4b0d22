import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { openAccount } from '../../../daemon/tiktok/account.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { InstantTimers } from './manual-timers.ts';

const never = new AbortController().signal;
const data = z.looseObject({
  orders: z.array(z.looseObject({ id: z.string(), update_time: z.int() })).default([]),
  next_page_token: z.string().optional(),
});

/** The account as a daemon opens it, against the sandbox; waits take no time. */
async function world() {
  const sandbox = await startSandbox({ orders: 350, frozen: true });
  const stateDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const timers = new InstantTimers();
  const { accessToken, refreshToken } = sandbox;
  const open = () =>
    openAccount({
      baseUrl: sandbox.url,
      authUrl: sandbox.url,
      appKey: sandbox.appKey,
      secret: sandbox.appSecret,
      tokens: { accessToken, refreshToken },
      requestsPerSecond: 1000,
      concurrency: 8,
      timeoutMs: 5000,
      stateDir,
      nextAsked: () => 1,
      warn: () => {},
      timers,
      random: () => 0,
    });
  const account = await open();
  onTestFinished(async () => {
    await account.close();
    await sandbox.close();
    await rm(stateDir, { recursive: true });
  });
  const [shop] = await account.shops(never);
  if (shop === undefined) throw new Error('no shop');
  const api = account.api(shop);
  const page = (token = '') =>
    api.call(
      {
        method: 'POST',
        path: '/order/202309/orders/search',
        query: {
          page_size: '100',
          sort_field: 'update_time',
          sort_order: 'ASC',
          ...(token !== '' && { page_token: token }),
        },
        body: {},
        data,
      },
      { priority: 'live', signal: never },
    );
  return { sandbox, account, open, page, timers };
}

test('every order is read, page tokens with + / = included', async () => {
  const { page } = await world();
  const ids = new Set<string>();
  for (let token: string | undefined = ''; token !== undefined;) {
    const answer = await page(token);
    for (const { id } of answer.data.orders) ids.add(id);
    expect(Math.abs(answer.sentAt - Date.now() / 1000)).toBeLessThan(301);
    token = answer.data.next_page_token === '' ? undefined : answer.data.next_page_token;
  }
  expect(ids.size).toBe(350);
});

test('faults of every transient kind are ridden out', async () => {
  const { sandbox, page, timers } = await world();
  const kinds = ['429', '500', '503', 'code', 'cut'] as const;
  for (const [after, kind] of kinds.entries()) sandbox.faults.add({ kind, after, times: 1 });
  expect((await page()).data.orders).toHaveLength(100);
  expect(timers.waits.filter((ms) => ms >= 1000)).toEqual([1000, 1000, 2000, 4000, 8000]);
});

test('an expired token is refreshed once for all calls, and the new pair survives a restart', async () => {
  const { sandbox, open, page } = await world();
  sandbox.tokens.expire();
  await Promise.all(Array.from({ length: 8 }, () => page()));
  const again = await open();
  onTestFinished(() => again.close());
  expect(await again.shops(never)).toHaveLength(1);
});

test('a revoked authorization ends with the word for clients', async () => {
  const { sandbox, page } = await world();
  sandbox.tokens.revoke();
  await expect(page()).rejects.toMatchObject({ class: 'token', code: 'not_authorized' });
});
