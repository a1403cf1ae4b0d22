import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { z } from 'zod';

import { AppError } from './errors.ts';

/** Long enough for one of many that start at once to get through, short enough for a person who waits for the answer. */
const WAIT_MS = 1500;

const holder = z.object({ pid: z.int().positive(), startedAt: z.iso.datetime() });
export type Holder = z.infer<typeof holder>;

/** Another daemon holds this state folder. `holder` is null when it has not told its pid. The daemon exits with 79. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
  readonly holder: Holder | null;

  constructor(stateDir: string, found: Holder | null) {
    const who = found === null ? 'another daemon' : `another daemon, pid ${found.pid}, started at ${found.startedAt},`;
    super(`${who} runs on ${stateDir}; stop it first, or choose another folder with SHOPSYNC_STATE_DIR`);
    this.holder = found;
  }
}

/** Keeps held locks from the garbage collector, which would close the file and so give the lock away. */
const held = new Set<Database>();

export interface Lock {
  /** Gives the folder free. Doing it twice is harmless. */
  release(): void;
}

/**
 * Makes this process the only daemon on a state folder, which is created (0700) when it is not there. The lock is the
 * kernel's, taken through SQLite on a file of its own, so it ends with the process however that dies; a file left
 * behind locks nothing. Who holds it is written beside it, for people, and never trusted.
 * Waits at most `waitMs` milliseconds for it: others that start at once get into each other's way for a moment.
 * Throws AlreadyRunningError, or an AppError of class `store` when the folder cannot be used.
 */
export function acquireLock(
  stateDir: string,
  { now = new Date(), waitMs = WAIT_MS }: { readonly now?: Date; readonly waitMs?: number } = {},
): Lock {
  const infoFile = join(stateDir, 'daemon.json');
  const database = openLockFile(stateDir, waitMs);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) throw new AlreadyRunningError(stateDir, readHolder(infoFile));
    throw unusable(stateDir, error);
  }
  try {
    writeHolder(infoFile, { pid: process.pid, startedAt: now.toISOString() });
  } catch (error) {
    database.close();
    throw unusable(stateDir, error);
  }

  held.add(database);
  return {
    release: () => {
      if (!held.delete(database)) return;
      rmSync(infoFile, { force: true });
      database.close();
    },
  };
}

function openLockFile(stateDir: string, waitMs: number): Database {
  const path = join(stateDir, 'daemon.lock');
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    createPrivate(path);
    return new Database(path, { timeout: waitMs });
  } catch (error) {
    throw unusable(stateDir, error);
  }
}

/** Only ever creates: closing a file that this process has locked already would drop that lock (POSIX). */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function writeHolder(path: string, value: Holder): void {
  const draft = `${path}.${value.pid}`;
  writeFileSync(draft, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** Null when the file is missing, half of another story, or left by a process that is gone. */
function readHolder(path: string): Holder | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EACCES') return null;
    throw error;
  }
  const found = holder.safeParse(parsed(text));
  return found.success && isAlive(found.data.pid) ? found.data : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not ours, or damaged; the schema refuses undefined.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function unusable(stateDir: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('store', 'store', `The state folder ${stateDir} cannot be used: ${reason}`, {
    hint: 'Make it writable for the user of the daemon, or choose another with SHOPSYNC_STATE_DIR.',
    cause,
  });
}

const isBusy = (error: unknown): boolean => codeOf(error)?.startsWith('SQLITE_BUSY') ?? false;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
