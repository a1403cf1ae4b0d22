import { mkdir, readFile, rm, stat } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { ok } from './scripted-server.ts';
import { DAY, never, NOW, rotating, SECRET, tokenWorld } from './token-world.ts';

const saved = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

describe('refreshing', () => {
  test('eight that were refused together make one request, and all go on with the new token', async () => {
    const { server, open } = await tokenWorld();
    const tokens = await open();
    await Promise.all(Array.from({ length: 8 }, () => tokens.renew('ROW_given', never)));
    expect(server.heard).toHaveLength(1);
    expect(server.heard[0]).toMatchObject({
      method: 'GET',
      path: '/api/v2/token/refresh',
      query: { app_key: 'key', app_secret: SECRET, refresh_token: 'ROW_refresh_given', grant_type: 'refresh_token' },
    });
    expect(tokens.accessToken).toBe('ROW_access_1');
    // One that was refused with the old token but comes late finds the new one.
    await tokens.renew('ROW_given', never);
    expect(server.heard).toHaveLength(1);
  });

  test('both tokens are on disk before anybody gets to use them', async () => {
    const { open, path } = await tokenWorld();
    const tokens = await open();
    await tokens.renew('ROW_given', never);
    expect(await saved(path)).toMatchObject({ accessToken: 'ROW_access_1', refreshToken: 'ROW_refresh_1' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const next = await open();
    expect(next.accessToken).toBe('ROW_access_1');
  });

  test('a pair that cannot be saved is not used, not lost, and not asked for again', async () => {
    const { server, open, folder, path } = await tokenWorld();
    await rm(folder, { recursive: true });
    const tokens = await open();
    await expect(tokens.renew('ROW_given', never)).rejects.toMatchObject({ class: 'store' });
    expect(tokens.accessToken).toBe('ROW_given');
    await mkdir(folder);
    await tokens.renew('ROW_given', never);
    expect(tokens.accessToken).toBe('ROW_access_1');
    expect(server.heard).toHaveLength(1);
    expect(await saved(path)).toMatchObject({ refreshToken: 'ROW_refresh_1' });
  });

  test('an answer without refresh token keeps the one in use', async () => {
    const { open, path } = await tokenWorld(() => ok({ access_token: 'ROW_new' }));
    const tokens = await open();
    await tokens.renew('ROW_given', never);
    expect(await saved(path)).toMatchObject({ accessToken: 'ROW_new', refreshToken: 'ROW_refresh_given' });
    expect(tokens.accessExpiresAt).toBeNull();
  });

  test('one who leaves does not stop the refresh for the others', async () => {
    const { promise: gate, resolve: opened } = Promise.withResolvers<void>();
    const { open } = await tokenWorld(async (heard, nth) => {
      await gate;
      return rotating()(heard, nth);
    });
    const tokens = await open();
    const stop = new AbortController();
    const leaving = tokens.renew('ROW_given', stop.signal);
    const staying = tokens.renew('ROW_given', never);
    stop.abort(new Error('leaving'));
    await expect(leaving).rejects.toThrow('leaving');
    opened();
    await staying;
    expect(tokens.accessToken).toBe('ROW_access_1');
  });
});

test('a newer token of another process can be taken without asking TikTok for one', async () => {
  const { server, open } = await tokenWorld();
  const [tokens, other] = [await open(), await open()];
  expect(await tokens.adopt('ROW_given')).toBe(false);
  await other.renew('ROW_given', never);
  expect(server.heard).toHaveLength(1);
  expect(await tokens.adopt('ROW_given')).toBe(true);
  expect(tokens.accessToken).toBe('ROW_access_1');
  expect(await tokens.adopt('ROW_access_1')).toBe(false);
  expect(server.heard).toHaveLength(1);
});

describe('ahead of time', () => {
  test('a token given without expiry is used until it is refused', async () => {
    const { server, time, open } = await tokenWorld();
    const tokens = await open();
    time.now += 400 * DAY;
    await tokens.ready(never);
    expect(server.heard).toHaveLength(0);
  });

  test.each([
    ['an absolute expiry', NOW + 7 * DAY],
    ['a duration', 7 * DAY],
  ])('%s: refreshed when under 24 hours remain', async (_, expireIn) => {
    const { server, time, open } = await tokenWorld(rotating(expireIn));
    const tokens = await open();
    await tokens.renew('ROW_given', never);
    expect(tokens.accessExpiresAt).toBe(NOW + 7 * DAY);
    time.now = NOW + 6 * DAY;
    await tokens.ready(never);
    expect(server.heard).toHaveLength(1);
    time.now += 1;
    await Promise.all([tokens.ready(never), tokens.ready(never)]);
    await tokens.settled();
    expect(server.heard).toHaveLength(2);
    expect(tokens.accessToken).toBe('ROW_access_2');
  });

  test('a token of an hour is refreshed at half its life, not at every call', async () => {
    const { server, time, open } = await tokenWorld(rotating(3600));
    const tokens = await open();
    await tokens.renew('ROW_given', never);
    time.now += 1800;
    await tokens.ready(never);
    expect(server.heard).toHaveLength(1);
    time.now += 1;
    await tokens.ready(never);
    await tokens.settled();
    expect(server.heard).toHaveLength(2);
  });

  test('nobody waits for it: a token host that does not answer holds up no call while the token lives', async () => {
    const answer = Promise.withResolvers<void>();
    const { server, time, open } = await tokenWorld(async (heard, nth) => {
      if (nth > 0) await answer.promise;
      return rotating()(heard, nth);
    });
    const tokens = await open();
    await tokens.renew('ROW_given', never);
    time.now = NOW + 6 * DAY + 1;
    await tokens.ready(never);
    await expect.poll(() => server.heard.length).toBe(2);
    await tokens.ready(never);
    expect(tokens.accessToken).toBe('ROW_access_1');
    answer.resolve();
    await tokens.settled();
    expect(server.heard).toHaveLength(2);
    expect(tokens.accessToken).toBe('ROW_access_2');
  });

  test('a token that still lives stays in use when that fails, and TikTok is left alone for a while', async () => {
    const { server, time, warnings, open } = await tokenWorld((heard, nth) =>
      nth === 0 ? rotating()(heard, nth) : { status: 503, text: '' },
    );
    const tokens = await open();
    await tokens.renew('ROW_given', never);
    time.now = NOW + 6 * DAY + 1;
    await tokens.ready(never);
    await tokens.settled();
    expect(server.heard).toHaveLength(6);
    expect(warnings).toHaveLength(1);
    await tokens.ready(never);
    await tokens.settled();
    expect(server.heard).toHaveLength(6);
    expect(tokens.accessToken).toBe('ROW_access_1');
  });

  test('a refresh token alone is enough', async () => {
    const { open } = await tokenWorld();
    const tokens = await open({ refreshToken: 'ROW_refresh_given' });
    expect(() => tokens.accessToken).toThrow();
    await tokens.ready(never);
    expect(tokens.accessToken).toBe('ROW_access_1');
  });
});
