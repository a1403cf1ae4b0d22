import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, expect, onTestFinished, test } from 'vitest';

import { readTokenFile, type StoredTokens, tokenFileStamp, writeTokenFile } from '../../../daemon/tiktok/token-file.ts';

const tokens: StoredTokens = {
  app: 'a',
  given: null,
  accessToken: 'ROW_access',
  accessExpiresAt: 1_794_700_800,
  refreshToken: 'ROW_refresh',
  refreshExpiresAt: null,
  savedAt: 1_764_000_000,
};
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokens-'));
  path = join(folder, 'tokens.json');
  onTestFinished(() => rm(folder, { recursive: true }));
});

test('what is written is read, in a file of mode 0600 and no other file', async () => {
  await writeTokenFile(path, { ...tokens, accessToken: 'older' });
  await writeTokenFile(path, tokens);
  expect(await readTokenFile(path)).toEqual({ kind: 'tokens', tokens: { ...tokens } });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['tokens.json']);
});

test('a temporary file left by a crash, with open rights, does no harm', async () => {
  await writeFile(`${path}.new`, 'half', { mode: 0o666 });
  await writeTokenFile(path, tokens);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a write that fails leaves the old file whole and says so without the tokens', async () => {
  await writeTokenFile(path, tokens);
  const elsewhere = join(path, 'tokens.json');
  const error = await writeTokenFile(elsewhere, { ...tokens, accessToken: 'ROW_new' }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ class: 'store', code: 'store' });
  expect(String(error)).not.toContain('ROW_');
  expect(await readTokenFile(path)).toMatchObject({ kind: 'tokens', tokens: { accessToken: 'ROW_access' } });
});

test('no file is missing, and has no stamp', async () => {
  expect(await readTokenFile(path)).toEqual({ kind: 'missing' });
  expect(await tokenFileStamp(path)).toBeUndefined();
});

test.each(['', '{"version":1,"accessTo', '{}', 'null', '{"version":2}'])('%j is damaged', async (text) => {
  await writeFile(path, text, { mode: 0o600 });
  const state = await readTokenFile(path);
  if (state.kind !== 'damaged') throw new Error(state.kind);
  expect(state.error.message).toContain(path);
  expect(state.error.hint).toMatch(/authorize again/);
});

test.each([0o640, 0o604, 0o660, 0o644])('mode %o is refused in one line', async (mode) => {
  await writeTokenFile(path, tokens);
  await chmod(path, mode);
  const error = await readTokenFile(path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ class: 'configuration', hint: expect.stringContaining(`chmod 600 ${path}`) });
  expect(String(error)).toContain(path);
});

test('the stamp changes with each write', async () => {
  await writeTokenFile(path, tokens);
  const before = await tokenFileStamp(path);
  await writeTokenFile(path, tokens);
  expect(await tokenFileStamp(path)).not.toBe(before);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ version: 1 });
});
