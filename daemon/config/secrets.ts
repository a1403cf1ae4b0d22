import { join } from 'node:path';

import type { Env } from '../../shared/paths.ts';
import { ConfigError } from './config-error.ts';
import { type ReadText, readText, reasonOf } from './files.ts';
import type { Config } from './load.ts';
import { Secret } from './secret.ts';

export type SecretName = 'app_secret' | 'access_token' | 'refresh_token';

/** A secret and, for people, where it was found. */
export interface FoundSecret {
  readonly secret: Secret;
  readonly origin: string;
}

/** The secrets given at the start; null where none of the three places has one. */
export interface Secrets {
  readonly appSecret: FoundSecret | null;
  readonly accessToken: FoundSecret | null;
  readonly refreshToken: FoundSecret | null;
}

/**
 * Looks for the secrets: `$CREDENTIALS_DIRECTORY/NAME`, then `SHOPSYNC_NAME`, then the file named by `api.NAME_file`.
 * Throws a ConfigError with every file that is missing, readable by others, empty or longer than a line.
 */
export function loadSecrets(config: Config, env: Env, read: ReadText = readText): Secrets {
  const problems: string[] = [];
  const find = (name: SecretName, file: string | null): FoundSecret | null => {
    try {
      return findSecret(name, file, env, read);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return null;
    }
  };
  const secrets = {
    appSecret: find('app_secret', config.api.appSecretFile),
    accessToken: find('access_token', config.api.accessTokenFile),
    refreshToken: find('refresh_token', config.api.refreshTokenFile),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return secrets;
}

/** What to say when a secret is needed and was found nowhere; one line. */
export const missingSecret = (name: SecretName): string =>
  `${name} is missing: put it into $CREDENTIALS_DIRECTORY/${name}, SHOPSYNC_${name.toUpperCase()}, or a file named by api.${name}_file`;

/**
 * Reads a secret from a file of its own, which nobody but its owner may read (mode 0600 or less).
 * Throws a ConfigError that names `key`, the configuration's key for that file.
 */
export function readSecretFile(path: string, key: string, read: ReadText = readText): Secret {
  return secretIn(path, key, read, true) ?? fail(`${path}: no such file (named by ${key})`);
}

function findSecret(name: SecretName, file: string | null, env: Env, read: ReadText): FoundSecret | null {
  const credentials = env['CREDENTIALS_DIRECTORY'];
  if (credentials) {
    const origin = join(credentials, name);
    // systemd itself looks after who may read these, and gives groups a right that is none.
    const secret = secretIn(origin, name, read, false);
    if (secret !== null) return { secret, origin };
  }
  const origin = `SHOPSYNC_${name.toUpperCase()}`;
  const value = env[origin];
  if (value) return { secret: secretOf(value, origin), origin };
  return file === null ? null : { secret: readSecretFile(file, `api.${name}_file`, read), origin: file };
}

function secretIn(path: string, key: string, read: ReadText, ownerOnly: boolean): Secret | null {
  let found;
  try {
    found = read(path);
  } catch (error) {
    return fail(`${path}: ${key}: ${reasonOf(error)}`);
  }
  if (found === null) return null;
  if (ownerOnly && (found.mode & 0o077) !== 0) {
    fail(`${path}: ${key}: others can read this file; run: chmod 600 '${path.replaceAll("'", String.raw`'\''`)}'`);
  }
  return secretOf(found.text, path);
}

function secretOf(text: string, origin: string): Secret {
  const value = text.trim();
  if (/^[\x21-\x7e]+$/.test(value)) return new Secret(value);
  return fail(`${origin}: must hold the secret alone: one line of printable characters without spaces`);
}

function fail(problem: string): never {
  throw new ConfigError([problem]);
}
