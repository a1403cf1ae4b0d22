import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { examine } from '../../daemon/examine.ts';
import { examined } from '../../shared/examined.ts';

const place = () => {
  const folder = mkdtempSync(join(tmpdir(), 'shopsync-examine-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { folder, env: { HOME: folder, SHOPSYNC_STATE_DIR: folder }, file: join(folder, 'shopsync.toml') };
};

test('tells each value with its origin, and of secrets only where they are', () => {
  const { env, file } = place();
  writeFileSync(file, '[sync]\nsettle = "90s"\n');
  const found = examine(
    { ...env, SHOPSYNC_API_APP_KEY: 'key', SHOPSYNC_APP_SECRET: 'hush-hush', SHOPSYNC_API_TIMEOUT: '5s' },
    file,
  );
  expect(examined.parse(found)).toEqual(found);
  expect(found).toMatchObject({ file, problems: [], missing: [], warnings: [] });
  expect(found.values).toContainEqual({ key: 'sync.settle', value: '90s', origin: `${file}:2` });
  expect(found.values).toContainEqual({ key: 'api.timeout', value: '5s', origin: 'SHOPSYNC_API_TIMEOUT' });
  expect(found.values).toContainEqual({ key: 'sync.overlap', value: '5m', origin: 'default' });
  expect(found.secrets).toContainEqual({ name: 'app_secret', origin: 'SHOPSYNC_APP_SECRET' });
  expect(found.secrets).toContainEqual({ name: 'refresh_token', origin: null });
  expect(JSON.stringify(found)).not.toContain('hush');
});

test('tells what is missing, and of a database that is not there yet', () => {
  const { env, folder } = place();
  const { missing, database } = examine(env);
  expect(missing).toEqual([expect.stringContaining('api.app_key'), expect.stringContaining('SHOPSYNC_APP_SECRET')]);
  expect(database).toEqual({ path: join(folder, 'shopsync.db'), bytes: null, problem: null, cure: null });
});

test('tells every problem of the configuration, and of secrets that others can read', () => {
  const { env, file, folder } = place();
  writeFileSync(file, '[sync]\nsettle = "soon"\nsettel = 1\n');
  expect(examine(env, file).problems).toHaveLength(2);
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'hush', { mode: 0o644 });
  const { problems, secrets } = examine({ ...env, SHOPSYNC_API_APP_SECRET_FILE: secret });
  expect(problems).toEqual([expect.stringContaining('others can read this file')]);
  expect(secrets).toContainEqual({ name: 'app_secret', origin: null });
});

test('tells of a database that is none', () => {
  const { env, folder } = place();
  writeFileSync(join(folder, 'shopsync.db'), 'no database '.repeat(100));
  expect(examine(env).database).toMatchObject({
    bytes: 1200,
    problem: expect.stringContaining('cannot read the database'),
    cure: expect.stringContaining('no SQLite database'),
  });
});

test('tells of a database that cannot even be looked at', () => {
  const { env, folder } = place();
  const loop = join(folder, 'loop');
  symlinkSync(loop, loop);
  const { database } = examine({ ...env, SHOPSYNC_STORE_PATH: join(loop, 'x.db') });
  expect(database).toMatchObject({ bytes: null, problem: expect.stringContaining('cannot look at the database') });
});
