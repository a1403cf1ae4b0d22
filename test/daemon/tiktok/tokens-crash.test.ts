import { readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { runClient } from '../../tui/client-process.ts';
import { type DaemonProcess, Installation } from '../daemon-process.ts';
import { failed, ok } from './scripted-server.ts';
import { never, NOW, rotating, tokenWorld } from './token-world.ts';

const TOKENS = '/api/v2/token/refresh';
const poll = { timeout: 15_000, interval: 20 };
const refreshes = (sandbox: Sandbox): number => sandbox.requests.of(TOKENS).total;
const CONSENT = 'shopsync auth url';

/** A token host whose refresh tokens are good once, and the tokens of a fresh folder that has refreshed once. */
async function rotatedOnce() {
  const current = { refresh: 'ROW_refresh_given' };
  const world = await tokenWorld((heard, nth) => {
    if (heard.query['refresh_token'] !== current.refresh) return failed(200, 36004005, 'no auth record');
    current.refresh = `ROW_refresh_${nth + 1}`;
    return rotating()(heard, nth);
  });
  const tokens = await world.open();
  await tokens.renew('ROW_given', never);
  return { ...world, tokens };
}

test('T29: what is stored after a refresh is stored before it is used, and the next start needs no refresh', async () => {
  const { path, tokens, open, server } = await rotatedOnce();
  const stored = () => JSON.parse(readFileSync(path, 'utf8')).accessToken;
  const used: string[] = [];
  const renewing = tokens.renew('ROW_access_1', never).then(() => used.push(stored()));
  await renewing;
  expect([tokens.accessToken, used]).toEqual(['ROW_access_2', ['ROW_access_2']]);
  // Died right after: nothing of the process is left but the file.
  const again = await open();
  await again.ready(never);
  expect(again.accessToken).toBe('ROW_access_2');
  expect(server.heard).toHaveLength(2);
});

test('T29: a pair that could not be stored is not used, is stored when it can be, and is not asked for twice', async () => {
  const { path, tokens, open, server } = await rotatedOnce();
  await mkdir(`${path}.new`);
  const expected = { class: 'store', code: 'store', hint: expect.stringContaining('free some space') };
  await expect(tokens.renew('ROW_access_1', never)).rejects.toMatchObject(expected);
  expect(tokens.accessToken).toBe('ROW_access_1');
  await expect(tokens.renew('ROW_access_1', never)).rejects.toMatchObject(expected);
  expect(server.heard).toHaveLength(2);
  rmSync(`${path}.new`, { recursive: true });
  await tokens.renew('ROW_access_1', never);
  expect([tokens.accessToken, (await open()).accessToken]).toEqual(['ROW_access_2', 'ROW_access_2']);
  expect(server.heard).toHaveLength(2);
});

test('T29: died before the new pair was stored: the old one is tried, then it is said how to authorize again', async () => {
  const { path, timers, tokens, open, server } = await rotatedOnce();
  await mkdir(`${path}.new`);
  await expect(tokens.renew('ROW_access_1', never)).rejects.toMatchObject({ class: 'store' });
  rmSync(`${path}.new`, { recursive: true });
  // Died: the pair in memory is gone, TikTok has forgotten the one on disk.
  const again = await open();
  expect(again.accessToken).toBe('ROW_access_1');
  const before = server.heard.length;
  const consent = { class: 'token', code: 'not_authorized', hint: expect.stringContaining(CONSENT) };
  for (let minute = 0; minute < 60; minute += 1) {
    await expect(again.renew('ROW_access_1', never)).rejects.toMatchObject(consent);
    timers.pass(60_000);
  }
  expect(server.heard.length - before).toBeLessThanOrEqual(3);
});

test('T29: half a file that a crash left beside the tokens is neither read nor in the way', async () => {
  const { path, tokens, open } = await rotatedOnce();
  await writeFile(`${path}.new`, '{"version":1,"accessTok', { mode: 0o644 });
  expect((await open()).accessToken).toBe('ROW_access_1');
  await tokens.renew('ROW_access_1', never);
  expect((await open()).accessToken).toBe('ROW_access_2');
});

test('T28: eight refused at once share one refresh, and a ninth that comes late with the old token needs none', async () => {
  const { server, open } = await tokenWorld(() => ok({ access_token: 'ROW_new', access_token_expire_in: NOW + 9e5 }));
  const tokens = await open();
  await Promise.all(Array.from({ length: 8 }, () => tokens.renew('ROW_given', never)));
  await tokens.renew('ROW_given', never);
  expect(server.heard).toHaveLength(1);
  expect(tokens.accessToken).toBe('ROW_new');
});

/**
 * A daemon that is killed after TikTok has exchanged its refresh token and before the answer has come, and the next one,
 * given the same tokens.
 */
async function killedInRefresh(place: Installation, sandbox: Sandbox): Promise<DaemonProcess> {
  const given = { SHOPSYNC_ACCESS_TOKEN: sandbox.accessToken, SHOPSYNC_REFRESH_TOKEN: sandbox.refreshToken };
  sandbox.faults.add({ kind: 'expire' });
  sandbox.faults.add({ kind: 'hang', match: TOKENS });
  const daemon = place.start();
  await expect.poll(() => refreshes(sandbox), poll).toBe(1);
  expect(await daemon.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
  sandbox.faults.clear();
  return place.start([], given);
}

test('T29: SIGKILL in a refresh, and TikTok still takes the old refresh token: the next start goes on by itself', async () => {
  await using sandbox = await startSandbox({ orders: 120, frozen: true, refreshGrace: 600 });
  await using place = new Installation(sandbox);
  const daemon = await killedInRefresh(place, sandbox);
  await expect
    .poll(async () => daemon.stdout.includes('"listening"') && (await place.status()).streams[0]?.total, poll)
    .toBe(120);
  expect(refreshes(sandbox)).toBe(2);
});

test('T29: SIGKILL in a refresh, and the old refresh token is dead: status says what to do, sync exits with 6', async () => {
  await using sandbox = await startSandbox({ orders: 120, frozen: true });
  await using place = new Installation(sandbox);
  const daemon = await killedInRefresh(place, sandbox);
  await expect
    .poll(async () => daemon.stdout.includes('"listening"') && (await place.status()).problem?.code, poll)
    .toBe('not_authorized');
  const { problem } = await place.status();
  expect(problem).toMatchObject({ retryable: false, hint: expect.stringContaining(CONSENT) });
  for (let call = 0; call < 3; call += 1) {
    const { status, stdout, stderr } = await runClient(['--socket', place.socket, 'sync']);
    expect([status, stdout]).toEqual([6, '']);
    expect(stderr).toContain(CONSENT);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  }
  const shown = await runClient(['--socket', place.socket, 'status']);
  expect(shown.stdout + shown.stderr).toContain(CONSENT);
  expect(refreshes(sandbox)).toBe(2);
  expect(daemon.stdout).not.toContain('ROW_sandbox');
});
