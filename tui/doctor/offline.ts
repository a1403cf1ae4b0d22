import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Examined } from '../../shared/examined.ts';
import { configFiles, type Env } from '../../shared/paths.ts';
import { bytes, duration } from '../format.ts';
import { shellWords } from '../shell-words.ts';
import { type Finding, bad, good } from './finding.ts';

/** A clock that stands this long before the last write of the store cannot be right, milliseconds. */
const clockSlack = 120_000;

/** The file's state, undefined where there is none, or the code of what keeps us from looking. */
const look = (path: string): Stats | string | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
};

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

export const configFindings = (found: Examined, env: Env, named: string | undefined): readonly Finding[] => {
  const places = configFiles(env, named).places.map(({ path }) => path);
  const source =
    found.file === null ? `no file (looked for ${places.join(', ')}): defaults and environment` : found.file;
  return [
    ...found.problems.map((problem) => bad('config', problem)),
    ...(found.problems.length === 0 ? [good('config', source)] : []),
    ...found.warnings.map((warning) => good('config', `warning: ${warning}`)),
  ];
};

/** What a daemon needs to speak to the API. */
export const secretFindings = (found: Examined): readonly Finding[] => {
  if (found.problems.length > 0) return [];
  const there = found.secrets.filter(({ origin }) => origin !== null).map(({ name }) => name);
  return [
    ...found.missing.map((line) => bad('secrets', line)),
    ...(found.missing.length === 0 ? [good('secrets', `found: ${there.join(', ')}`)] : []),
  ];
};

/** Without any token a daemon starts, and waits for somebody to authorize the app. */
export const tokenFindings = ({ secrets, stateDir, problems, missing }: Examined): readonly Finding[] => {
  const isGiven = secrets.some(({ name, origin }) => name !== 'app_secret' && origin !== null);
  if (problems.length > 0 || missing.length > 0 || isGiven || look(join(stateDir, 'tokens.json')) !== undefined)
    return [];
  return [
    bad(
      'token',
      'none is given, and none is stored',
      'start shopsyncd, then: shopsync auth url, shopsync auth exchange',
    ),
  ];
};

/** The folder with everything that must not be lost; its files are its owner's alone. */
export const stateFindings = ({ stateDir, database }: Examined): readonly Finding[] => {
  const folder = look(stateDir);
  if (folder === undefined) return [good('state', `${stateDir} is not there yet; the first start makes it`)];
  if (typeof folder === 'string') {
    return [
      bad('state', `${stateDir} cannot be looked at (${folder})`, 'run shopsync doctor as the user of the daemon'),
    ];
  }
  const paths = [
    ...(database === null ? [] : ['', '-wal', '-shm'].map((suffix) => `${database.path}${suffix}`)),
    join(stateDir, 'tokens.json'),
  ];
  const wide = paths.filter((path) => {
    const file = look(path);
    return typeof file === 'object' && (file.mode & 0o077) !== 0;
  });
  const writable = (folder.mode & 0o022) !== 0;
  return [
    writable
      ? bad(
          'state',
          `${stateDir} (mode ${octal(folder.mode)}) is open for others`,
          `chmod go-w ${shellWords([stateDir])}`,
        )
      : good('state', `${stateDir}, mode ${octal(folder.mode)}`),
    ...(wide.length === 0
      ? []
      : [bad('permissions', `others may read ${wide.join(', ')}`, `chmod 600 ${shellWords(wide)}`)]),
  ];
};

/** `isDaemons`: a daemon that lets this user only watch works on it, and has it in its own checks. */
export const databaseFindings = ({ database }: Examined, isDaemons = false): readonly Finding[] => {
  if (database === null) return [];
  const { path, bytes: size, problem, cure } = database;
  if (isDaemons && problem !== null) {
    return [good('database', `${path} is not yours to read (mode 0600); health: store below is the daemon's word`)];
  }
  if (problem !== null) return [bad('database', problem, cure ?? undefined)];
  return [
    good(
      'database',
      size === null ? `${path} is not there yet; the first start makes it` : `${path}, ${bytes(size)}, whole`,
    ),
  ];
};

/** Without TikTok's word for it: the clock cannot be before the last write of the store. */
export const clockFinding = ({ database }: Examined, nowMs: number): Finding => {
  const now = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  const files = database === null ? [] : [database.path, `${database.path}-wal`].map(look);
  const written = Math.max(0, ...files.map((file) => (typeof file === 'object' ? file.mtimeMs : 0)));
  const behind = written - nowMs;
  return behind > clockSlack
    ? bad(
        'clock',
        `${now} is ${duration(behind / 1000)} before the last write of the store`,
        'sudo timedatectl set-ntp true',
      )
    : good('clock', now);
};
