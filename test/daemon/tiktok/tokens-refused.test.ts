import { chmod, writeFile } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { failed, ok } from './scripted-server.ts';
import { given, never, rotating, SECRET, tokenWorld } from './token-world.ts';

describe('refusals', () => {
  test.each([36004001, 36004004, 36004005])('%i asks for a new consent and is not hammered', async (code) => {
    const { server, timers, open } = await tokenWorld(() =>
      failed(200, code, `no record of ROW_refresh_given ${SECRET}`),
    );
    const tokens = await open();
    const expected = { class: 'token', code: 'not_authorized', hint: expect.stringContaining('shopsync auth url') };
    const error = await tokens.renew('ROW_given', never).catch((reason: unknown) => reason);
    expect(error).toMatchObject(expected);
    expect(JSON.stringify(error) + String(error)).not.toMatch(/ROW_|secret=/);
    for (let i = 0; i < 20; i += 1) await expect(tokens.renew('ROW_given', never)).rejects.toMatchObject(expected);
    expect(server.heard).toHaveLength(1);
    for (let minute = 0; minute < 59; minute += 1) {
      timers.pass(60_000);
      await expect(tokens.renew('ROW_given', never)).rejects.toMatchObject(expected);
    }
    expect(server.heard.length).toBeLessThanOrEqual(3);
  });

  test('new tokens, authorized by another process meanwhile, are taken without a restart', async () => {
    const { server, open } = await tokenWorld((heard, nth) =>
      nth === 0 ? failed(200, 36004005, 'no record') : rotating()(heard, nth),
    );
    const tokens = await open();
    await expect(tokens.renew('ROW_given', never)).rejects.toMatchObject({ class: 'token' });
    await (await open({})).exchange('CODE');
    expect(server.heard[1]).toMatchObject({
      path: '/api/v2/token/get',
      query: { auth_code: 'CODE', grant_type: 'authorized_code' },
    });
    await tokens.renew('ROW_given', never);
    expect(tokens.accessToken).toBe('ROW_access_2');
    expect(server.heard).toHaveLength(2);
    // And still after a restart, although the operator gives the old ones.
    expect((await open()).accessToken).toBe('ROW_access_2');
  });

  test('a token of a creator or partner is refused', async () => {
    const { open } = await tokenWorld(() => ok({ access_token: 'ROW_creator', refresh_token: 'ROW_r', user_type: 1 }));
    const tokens = await open();
    await expect(tokens.renew('ROW_given', never)).rejects.toMatchObject({ class: 'token', code: 'not_authorized' });
    expect(tokens.accessToken).toBe('ROW_given');
  });

  test('without a refresh token, or any token, the error says what to do', async () => {
    const { server, open } = await tokenWorld();
    const expected = { class: 'token', code: 'not_authorized', hint: expect.stringContaining('auth url') };
    await expect((await open({ accessToken: 'ROW_only' })).renew('ROW_only', never)).rejects.toMatchObject(expected);
    await expect((await open({})).ready(never)).rejects.toMatchObject(expected);
    expect(server.heard).toHaveLength(0);
  });

  test('a host that cannot be reached is a transient failure that names no secret', async () => {
    const { timers, open } = await tokenWorld(() => (response) => void response.destroy());
    const tokens = await open();
    const error = await tokens.renew('ROW_given', never).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ class: 'transient', code: 'api' });
    expect(timers.waits).toEqual([1000, 2000, 4000, 8000]);
    const text = `${String(error)} ${JSON.stringify(error)} ${String(error instanceof Error && error.cause)}`;
    expect(text).not.toMatch(/ROW_|app_secret|secret=|secret%3D/);
  });
});

describe('which tokens are the newer ones', () => {
  test('stored ones win while the operator gives the same; others that he gives win', async () => {
    const { open } = await tokenWorld();
    await (await open()).renew('ROW_given', never);
    expect((await open()).accessToken).toBe('ROW_access_1');
    expect((await open({})).accessToken).toBe('ROW_access_1');
    expect((await open({ ...given, accessToken: 'ROW_newer' })).accessToken).toBe('ROW_newer');
    expect((await open({ ...given, refreshToken: 'ROW_newer' })).accessToken).toBe('ROW_given');
  });

  test('tokens of another app are not used', async () => {
    const { open } = await tokenWorld();
    await (await open()).renew('ROW_given', never);
    expect((await open(given, 'another key')).accessToken).toBe('ROW_given');
  });

  test('a damaged file is replaced by given tokens, with a warning; without any it stops the start', async () => {
    const { warnings, open, path } = await tokenWorld();
    await writeFile(path, '{"version":1,"acc', { mode: 0o600 });
    await expect(open({})).rejects.toMatchObject({ message: expect.stringContaining(path) });
    const tokens = await open();
    expect(warnings).toEqual([expect.stringContaining(path)]);
    await tokens.renew('ROW_given', never);
    expect((await open({})).accessToken).toBe('ROW_access_1');
  });

  test('a file that others can read is refused, whatever is given', async () => {
    const { open, path } = await tokenWorld();
    await (await open()).renew('ROW_given', never);
    await chmod(path, 0o644);
    await expect(open()).rejects.toMatchObject({ class: 'configuration', hint: expect.stringContaining('chmod 600') });
  });
});
