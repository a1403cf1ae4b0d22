import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

import type { ConnectError } from './client.ts';

const startWith = (path: string): string =>
  path.startsWith('/run/shopsync/') ? 'sudo systemctl start shopsyncd' : 'shopsyncd';

/** The name of a group id, or the id itself where /etc/group does not tell. */
const groupName = (gid: number): string => {
  try {
    const row = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((line) => line.split(':')[2] === String(gid));
    return row?.split(':')[0] ?? String(gid);
  } catch {
    return String(gid);
  }
};

const forbidden = (path: string): string => {
  const { username } = userInfo();
  try {
    const { gid, mode } = statSync(path);
    const group = groupName(gid);
    const octal = (mode & 0o7777).toString(8).padStart(4, '0');
    return `${path} (group ${group}, mode ${octal}) is forbidden for ${username}: sudo usermod -aG ${group} ${username}, then log in again`;
  } catch {
    return `${path} is forbidden for ${username}, who may not enter its folder: sudo ls -ld ${dirname(path)}`;
  }
};

/** Why no daemon was reached, with a command that mends it. `others` were looked at as well, and were not there. */
export const connectWords = (error: ConnectError, others: readonly string[]): string => {
  const { path, reason } = error;
  switch (reason) {
    case 'missing': {
      const nor = others.length === 0 ? '' : ` (nor is there one at ${others.join(' or ')})`;
      return `no daemon: the socket ${path} is missing${nor}; start one: ${startWith(path)}`;
    }
    case 'stale':
      return `no daemon: the socket ${path} is stale, nobody listens; start one: ${startWith(path)}`;
    case 'forbidden':
      return `no daemon: the socket ${forbidden(path)}`;
    case 'failed':
      return `no daemon: the socket ${path} failed: ${error.message}; ask the daemon's log: journalctl -u shopsyncd`;
  }
};
