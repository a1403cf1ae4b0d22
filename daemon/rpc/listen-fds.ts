import { fstatSync } from 'node:fs';

import type { Env } from '../../shared/paths.ts';
import { AppError } from '../errors.ts';

/** Listening sockets that whoever started this process has opened for it, as file descriptors. */
export interface InheritedSockets {
  readonly control?: number;
  readonly observe?: number;
}

/** Where the first one lies by the protocol of systemd; the others follow. */
const firstFd = 3;
const doors = ['control', 'observe'] as const;

const refused = (message: string): AppError =>
  new AppError('configuration', 'internal', `socket activation: ${message}`, {
    hint: 'make a socket unit for each, with FileDescriptorName=control and FileDescriptorName=observe',
  });

const isDoor = (name: string): name is (typeof doors)[number] => doors.some((door) => door === name);

const isSocket = (fd: number): boolean => {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    // Not open at all (EBADF).
    return false;
  }
};

/**
 * What systemd (or `systemd-socket-activate`) passes to the process `pid`: `LISTEN_FDS` sockets from descriptor 3 on, with
 * the names of `LISTEN_FDNAMES`. A single one without a name of ours is the control socket. Nothing when the
 * variables are meant for another process, as those are that a parent left in the environment.
 * Throws AppError (`configuration`) when it is unclear which is which, or a descriptor is no socket.
 */
export const inheritedSockets = (env: Env, pid: number): InheritedSockets => {
  const count = Number(env['LISTEN_FDS'] ?? 0);
  if (env['LISTEN_PID'] !== String(pid) || !(count >= 1)) return {};
  const given = env['LISTEN_FDNAMES']?.split(':') ?? [];
  const names = count === 1 && !isDoor(given[0] ?? '') ? ['control'] : given;
  if (names.length !== count) throw refused(`${count} sockets were passed, and ${names.length} names`);
  const found: { control?: number; observe?: number } = {};
  for (const [index, name] of names.entries()) {
    if (!isDoor(name)) throw refused(`no socket of shopsyncd is called ${JSON.stringify(name)}`);
    if (found[name] !== undefined) throw refused(`two sockets are called ${name}`);
    const fd = firstFd + index;
    if (!isSocket(fd)) throw refused(`descriptor ${fd} (${name}) is not a socket`);
    found[name] = fd;
  }
  return found;
};
