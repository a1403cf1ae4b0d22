import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { z } from 'zod';

import { AppError } from '../errors.ts';

const schema = z.object({
  version: z.literal(1),
  /** Hash of the app key the tokens belong to. */
  app: z.string(),
  /** Hash of the tokens that were given at the start when these were stored; null when none were given. */
  given: z.string().nullable(),
  accessToken: z.string().min(1),
  /** Unix seconds; null when nobody told. */
  accessExpiresAt: z.int().nullable(),
  refreshToken: z.string().nullable(),
  refreshExpiresAt: z.int().nullable(),
  /** Unix seconds. */
  savedAt: z.int(),
});

/** Tokens as they lie in the state folder. */
export type StoredTokens = Omit<z.infer<typeof schema>, 'version'>;

/** A damaged file is told apart from a missing one, so that the caller can go on with tokens given by the operator. */
export type TokenFileState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'damaged'; readonly error: AppError }
  | { readonly kind: 'tokens'; readonly tokens: StoredTokens };

/**
 * Reads the token file. A file that others can read is refused, not quietly mended: whoever could read it may have the
 * tokens. Rejects with a configuration AppError then, and with a store AppError when it cannot be read at all.
 */
export async function readTokenFile(path: string): Promise<TokenFileState> {
  try {
    await using file = await open(path, 'r');
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0)
      throw new AppError(
        'configuration',
        'store',
        `${path} can be read by others (mode ${(mode & 0o777).toString(8)})`,
        {
          hint: `chmod 600 ${path}; if others have had access, authorize again: shopsync auth url`,
        },
      );
    const parsed = schema.safeParse(parseJson(await file.readFile('utf8')));
    if (!parsed.success) return { kind: 'damaged', error: damaged(path) };
    const { version: _, ...tokens } = parsed.data;
    return { kind: 'tokens', tokens };
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (hasCode(error, 'ENOENT')) return { kind: 'missing' };
    throw new AppError('store', 'store', `${path} cannot be read`, { cause: error });
  }
}

/**
 * Writes the token file so that a crash at any moment leaves the old one or the new one, whole: temporary file with
 * mode 0600, fsync, rename, fsync of the folder. Rejects with a store AppError.
 */
export async function writeTokenFile(path: string, tokens: StoredTokens): Promise<void> {
  const temporary = `${path}.new`;
  try {
    // One that a crash left behind may have any mode.
    await rm(temporary, { force: true });
    {
      await using file = await open(temporary, 'wx', 0o600);
      await file.writeFile(`${JSON.stringify({ version: 1, ...tokens })}\n`);
      await file.sync();
    }
    await rename(temporary, path);
    await using folder = await open(dirname(path), 'r');
    await folder.sync();
  } catch (error) {
    throw new AppError('store', 'store', `the new tokens cannot be written to ${path}`, {
      hint: 'free some space or mend the rights of the folder; the tokens are kept in memory until then',
      cause: error,
    });
  }
}

/** Changes whenever another process has written the file; undefined when there is none. */
export async function tokenFileStamp(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, ino } = await stat(path);
    return `${ino}:${mtimeMs}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new AppError('store', 'store', `${path} cannot be read`, { cause: error });
  }
}

const damaged = (path: string) =>
  new AppError('configuration', 'not_authorized', `${path} is damaged`, {
    hint: `delete it and authorize again: shopsync auth url`,
  });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error would quote the text, and the text holds tokens.
    return undefined;
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
