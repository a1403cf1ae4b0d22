import { dirname } from 'node:path';

import { parse, TomlError } from 'smol-toml';

import { configFiles, type Env } from '../../shared/paths.ts';
import { type ReadText, reasonOf } from './files.ts';
import { type Given, nothing, type Source } from './given.ts';
import { rows } from './table.ts';
import { keyLines, pathKey } from './toml-lines.ts';

/** Reads the first config file that exists; none is as good as an empty one unless a person named it. */
export function fromFile(
  env: Env,
  named: string | undefined,
  read: ReadText,
): Source & { readonly file: string | null } {
  const files = configFiles(env, named);
  for (const { path, from } of files.places) {
    try {
      const found = read(path);
      if (found !== null) return { ...settingsOf(path, found.text), file: path };
      if (files.named) return { ...nothing, problems: [`${path}: no such file (named by ${from})`], file: null };
    } catch (error) {
      return { ...nothing, problems: [`${path}: ${reasonOf(error)}`], file: null };
    }
  }
  return { ...nothing, file: null };
}

function settingsOf(file: string, text: string): Source {
  let document: Readonly<Record<string, unknown>>;
  try {
    // Shop ids have more digits than a number keeps.
    document = parse(text, { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // Only the first line: an excerpt of the file follows it, and a secret may stand there.
    const reason = error.message.split('\n', 1)[0] ?? 'not TOML';
    return { ...nothing, problems: [`${file}:${error.line}: ${reason}`] };
  }

  const lines = keyLines(text);
  const given = new Map<string, Given>();
  const problems: { readonly line: number; readonly text: string }[] = [];

  for (const [path, value] of entriesOf(document)) {
    const line = lines.get(pathKey(path)) ?? 0;
    const key = path.join('.');
    const row = rows.find((candidate) => candidate.key === key && path.length === 2);
    if (row !== undefined) given.set(key, { value, origin: `${file}:${line}`, folder: dirname(file) });
    else problems.push({ line, text: `${file}:${line}: ${path.map(shown).join('.')}: ${whyNot(path, value)}` });
  }
  problems.sort((a, b) => a.line - b.line);
  return { given, problems: problems.map((problem) => problem.text), warnings: [] };
}

/** Sections are opened, everything else is an entry: a known section's keys, and what should not stand at the top. */
function* entriesOf(document: Readonly<Record<string, unknown>>): Iterable<[string[], unknown]> {
  for (const [name, value] of Object.entries(document)) {
    if (!isSection(value) || !sections.includes(name)) yield [[name], value];
    else for (const [key, inner] of Object.entries(value)) yield [[name, key], inner];
  }
}

const sections = [...new Set(rows.map((row) => row.key.split('.')[0] ?? ''))];

const isSection = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

function whyNot(path: readonly string[], value: unknown): string {
  const [section = '', key] = path;
  const name = key ?? section;
  if (/^(app_secret|access_token|refresh_token)$/.test(name)) {
    const variable = `SHOPSYNC_${name.toUpperCase()}`;
    return `secrets do not stand in this file: use $CREDENTIALS_DIRECTORY/${name}, ${variable}, or a file named by api.${name}_file`;
  }
  if (key !== undefined) {
    const keys = rows
      .filter((row) => row.key.startsWith(`${section}.`))
      .map((row) => row.key.slice(section.length + 1));
    return `unknown key; allowed in [${section}]: ${keys.join(', ')}`;
  }
  if (sections.includes(section)) return `must be a section: [${section}]`;
  const what = isSection(value) ? 'section' : 'key';
  return `unknown ${what}; allowed sections: ${sections.map((one) => `[${one}]`).join(', ')}`;
}

/** A key as it can be printed on one line. */
const shown = (part: string): string => (/^[\w-]+$/.test(part) ? part : JSON.stringify(part));
