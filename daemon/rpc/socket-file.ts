import { chmodSync, existsSync, lchownSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { basename, dirname, join } from 'node:path';

import { AppError } from '../errors.ts';
import type { SocketGroup } from './groups.ts';

/** What a Unix socket's name may take: the kernel has 108 bytes, one of them for the end. */
const maxPathBytes = 107;
/** Others may reach a socket by its name but not list what lies beside it. */
const folderMode = 0o711;

/** How a socket lies in the file system. */
export interface SocketFile {
  readonly path: string;
  readonly mode: number;
  /** Undefined: the group of the process, or of the folder where that is set so. */
  readonly group: SocketGroup | undefined;
}

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

/** Each folder that is missing on the way is made so that the socket can be reached through it, whatever the umask. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: folderMode });
  chmodSync(folder, folderMode);
};

const assertReplaceable = (path: string): void => {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined || there.isSocket()) return;
  throw refused(`${path} exists and is no socket`, `move ${basename(path)} away, or set rpc.socket to another path`);
};

const listening = async (server: Server, start: () => void): Promise<void> => {
  const bound = Promise.withResolvers<void>();
  server.once('listening', bound.resolve).once('error', bound.reject);
  start();
  await bound.promise;
  server.off('error', bound.reject);
};

/** The umask makes the socket our own alone from its first instant; Node binds before `listen` returns. */
const bindPrivately = (server: Server, path: string): void => {
  const umask = process.umask(0o177);
  try {
    server.listen({ path });
  } finally {
    process.umask(umask);
  }
};

const giveTo = (file: string, { gid, key }: SocketGroup): void => {
  try {
    lchownSync(file, -1, gid);
  } catch (error) {
    const hint = `make its user a member of that group and start it again, or set ${key} to one of its own groups`;
    throw refused(`${key}: shopsyncd may not give a socket to the group ${gid}`, hint, error);
  }
};

/**
 * Binds a server to a Unix socket, in place of whatever socket has that name. Mode and group are never wider than asked:
 * at first nobody else may open it, then its group is set, then its mode, and only then it gets its name.
 * Bound under another name and renamed, because a server unlinks the name it was bound with, be it its own socket or
 * the next one's. Gives a function that removes the name if the socket behind it is still this one.
 * Throws AppError (`configuration`).
 */
export const bindSocket = async (server: Server, { path, mode, group }: SocketFile): Promise<() => void> => {
  const temporary = temporaryName(path);
  try {
    makeFolder(dirname(path));
    assertReplaceable(path);
    rmSync(temporary, { force: true });
    await listening(server, () => bindPrivately(server, temporary));
    if (group !== undefined) giveTo(temporary, group);
    chmodSync(temporary, mode);
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

/**
 * Serves a Unix socket that is open already. Its name belongs to whoever made it; the function given does nothing.
 * Throws AppError (`configuration`) when it does not listen, or is a network socket, which has no owner to guard it.
 */
export const adoptSocket = async (server: Server, fd: number): Promise<() => void> => {
  try {
    await listening(server, () => server.listen({ fd }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refused(`descriptor ${fd} cannot be listened on: ${reason}`, 'pass a listening Unix socket', error);
  }
  const address = server.address();
  if (typeof address === 'object' && address !== null) {
    server.close();
    throw refused(`descriptor ${fd} is a socket of the network`, 'pass a Unix socket: ListenStream= with a path');
  }
  return () => undefined;
};
