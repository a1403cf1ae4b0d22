import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { basename, dirname, join } from 'node:path';

import { AppError } from '../errors.ts';

/** What a Unix socket's name may take: the kernel has 108 bytes, one of them for the end. */
const maxPathBytes = 107;
/** Others may reach a socket by its name but not list what lies beside it. */
const folderMode = 0o711;

const bytes = (path: string): number => Buffer.byteLength(path);

const refused = (message: string, hint: string, cause?: unknown): AppError =>
  new AppError('configuration', 'internal', message, { hint, cause });

/** The name under which the socket is bound before it takes its place; the plain one may be too long by the pid. */
const temporaryName = (path: string): string => {
  const plain = `${path}.${process.pid}`;
  const short = join(dirname(path), `.${process.pid.toString(36)}`);
  const fits = [plain, short].find((name) => bytes(name) <= maxPathBytes);
  if (bytes(path) <= maxPathBytes && fits !== undefined) return fits;
  throw refused(
    `the socket's path has ${bytes(path)} bytes, at most ${maxPathBytes} are possible: ${path}`,
    'choose a shorter folder with rpc.socket or SHOPSYNC_RPC_SOCKET',
  );
};

const makeFolder = (folder: string): void => {
  const made = mkdirSync(folder, { recursive: true, mode: folderMode });
  if (made !== undefined) chmodSync(folder, folderMode);
};

const assertReplaceable = (path: string): void => {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined || there.isSocket()) return;
  throw refused(`${path} exists and is no socket`, `move ${basename(path)} away, or set rpc.socket to another path`);
};

/** The umask makes the mode right from the first instant; Node binds before `listen` returns, so nobody else sees it. */
const bind = async (server: Server, path: string, mode: number): Promise<void> => {
  const bound = Promise.withResolvers<void>();
  server.once('listening', bound.resolve).once('error', bound.reject);
  const umask = process.umask(0o777 & ~mode);
  try {
    server.listen({ path });
  } finally {
    process.umask(umask);
  }
  await bound.promise;
  server.off('error', bound.reject);
};

/**
 * Binds a server to a Unix socket at `path` with exactly `mode`, in place of whatever socket has that name. Bound under
 * another name and renamed, because a server unlinks the name it was bound with, be it its own socket or the next one's.
 * Gives a function that removes the name if the socket behind it is still this one. Throws AppError (`configuration`).
 */
export const bindSocket = async (server: Server, path: string, mode: number): Promise<() => void> => {
  const temporary = temporaryName(path);
  try {
    makeFolder(dirname(path));
    assertReplaceable(path);
    rmSync(temporary, { force: true });
    await bind(server, temporary, mode);
    const { dev, ino } = lstatSync(temporary);
    renameSync(temporary, path);
    return () => {
      const there = lstatSync(path, { throwIfNoEntry: false });
      if (there?.dev === dev && there.ino === ino) rmSync(path, { force: true });
    };
  } catch (error) {
    server.close();
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw refused(`cannot open the socket ${path}: ${reason}`, 'check rpc.socket and who owns its folder', error);
  }
};
