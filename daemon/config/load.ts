import { resolve } from 'node:path';

import type { z } from 'zod';

import { type Env, runtimeDir, stateDir } from '../../shared/paths.ts';
import { ConfigError } from './config-error.ts';
import { type ReadText, readText } from './files.ts';
import { fromEnv } from './from-env.ts';
import { fromFile } from './from-file.ts';
import type { Given } from './given.ts';
import { isLoopback } from './kinds-net.ts';
import { notYet } from './not-yet.ts';
import { type Row, rows, table } from './table.ts';

type Sections = z.output<typeof table>;
type Frozen<T> = { readonly [Section in keyof T]: Readonly<T[Section]> };

/**
 * The configuration in force: checked, defaults filled, paths absolute, frozen. Durations are milliseconds (`…Ms`),
 * `sync.since` unix seconds, what is "off" or unset null. `requestsPerSecondIsSet` tells a ceiling that was chosen
 * (start there) from the default (start low and grow).
 */
export type Config = Frozen<
  Omit<Sections, 'api'> & { readonly api: Sections['api'] & { readonly requestsPerSecondIsSet: boolean } }
>;

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read, null without one. */
  readonly file: string | null;
  /** By key (`api.base_url`): `default`, `file:line` or the name of the variable. */
  readonly origins: ReadonlyMap<string, string>;
  /** By key: the value in force as it would be written, `–` for one that is unset. There are no secrets among them. */
  readonly values: ReadonlyMap<string, string>;
  /** One line each; nothing that keeps the daemon from starting. */
  readonly warnings: readonly string[];
}

export interface LoadOptions {
  readonly env: Env;
  /** `--config`. */
  readonly configPath?: string | undefined;
  readonly read?: ReadText;
  readonly cwd?: string;
}

/**
 * Reads the configuration: a key from the environment wins over the file, the file over the default.
 * Throws a ConfigError with everything that is wrong, not only the first thing.
 */
export function loadConfig({ env, configPath, read = readText, cwd = process.cwd() }: LoadOptions): LoadedConfig {
  const file = fromFile(env, configPath, read);
  const environment = fromEnv(env, cwd);
  const folders = { state: stateDir(env), runtime: runtimeDir(env) };

  const input: Record<string, Record<string, unknown>> = {};
  const origins = new Map<string, string>();
  const values = new Map<string, string>();
  for (const row of rows) {
    const given = environment.given.get(row.key) ?? file.given.get(row.key);
    const value = located(row, given, folders);
    (input[row.section] ??= {})[row.property] = value;
    origins.set(row.key, given?.origin ?? 'default');
    values.set(row.key, written(value));
  }

  const checked = table.safeParse(input);
  const problems = [...file.problems];
  for (const issue of checked.error?.issues ?? []) {
    const row = rows.find((candidate) => candidate.section === issue.path[0] && candidate.property === issue.path[1]);
    if (row !== undefined) problems.push(`${origins.get(row.key)}: ${row.key}: ${issue.message}`);
  }
  if (!checked.success || problems.length > 0) throw new ConfigError(problems);

  const warnings = [...file.warnings, ...environment.warnings];
  for (const [key, url] of Object.entries({ base_url: checked.data.api.baseUrl, auth_url: checked.data.api.authUrl })) {
    if (url.startsWith('http:') && !isLoopback(url)) {
      warnings.push(`${origins.get(`api.${key}`)}: api.${key}: http:// sends tokens unencrypted over the network`);
    }
  }
  const data: Record<string, Record<string, unknown>> = checked.data;
  for (const { key, section, property, fallback } of rows.filter((row) => notYet.has(row.key))) {
    const value = data[section]?.[property];
    if (origins.get(key) === 'default' || value === null || value === false) continue;
    if (values.get(key) !== written(fallback))
      warnings.push(`${origins.get(key)}: ${key}: not in this version yet: ${values.get(key)} has no effect`);
  }
  const requestsPerSecondIsSet = origins.get('api.requests_per_second') !== 'default';
  return { config: frozen(checked.data, requestsPerSecondIsSet), file: file.file, origins, values, warnings };
}

/** The value to check: the given one or the default, a relative path made absolute. */
function located(
  row: Row,
  given: Given | undefined,
  folders: { readonly state: string; readonly runtime: string },
): unknown {
  const value = given === undefined ? row.fallback : given.value;
  if (row.path === undefined || typeof value !== 'string' || value === '' || value === 'off') return value;
  if (row.path === 'state') return resolve(folders.state, value);
  return resolve(given?.folder ?? folders.runtime, value);
}

/** A value as a person would write it. What is neither text, number, truth, date nor list does not pass the checks. */
function written(value: unknown): string {
  if (Array.isArray(value)) return value.map(written).join(',');
  if (value instanceof Date) return value.toISOString();
  const isPlain = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  return isPlain || (typeof value === 'string' && value !== '') ? String(value) : '–';
}

function frozen(data: Sections, requestsPerSecondIsSet: boolean): Config {
  return Object.freeze({
    api: Object.freeze({ ...data.api, requestsPerSecondIsSet }),
    sync: Object.freeze(data.sync),
    schedule: Object.freeze(data.schedule),
    http: Object.freeze(data.http),
    store: Object.freeze(data.store),
    log: Object.freeze(data.log),
    rpc: Object.freeze(data.rpc),
  });
}
