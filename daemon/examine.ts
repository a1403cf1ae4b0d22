import { statSync } from 'node:fs';

import type { Examined } from '../shared/examined.ts';
import { type Env, stateDir } from '../shared/paths.ts';
import { ConfigError } from './config/config-error.ts';
import { type LoadedConfig, loadConfig } from './config/load.ts';
import { type Secrets, loadSecrets, missingSecret } from './config/secrets.ts';
import { damageOf } from './store/damage.ts';
import { storeError } from './store/open.ts';

/** Looks at everything that a start would need, and starts nothing. What is wrong is told, not thrown. */
export function examine(env: Env, configPath?: string): Examined {
  const nothing = { file: null, values: [], secrets: [], missing: [], warnings: [], stateDir: stateDir(env) };
  let loaded: LoadedConfig;
  try {
    loaded = loadConfig({ env, configPath });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ...nothing, problems: [...error.problems], database: null };
  }
  const { file, origins, values, warnings, config } = loaded;
  const { secrets, problems } = secretsOf(loaded, env);
  return {
    ...nothing,
    file,
    values: [...values].map(([key, value]) => ({ key, value, origin: origins.get(key) ?? 'default' })),
    secrets: [
      { name: 'app_secret', origin: secrets?.appSecret?.origin ?? null },
      { name: 'access_token', origin: secrets?.accessToken?.origin ?? null },
      { name: 'refresh_token', origin: secrets?.refreshToken?.origin ?? null },
    ],
    problems,
    missing: [
      ...(config.api.appKey === null ? ['api.app_key is missing: put the key of your app at TikTok there'] : []),
      ...(secrets !== null && secrets.appSecret === null ? [missingSecret('app_secret')] : []),
    ],
    warnings: [...warnings],
    database: databaseAt(config.store.path),
  };
}

function secretsOf(
  { config }: LoadedConfig,
  env: Env,
): { readonly secrets: Secrets | null; readonly problems: string[] } {
  try {
    return { secrets: loadSecrets(config, env), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { secrets: null, problems: [...error.problems] };
  }
}

function databaseAt(path: string): NonNullable<Examined['database']> {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? null;
    const damage = size === null ? null : damageOf(path);
    return { path, bytes: size, problem: damage?.message ?? null, cure: damage?.hint ?? null };
  } catch (error) {
    const { message, hint } = storeError(`cannot look at the database ${path}`, error);
    return { path, bytes: null, problem: message, cure: hint ?? null };
  }
}
