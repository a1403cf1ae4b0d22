import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';

import { daemonSocket, type Env, stateDir } from '../shared/paths.ts';
import type { ConnectError } from './client.ts';
import { shellWords } from './shell-words.ts';

/** What a hint has to know beside the socket: where this user's own daemon would listen, and what was asked for. */
export interface Circumstances {
  readonly env: Env;
  /** `rpc.socket` of the config file. */
  readonly configured?: string | undefined;
  /** The arguments of the command that failed. */
  readonly args: readonly string[];
}

/** Whether a socket is the system service's, which systemd starts and stops. */
export const isService = (socket: string): boolean => socket.startsWith('/run/shopsync/');

/** The command that starts a daemon which listens on `socket`. */
const startWords = (socket: string, { env, configured }: Circumstances): string => {
  if (isService(socket)) return 'sudo systemctl start shopsyncd';
  if (daemonSocket(env, configured) === socket) return 'shopsyncd';
  return `SHOPSYNC_RPC_SOCKET=${shellWords([socket])} shopsyncd`;
};

/** The name that /etc/passwd or /etc/group has for an id, or the id itself where they do not tell. */
const nameOf = (file: '/etc/passwd' | '/etc/group', id: number): string => {
  try {
    const row = readFileSync(file, 'utf8')
      .split('\n')
      .find((line) => line.split(':')[2] === String(id));
    return row?.split(':')[0] ?? String(id);
  } catch {
    return String(id);
  }
};

/** Who is asking. A user id may have no name. */
const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.());
  }
};

/** Whose a file is, and for whom; undefined for one that is gone by now. */
const owned = (path: string) => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const { uid, gid, mode } = stats;
  const owner = nameOf('/etc/passwd', uid);
  const group = nameOf('/etc/group', gid);
  const octal = (mode & 0o7777).toString(8).padStart(4, '0');
  return { owner, group, gid, mode, words: `owner ${owner}, group ${group}, mode ${octal}` };
};

/** The uppermost folder above a path that this user may not enter. */
const closedFolder = (path: string): string | undefined => {
  const above = dirname(path);
  if (above === path) return undefined;
  const upper = closedFolder(above);
  if (upper !== undefined) return upper;
  try {
    accessSync(above, constants.X_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES' ? above : undefined;
  }
};

const asOwner = (owner: string, args: readonly string[]): string =>
  `do it as ${owner}: sudo -u ${shellWords([owner, 'shopsync', ...args])}`;

const forbidden = (path: string, { args }: Circumstances): string => {
  const user = userName();
  const folder = closedFolder(path);
  const it = owned(folder ?? path);
  if (it === undefined) return `${path} is forbidden for ${user}; look at it closely: shopsync doctor`;
  const { owner, group, gid, mode, words } = it;
  if (folder !== undefined) {
    const own = folder === dirname(path);
    const cure = own ? `let everyone pass it: sudo chmod a+x ${shellWords([folder])}` : asOwner(owner, args);
    return `${path} is forbidden for ${user}, who may not enter the folder ${folder} (${words}); ${cure}`;
  }
  // Nobody is to join root's group for this, and a group without the right gives none.
  const joinable = gid !== 0 && (mode & constants.S_IWGRP) !== 0;
  const cure = joinable
    ? `join the group, and log in again: sudo usermod -aG ${shellWords([group, user])}`
    : asOwner(owner, args);
  return `${path} (${words}) is forbidden for ${user}; ${cure}`;
};

const isSocket = (path: string): boolean => {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
};

/** Why no daemon was reached, with a command that mends it. `others` were looked at as well, and were not there. */
export const connectWords = (error: ConnectError, others: readonly string[], around: Circumstances): string => {
  const { path, reason } = error;
  switch (reason) {
    case 'missing': {
      const nor = others.length === 0 ? '' : ` (nor is there one at ${others.join(' or ')})`;
      return `no daemon: the socket ${path} is missing${nor}; start one: ${startWords(path, around)}`;
    }
    case 'stale':
      return isSocket(path)
        ? `no daemon: the socket ${path} is stale, nobody listens; start one: ${startWords(path, around)}`
        : `no daemon: ${path} is no socket, so it is stale or mistyped; look for the right one: shopsync doctor`;
    case 'forbidden':
      return `no daemon: the socket ${forbidden(path, around)}`;
    case 'failed':
      return `no daemon: the socket ${path} failed: ${error.message}; look at it closely: shopsync doctor`;
  }
};

/** The pid in the state folder's `daemon.json`, when that process is there. It is written for people, and only looked at. */
const toldPid = (env: Env): number | undefined => {
  try {
    const told: unknown = JSON.parse(readFileSync(join(stateDir(env), 'daemon.json'), 'utf8'));
    const pid = typeof told === 'object' && told !== null && 'pid' in told ? told.pid : undefined;
    return typeof pid === 'number' && process.kill(pid, 0) ? pid : undefined;
  } catch {
    return undefined;
  }
};

/** Whether a process was halted (SIGSTOP, Ctrl-Z), as Linux tells it. */
const isHalted = (pid: number): boolean => {
  try {
    return /\) [Tt] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** A daemon took the connection and said nothing for as long as somebody waited (`within`, as in `30s`). */
export const silenceWords = (socket: string, within: string, { env }: Pick<Circumstances, 'env'>): string => {
  const said = `the daemon at ${socket} takes connections and did not answer within ${within}`;
  const pid = isService(socket) || daemonSocket(env) !== socket ? undefined : toldPid(env);
  if (pid !== undefined && isHalted(pid)) return `${said}: process ${pid} is halted; let it go on: kill -CONT ${pid}`;
  if (pid !== undefined) {
    return `${said}; restart it: kill ${pid} && tail --pid=${pid} -f /dev/null && shopsyncd`;
  }
  return isService(socket)
    ? `${said}; restart it: sudo systemctl restart shopsyncd`
    : `${said}; it may need more time (--timeout), or a restart`;
};
