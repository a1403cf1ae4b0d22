import { mkdir, readFile, rm, stat } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { failed, type Heard, ok } from './scripted-server.ts';
import { DAY, given, never, NOW, rotating, SECRET, tokenWorld } from './token-world.ts';

const CODE = 'ROW_theCode+1';
const isExchange = ({ path }: Heard): boolean => path === '/api/v2/token/get';

/** What an error shows to whoever gets it, its causes included. */
const told = (error: unknown): string => {
  const cause = error instanceof Error ? String(error.cause) : '';
  const hint = error instanceof Error && 'hint' in error ? String(error.hint) : '';
  return `${String(error)} ${JSON.stringify(error)} ${cause} ${hint}`;
};

const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => expect.unreachable('was not refused'),
    (error: unknown) => error,
  );

test('a code brings a pair that is on disk, in use at once, and wins over the given one after a restart', async () => {
  const { server, open, path } = await tokenWorld();
  const tokens = await open();
  expect(await tokens.exchange(CODE)).toEqual({
    accessExpiresAt: NOW + 7 * DAY,
    refreshExpiresAt: NOW + 365 * DAY,
  });
  expect(server.heard).toMatchObject([
    {
      method: 'GET',
      path: '/api/v2/token/get',
      query: { app_key: 'key', app_secret: SECRET, auth_code: CODE, grant_type: 'authorized_code' },
    },
  ]);
  expect([tokens.accessToken, tokens.accessExpiresAt]).toEqual(['ROW_access_1', NOW + 7 * DAY]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, 'utf8')).not.toContain(CODE);
  expect((await open()).accessToken).toBe('ROW_access_1');
  expect((await open({})).accessToken).toBe('ROW_access_1');
});

test('with no tokens at all a code is enough', async () => {
  const { open } = await tokenWorld();
  const tokens = await open({});
  const first = await refusal(tokens.ready(never));
  expect(first).toMatchObject({ class: 'token', code: 'not_authorized' });
  expect(told(first)).toMatch(/shopsync auth url.*shopsync auth exchange/);
  await tokens.exchange(CODE);
  await tokens.ready(never);
  expect(tokens.accessToken).toBe('ROW_access_1');
  expect((await open({})).accessToken).toBe('ROW_access_1');
});

test('what was refused before is forgotten: calls go on, and a later refusal refreshes without a pause', async () => {
  const { server, open } = await tokenWorld((heard, nth) =>
    nth === 0 ? failed(200, 36004001, 'refresh token expired') : rotating()(heard, nth),
  );
  const tokens = await open();
  expect(await refusal(tokens.renew('ROW_given', never))).toMatchObject({ class: 'token' });
  expect(await refusal(tokens.renew('ROW_given', never))).toMatchObject({ class: 'token' });
  expect(server.heard).toHaveLength(1);
  await tokens.exchange(CODE);
  await tokens.renew('ROW_given', never);
  expect([tokens.accessToken, server.heard.length]).toEqual(['ROW_access_2', 2]);
  await tokens.renew('ROW_access_2', never);
  expect([tokens.accessToken, server.heard.length]).toEqual(['ROW_access_3', 3]);
});

describe('a code that brings nothing', () => {
  test('wrong, used or expired: not_authorized, with where to get another, and nothing is changed', async () => {
    const { server, open } = await tokenWorld(({ query }) =>
      failed(200, 36004004, `invalid auth code ${query['auth_code']} ${encodeURIComponent(CODE)} of ${SECRET}`),
    );
    const tokens = await open();
    const error = await refusal(tokens.exchange(CODE));
    expect(error).toMatchObject({ class: 'token', code: 'not_authorized', retryable: false });
    expect(error).toMatchObject({ hint: expect.stringContaining('shopsync auth url') });
    expect(told(error)).not.toMatch(/theCode|secret=/);
    expect(server.heard).toHaveLength(1);
    expect(tokens.accessToken).toBe('ROW_given');
  });

  test.each([
    ['that cannot be reached', 0],
    ['that is overloaded', 503],
  ])('a host %s: retryable, after three attempts', async (_, status) => {
    const { server, timers, open } = await tokenWorld(() =>
      status === 0 ? (response) => void response.destroy() : { status, text: '' },
    );
    const tokens = await open();
    const error = await refusal(tokens.exchange(CODE));
    expect(error).toMatchObject({ class: 'transient', code: 'api', retryable: true });
    expect(error).toMatchObject({ hint: expect.stringMatching(/api\.auth_url.*same code/) });
    expect([server.heard.length, timers.waits]).toEqual([3, [1000, 2000]]);
    expect(told(error)).not.toMatch(/theCode|ROW_|secret=/);
    expect(tokens.accessToken).toBe('ROW_given');
  });

  test('of a creator or partner: says whose account it takes', async () => {
    const { open } = await tokenWorld(() => ok({ access_token: 'ROW_creator', refresh_token: 'ROW_r', user_type: 1 }));
    const tokens = await open();
    expect(await refusal(tokens.exchange(CODE))).toMatchObject({
      code: 'not_authorized',
      hint: expect.stringContaining('the shop’s seller'),
    });
    expect(tokens.accessToken).toBe('ROW_given');
  });

  test('a wrong app secret is a matter of the configuration', async () => {
    const { open } = await tokenWorld(() => failed(200, 36009004, "invalid credentials: 'app_key'"));
    expect(await refusal((await open()).exchange(CODE))).toMatchObject({
      class: 'configuration',
      code: 'api',
      retryable: false,
      hint: expect.stringContaining('api.app_key'),
    });
  });

  test('a disk that refuses: the pair is kept, and the same code again only writes it', async () => {
    const { server, open, folder, path } = await tokenWorld();
    await rm(folder, { recursive: true });
    const tokens = await open();
    for (let i = 0; i < 2; i += 1) {
      const error = await refusal(tokens.exchange(CODE));
      expect(error).toMatchObject({ class: 'store', hint: expect.stringContaining('the same code again') });
      // Whoever needs a token meanwhile tries to write as well.
      expect(await refusal(tokens.renew('ROW_given', never))).toMatchObject({ class: 'store' });
    }
    expect(tokens.accessToken).toBe('ROW_given');
    await mkdir(folder);
    expect(await tokens.exchange(CODE)).toEqual({ accessExpiresAt: NOW + 7 * DAY, refreshExpiresAt: NOW + 365 * DAY });
    expect(tokens.accessToken).toBe('ROW_access_1');
    expect(server.heard).toHaveLength(1);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ refreshToken: 'ROW_refresh_1' });
  });
});

/** A token host whose first answer waits, and that tells when it was asked for it. */
async function gated(rest: (heard: Heard, nth: number) => ReturnType<typeof ok> = rotating()) {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const world = await tokenWorld(async (heard, nth) => {
    asked.resolve();
    if (nth === 0) await gate.promise;
    return rest(heard, nth);
  });
  return { ...world, asked: asked.promise, opened: () => gate.resolve() };
}

describe('beside a refresh', () => {
  test('that is under way, it waits for its end, and the pair of the code is the one in use', async () => {
    const { server, open, asked, opened, path } = await gated();
    const tokens = await open();
    const refreshing = tokens.renew('ROW_given', never);
    await asked;
    const exchanging = tokens.exchange(CODE);
    expect(server.heard.map(isExchange)).toEqual([false]);
    opened();
    await Promise.all([refreshing, exchanging]);
    expect(server.heard.map(isExchange)).toEqual([false, true]);
    expect(tokens.accessToken).toBe('ROW_access_2');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ accessToken: 'ROW_access_2' });
  });

  test('that is asked for meanwhile: no request is made for it', async () => {
    const { server, open, asked, opened } = await gated();
    const tokens = await open();
    const exchanging = tokens.exchange(CODE);
    await asked;
    const refreshing = Promise.all(Array.from({ length: 8 }, () => tokens.renew('ROW_given', never)));
    opened();
    await Promise.all([exchanging, refreshing]);
    expect(server.heard.map(isExchange)).toEqual([true]);
    expect(tokens.accessToken).toBe('ROW_access_1');
  });

  test('a code that is refused is nothing to the refresh behind it', async () => {
    const { open, asked, opened } = await gated((heard, nth) =>
      nth === 0 ? failed(200, 36004004, 'invalid auth code') : rotating()(heard, nth),
    );
    const tokens = await open();
    const exchanging = refusal(tokens.exchange(CODE));
    await asked;
    const refreshing = tokens.renew('ROW_given', never);
    opened();
    expect(await exchanging).toMatchObject({ code: 'not_authorized' });
    await refreshing;
    expect(tokens.accessToken).toBe('ROW_access_2');
  });

  test('closing waits for it: a pair is not lost', async () => {
    const { open, asked, opened, path } = await gated();
    const tokens = await open(given);
    const exchanging = tokens.exchange(CODE);
    await asked;
    const settled = tokens.settled();
    opened();
    await settled;
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ accessToken: 'ROW_access_1' });
    await exchanging;
  });
});

test.each([
  ['a date beyond all calendars', 9_000_000_000_000, 253_402_300_799],
  ['a duration', 3600, NOW + 3600],
])('%s as expiry can still be told', async (_, expireIn, expected) => {
  const { open } = await tokenWorld(rotating(expireIn));
  expect(await (await open()).exchange(CODE)).toMatchObject({ accessExpiresAt: expected });
});
