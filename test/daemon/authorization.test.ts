import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { authorized } from '../../shared/views.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { type DaemonProcess, Installation } from './daemon-process.ts';

const poll = { timeout: 15_000, interval: 20 };
/** A fresh installation: an app, and nobody who has authorized it. */
const withoutTokens = { SHOPSYNC_ACCESS_TOKEN: '', SHOPSYNC_REFRESH_TOKEN: '' };

const shopOf = (orders: number) => startSandbox({ orders, frozen: true, seed: 7 });

async function listening(daemon: DaemonProcess): Promise<DaemonProcess> {
  await expect.poll(() => daemon.stdout.includes('"listening"') || !daemon.isRunning, poll).toBe(true);
  expect(daemon.stderr).toBe('');
  return daemon;
}

const envelope = z.object({
  result: z.unknown().optional(),
  error: z
    .object({
      code: z.int(),
      message: z.string(),
      data: z.object({ code: z.string(), retryable: z.boolean(), hint: z.string().optional() }),
    })
    .optional(),
});

/** The answer to one call, and all of it as text. */
async function ask(path: string, method: string, params: object) {
  const socket = connect(path).setEncoding('utf8');
  socket.end(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
  const all = await text(socket);
  return { all, ...envelope.parse(JSON.parse(all)) };
}

const problem = async (place: Installation) => (await place.status()).problem;
const orders = async (place: Installation) => (await place.status()).streams.find(({ stream }) => stream === 'orders');
const stopped = async (place: Installation) => (await orders(place))?.lastError?.code;
const synced = async (place: Installation) => {
  const stream = await orders(place);
  return stream?.run === null && stream.lastError === null && stream.lastSyncTime !== null ? stream.total : undefined;
};

function expectUntold(sandbox: Sandbox, daemon: DaemonProcess, ...answers: readonly string[]): void {
  for (const said of [daemon.stdout, daemon.stderr, ...answers]) {
    expect(said).not.toMatch(/sandboxCode|sandboxAccess|sandboxRefresh|ROW_SANDBOX/);
    expect(said).not.toContain(sandbox.appSecret);
  }
}

test('a fresh installation: starts without tokens, says what to do, and a code is all it needs', async () => {
  await using sandbox = await shopOf(300);
  await using place = new Installation(sandbox);
  const daemon = await listening(place.start([], { ...withoutTokens, SHOPSYNC_LOG_LEVEL: 'trace' }));
  await expect.poll(() => problem(place), poll).toMatchObject({ code: 'not_authorized', retryable: false });
  const hint = (await problem(place))?.hint;
  expect(hint).toMatch(/shopsync auth url.*shopsync auth exchange/);
  expect(daemon.stdout).toContain('shopsync auth url');
  expect(await ask(place.socket, 'sync', {})).toMatchObject({ error: { code: -32013, data: { hint } } });
  expect(await place.call('health')).toMatchObject({ ok: false });
  expect(sandbox.requests.of('/authorization/202309/shops').total).toBe(0);

  const { all, result } = await ask(place.socket, 'auth.exchange', { code: sandbox.tokens.authorize() });
  const answer = authorized.parse(result);
  expect(answer).toEqual(result);
  expect(answer).toMatchObject({
    problem: null,
    shops: sandbox.shops.map(({ id, name, region }) => ({ id, name, region })),
  });
  const { grant } = sandbox.tokens;
  expect(Date.parse(answer.accessTokenExpiresAt ?? '')).toBe(grant.accessExpiresAt * 1000);
  expect(Date.parse(answer.refreshTokenExpiresAt ?? '')).toBe(grant.refreshExpiresAt * 1000);
  await expect.poll(() => synced(place), poll).toBe(300);
  expect(await problem(place)).toBeNull();
  expectUntold(sandbox, daemon, all);

  const file = join(place.folder, 'tokens.json');
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  expect(readFileSync(file, 'utf8')).toContain(grant.accessToken);
  await daemon.kill('SIGKILL');
  await listening(place.start([], withoutTokens));
  await place.call('sync', { stream: 'orders', wait: true });
  expect(await synced(place)).toBe(300);
});

test('revoked: a new code makes streams go on by themselves, and its pair wins over the given one', async () => {
  await using sandbox = await shopOf(200);
  await using place = new Installation(sandbox);
  const { env } = place;
  const daemon = await listening(place.start([], { SHOPSYNC_LOG_LEVEL: 'trace' }));
  await expect.poll(() => synced(place), poll).toBe(200);
  sandbox.faults.add({ kind: 'revoke' });
  await place.call('sync', { stream: 'orders', wait: true });
  expect(await stopped(place)).toBe('not_authorized');
  sandbox.freeze(false);
  sandbox.world.place({ status: 'UNPAID' });
  sandbox.freeze(true);

  const code = sandbox.tokens.authorize();
  const address = `https://app.example/redirect?code=${code}&state=5&locale=en&shop_region=GB`;
  const { all, result } = await ask(place.socket, 'auth.exchange', { code: address });
  expect(result).toMatchObject({ problem: null });
  await expect.poll(() => synced(place), poll).toBe(201);
  expect((await place.status()).api[0]?.tokenExpiresAt).toBe(authorized.parse(result).accessTokenExpiresAt);
  const used = await ask(place.socket, 'auth.exchange', { code });
  expect(used).toMatchObject({
    error: { code: -32013, data: { code: 'not_authorized', hint: expect.stringContaining('shopsync auth url') } },
  });
  expectUntold(sandbox, daemon, all, used.all);

  await daemon.kill('SIGTERM');
  // The operator still gives what he gave at first, which nobody takes any more.
  await listening(place.start([], { SHOPSYNC_ACCESS_TOKEN: env['SHOPSYNC_ACCESS_TOKEN'] ?? '' }));
  expect(await place.call('sync', { stream: 'orders', wait: true })).toMatchObject({ runs: [{ stream: 'orders' }] });
  expect(await synced(place)).toBe(201);
});

test('a code that brings nothing: typed, without a word of the code, and nothing is written', async () => {
  await using sandbox = await shopOf(10);
  await using place = new Installation(sandbox);
  const nowhere = { SHOPSYNC_API_AUTH_URL: 'http://127.0.0.1:9' };
  const daemon = await listening(place.start([], { ...withoutTokens, ...nowhere, SHOPSYNC_LOG_LEVEL: 'trace' }));
  const code = sandbox.tokens.authorize();
  const unreachable = await ask(place.socket, 'auth.exchange', { code });
  expect(unreachable).toMatchObject({
    error: { code: -32017, data: { code: 'api', retryable: true, hint: expect.stringContaining('api.auth_url') } },
  });
  const wrong = await ask(place.socket, 'auth.exchange', { code: `two ${code}` });
  expect(wrong).toMatchObject({
    error: { code: -32602, message: expect.stringContaining('code: a code is one word') },
  });
  const long = await ask(place.socket, 'auth.exchange', { code: code.repeat(1000) });
  expect(long).toMatchObject({ error: { code: -32602, message: expect.stringContaining('code: ') } });
  const misplaced = await ask(place.socket, 'auth.exchange', { cod: code });
  expect(misplaced).toMatchObject({ error: { code: -32602 } });
  const observed = await ask(join(place.folder, 'run', 'observe.sock'), 'auth.exchange', { code });
  expect(observed).toMatchObject({ error: { code: -32012, data: { code: 'read_only' } } });
  expect(statSync(join(place.folder, 'tokens.json'), { throwIfNoEntry: false })).toBeUndefined();
  expectUntold(sandbox, daemon, ...[unreachable, wrong, long, misplaced, observed].map(({ all }) => all));
  // Nobody has used it.
  expect(sandbox.tokens.exchange(code)).toMatchObject({ accessToken: expect.any(String) });
});

test('a code whose shops cannot be read then is told so, and its pair is kept', async () => {
  await using sandbox = await shopOf(10);
  await using place = new Installation(sandbox);
  await listening(place.start([], withoutTokens));
  await expect.poll(() => problem(place), poll).toMatchObject({ code: 'not_authorized' });
  sandbox.faults.add({ kind: 'code', code: 105005, match: '/authorization/202309/shops', times: 1 });
  expect(await place.call('auth.exchange', { code: sandbox.tokens.authorize() })).toMatchObject({
    shops: [],
    problem: { code: 'not_authorized', message: expect.stringContaining('scope') },
  });
  expect(statSync(join(place.folder, 'tokens.json')).isFile()).toBe(true);
  await place.call('sync', { stream: 'orders', wait: true });
  expect(await synced(place)).toBe(10);
});
