import { spawn } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';

import { AppError } from '../errors.ts';
import { assertInPlace } from './file-id.ts';
import { migrationsTable } from './migrations/table.ts';
import type { Store } from './store.ts';

export interface Backup {
  readonly file: string;
  readonly bytes: number;
}

/** The database that is copied: where it lies, and which file it was when it was opened. */
export type Source = Pick<Store, 'path' | 'file'>;

const self = fileURLToPath(import.meta.url);

/** Copies of one daemon, one at a time. */
export class Backups {
  readonly #source: Source;
  #isBusy = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /**
   * Writes a whole copy of the database, as of one moment, to a new file of mode 0600. A process of its own does it, so
   * that neither a run nor an answer waits for it; it checks the copy before the file gets its name.
   * @throws AppError `invalid_params` for a path that is relative or taken, `busy`, `store`, or `shutting_down` when the
   * signal aborts; then nothing is left of it.
   */
  async write(file: string, signal: AbortSignal): Promise<Backup> {
    refuse(file);
    assertInPlace(this.#source.path, this.#source.file);
    if (this.#isBusy)
      throw new AppError('transient', 'busy', 'a backup is being written already', {
        hint: 'try again when it is done',
      });
    this.#isBusy = true;
    const partial = `${file}.partial`;
    try {
      // What a backup left that was killed.
      discard(partial);
      await copy(this.#source, partial, signal);
      // What was copied is what was under that name all the while.
      assertInPlace(this.#source.path, this.#source.file);
      refuse(file);
      renameSync(partial, file);
      sync(dirname(file));
      return { file, bytes: statSync(file).size };
    } catch (error) {
      throw error instanceof AppError ? error : failed(error);
    } finally {
      discard(partial);
      this.#isBusy = false;
    }
  }
}

/** SQLite keeps a journal beside a file that it writes; one that was killed leaves it. */
function discard(partial: string): void {
  for (const path of [partial, `${partial}-journal`]) rmSync(path, { force: true });
}

/** @throws AppError when no file may be made there. */
function refuse(file: string): void {
  const invalid = (message: string, hint: string) =>
    new AppError('usage', 'invalid_params', `Invalid params: file: ${message}`, { hint });
  if (!isAbsolute(file)) throw invalid('must be an absolute path', 'the daemon has a working folder of its own');
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined)
    throw invalid('there is a file of that name already', 'name one that does not exist');
  if (!existsSync(dirname(file)))
    throw invalid(`there is no folder ${dirname(file)}`, 'make it, writable for the user that runs shopsyncd');
}

const failed = (error: unknown): AppError =>
  new AppError('store', 'store', `the backup failed: ${error instanceof Error ? error.message : String(error)}`, {
    hint: 'see that the folder is writable for the user that runs shopsyncd, and that the disk has room for the copy',
    cause: error,
  });

/** Has the copy made by a process of its own, which knows no secret and is killed when the signal aborts. */
async function copy({ path: from }: Source, to: string, signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [self, from, to], { env: {}, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = Promise.withResolvers<number | null>();
  child.once('error', ended.reject).once('close', ended.resolve);
  const abort = () => child.kill('SIGKILL');
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2000)));
  try {
    const status = await ended.promise;
    if (signal.aborted) throw new AppError('transient', 'shutting_down', 'the backup was broken off');
    if (status !== 0) throw failed(new Error(said.trim() === '' ? `its process ended with ${status}` : said.trim()));
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function sync(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

/** What that process does. */
function work(from: string, to: string): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // A service manager may forbid it: then the copy is made as fast as it goes.
  }
  // SQLite writes into an empty file as it is: nobody else can read it at any instant.
  closeSync(openSync(to, 'wx', 0o600));
  const source = new Database(from, { fileMustExist: true });
  source.exec('pragma busy_timeout = 5000');
  source.prepare('vacuum into ?').run([to]);
  source.close();
  const made = new Database(to);
  const rows = made.prepare('pragma integrity_check').all([]);
  const ours = made.prepare('select 1 from sqlite_master where name = ?').all([migrationsTable]);
  made.close();
  const told = JSON.stringify(rows);
  if (told !== '[{"integrity_check":"ok"}]') throw new Error(`the copy is damaged: ${told.slice(0, 500)}`);
  if (ours.length === 0) throw new Error(`${from} is no database of shopsync`);
  sync(to);
}

if (process.argv[1] === self) {
  const [, , from = '', to = ''] = process.argv;
  try {
    work(from, to);
  } catch (error) {
    process.stderr.write(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
