import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { ConfigError } from '../../../daemon/config/config-error.ts';
import { loadConfig } from '../../../daemon/config/load.ts';
import { Secret } from '../../../daemon/config/secret.ts';
import { loadSecrets, missingSecret, readSecretFile } from '../../../daemon/config/secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shopsync-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string, mode: number): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

const load = (env: Record<string, string>) => loadSecrets(loadConfig({ env, read: () => null }).config, env);

const problemsOf = (act: () => unknown): readonly string[] => {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test('credentials come before the environment, the environment before a file', () => {
  const env: Record<string, string> = {
    CREDENTIALS_DIRECTORY: folder,
    SHOPSYNC_APP_SECRET: 'of-env',
    SHOPSYNC_API_APP_SECRET_FILE: file('secret', 'of-file\n', 0o600),
  };
  const found = () => {
    const { appSecret } = load(env);
    return [appSecret?.secret.reveal(), appSecret?.origin];
  };
  const credential = file('app_secret', 'of-systemd\n', 0o440);
  expect(found()).toEqual(['of-systemd', credential]);
  rmSync(credential);
  expect(found()).toEqual(['of-env', 'SHOPSYNC_APP_SECRET']);
  env['SHOPSYNC_APP_SECRET'] = '';
  expect(found()).toEqual(['of-file', join(folder, 'secret')]);
});

test('none is null, and the sentence about it names the three places', () => {
  expect(load({})).toEqual({ appSecret: null, accessToken: null, refreshToken: null });
  expect(missingSecret('refresh_token')).toBe(
    'refresh_token is missing: put it into $CREDENTIALS_DIRECTORY/refresh_token, SHOPSYNC_REFRESH_TOKEN, or a file named by api.refresh_token_file',
  );
});

test.each(['640', '604', '622'])('a file of mode %s is refused, with the command that cures it', (mode) => {
  const path = file("it's", 'hunter2', Number.parseInt(mode, 8));
  expect(problemsOf(() => load({ SHOPSYNC_API_ACCESS_TOKEN_FILE: path }))).toEqual([
    `${path}: api.access_token_file: others can read this file; run: chmod 600 '${folder}/it'\\''s'`,
  ]);
  chmodSync(path, 0o600);
  expect(readSecretFile(path, 'http.token_file').reveal()).toBe('hunter2');
});

test('everything that is wrong is told at once, without any secret', () => {
  const problems = problemsOf(() =>
    load({
      SHOPSYNC_APP_SECRET: 'hunter2 hunter2',
      SHOPSYNC_API_ACCESS_TOKEN_FILE: file('empty', '\n', 0o600),
      SHOPSYNC_API_REFRESH_TOKEN_FILE: join(folder, 'none'),
    }),
  );
  expect(problems).toEqual([
    expect.stringMatching(/^SHOPSYNC_APP_SECRET: must hold the secret alone/),
    expect.stringContaining(`${folder}/empty: must hold the secret alone`),
    `${folder}/none: no such file (named by api.refresh_token_file)`,
  ]);
  expect(problems.join()).not.toContain('hunter2');
});

test('a secret comes out of nothing but reveal()', () => {
  const secret = new Secret('hunter2');
  const shown = [
    String(secret),
    [secret].join(),
    JSON.stringify({ secret }),
    inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
    Object.values(secret).join(),
  ];
  expect(shown.join()).not.toContain('hunter2');
  expect(shown[0]).toBe('[secret]');
  expect(secret.reveal()).toBe('hunter2');
});
