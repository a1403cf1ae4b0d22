import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The version that package.json of this installation tells. */
export function version(): string {
  const path = findPackageJSON(import.meta.url);
  if (path === undefined) throw new Error('no package.json lies above this program');
  const told: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof told === 'object' && told !== null && 'version' in told ? String(told.version) : 'unknown';
}
