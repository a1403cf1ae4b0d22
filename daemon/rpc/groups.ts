import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A group that may use a socket: its id, and the key of the configuration that names it, for messages. */
export interface SocketGroup {
  readonly gid: number;
  readonly key: string;
}

/** 4294967295 stands for "no change" in the system calls. */
const maxGid = 0xffff_fffe;

/** The id in the rows of a group file that belongs to `name`. */
const idIn = (rows: string, name: string): number | undefined => {
  const id = rows
    .split('\n')
    .map((row) => row.split(':'))
    .find(([first]) => first === name)?.[2];
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined;
};

/** Groups of a directory service, or of a unit with DynamicUser=, stand in no file; libc knows them. */
const fromLibc = (name: string): string =>
  spawnSync('getent', ['group', '--', name], { encoding: 'utf8', timeout: 10_000 }).stdout ?? '';

/** The id of a group given by name or number, or undefined when there is no such group. */
export const groupId = (group: string): number | undefined => {
  if (!/^\d+$/.test(group)) return idIn(readFileSync('/etc/group', 'utf8'), group) ?? idIn(fromLibc(group), group);
  return Number(group) <= maxGid ? Number(group) : undefined;
};
