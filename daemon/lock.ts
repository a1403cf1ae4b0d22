import { closeSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import Database from 'better-sqlite3';
import { z } from 'zod';

import { AppError } from './errors.ts';

/** Long enough for one of many that start at once to get through, short enough for a person who waits for the answer. */
const WAIT_MS = 1500;

const holder = z.object({ pid: z.int().positive(), startedAt: z.iso.datetime() });
export type Holder = z.infer<typeof holder>;

/** Something that one daemon at a time may use. */
interface Place {
  readonly lockFile: string;
  /** Who holds it is written here, for people, and never trusted. */
  readonly infoFile: string;
  /** What another daemon does there, and the way out. */
  readonly taken: readonly [verb: string, cure: string];
  readonly unusable: readonly [what: string, cure: string];
}

/** Another daemon works there. `holder` is null when it has not told its pid. The daemon exits with 79. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
  readonly holder: Holder | null;

  constructor([verb, cure]: Place['taken'], found: Holder | null) {
    const who = found === null ? 'another daemon' : `another daemon, pid ${found.pid}, started at ${found.startedAt},`;
    super(`${who} ${verb}; stop it first, or ${cure}`);
    this.holder = found;
  }
}

/** Keeps held locks from the garbage collector, which would close the file and so give the lock away. */
const held = new Set<Database>();

export interface Lock {
  /** Gives the places free. Doing it twice is harmless. */
  release(): void;
}

export interface LockOptions {
  readonly now?: Date;
  /** For each place, milliseconds: others that start at once get into each other's way for a moment. */
  readonly waitMs?: number;
}

/**
 * Makes this process the only daemon on a state folder and on a database, which may lie elsewhere. Folders that are not
 * there are made (0700). The locks are the kernel's, taken through SQLite on files of their own, so they end
 * with the process however that dies; a file left behind locks nothing.
 * Throws AlreadyRunningError, or an AppError of class `store` when a folder cannot be used; then nothing is held.
 */
export function acquireLocks(
  { stateDir, storePath }: { readonly stateDir: string; readonly storePath: string },
  options: LockOptions = {},
): Lock {
  const first = acquire(stateFolder(stateDir), options);
  try {
    const second = acquire(database(storePath), options);
    return {
      release: () => {
        second.release();
        first.release();
      },
    };
  } catch (error) {
    first.release();
    throw error;
  }
}

function stateFolder(path: string): Place {
  return {
    lockFile: join(path, 'daemon.lock'),
    infoFile: join(path, 'daemon.json'),
    taken: [`runs on ${path}`, 'choose another folder with SHOPSYNC_STATE_DIR'],
    unusable: [`The state folder ${path}`, 'choose another with SHOPSYNC_STATE_DIR'],
  };
}

/** One database has one lock, by whatever links it is reached. */
function database(path: string): Place {
  const real = withoutLinks(path);
  return {
    lockFile: `${real}.lock`,
    infoFile: `${real}.lock.json`,
    taken: [`keeps the database ${path}`, 'choose another with store.path'],
    unusable: [`The folder of the database ${path}`, 'choose another with store.path'],
  };
}

function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet, or out of reach, which is told when the lock is taken.
  }
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}

function acquire(place: Place, { now = new Date(), waitMs = WAIT_MS }: LockOptions): Lock {
  const lock = openLockFile(place, waitMs);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw new AlreadyRunningError(place.taken, readHolder(place.infoFile));
    throw unusable(place, error);
  }
  try {
    writeHolder(place.infoFile, { pid: process.pid, startedAt: now.toISOString() });
  } catch (error) {
    lock.close();
    throw unusable(place, error);
  }

  held.add(lock);
  return {
    release: () => {
      if (!held.delete(lock)) return;
      rmSync(place.infoFile, { force: true });
      lock.close();
    },
  };
}

function openLockFile(place: Place, waitMs: number): Database {
  try {
    mkdirSync(dirname(place.lockFile), { recursive: true, mode: 0o700 });
    createPrivate(place.lockFile);
    return new Database(place.lockFile, { timeout: waitMs });
  } catch (error) {
    throw unusable(place, error);
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

function unusable({ unusable: [what, cure] }: Place, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('store', 'store', `${what} cannot be used: ${reason}`, {
    hint: `Make it writable for the user of the daemon, or ${cure}.`,
    cause,
  });
}

const isBusy = (error: unknown): boolean => codeOf(error)?.startsWith('SQLITE_BUSY') ?? false;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
