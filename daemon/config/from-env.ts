import type { Env } from '../../shared/paths.ts';
import type { Given, Source } from './given.ts';
import { variableOf } from './option.ts';
import { rows } from './table.ts';

/** Variables of ours that are no key of the table. */
const others: ReadonlySet<string> = new Set([
  'SHOPSYNC_CONFIG',
  'SHOPSYNC_STATE_DIR',
  'SHOPSYNC_APP_SECRET',
  'SHOPSYNC_ACCESS_TOKEN',
  'SHOPSYNC_REFRESH_TOKEN',
]);

const keys: ReadonlyMap<string, string> = new Map(rows.map((row) => [variableOf(row.key), row.key]));

/** What the environment sets. A variable that is set to nothing counts as not set. `cwd` is for relative paths. */
export function fromEnv(env: Env, cwd: string): Source {
  const given = new Map<string, Given>();
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('SHOPSYNC_') || value === undefined || value === '') continue;
    const key = keys.get(name);
    if (key !== undefined) given.set(key, { value, origin: name, folder: cwd });
    else if (!others.has(name)) warnings.push(`${name}: unknown variable, ignored${meant(name)}`);
  }
  return { given, problems: [], warnings: warnings.sort() };
}

/** `SHOPSYNC_API_APP_SECRET` follows the rule of the keys, but secrets are no keys. */
function meant(name: string): string {
  const other = name.replace('SHOPSYNC_API_', 'SHOPSYNC_');
  return others.has(other) && other !== name ? ` (did you mean ${other}?)` : '';
}
