import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { ConnectError } from '../../tui/client.ts';
import { exitStatus } from '../../tui/failure.ts';
import { connectWords } from '../../tui/mend.ts';
import { folder } from './room.ts';

const around = { env: { SHOPSYNC_RPC_SOCKET: '/nowhere/control.sock' }, args: ['status'] };

const error = (reason: ConnectError['reason'], path: string): ConnectError =>
  new ConnectError(reason, path, new Error('it broke'));

/** A group that is not root's, where this user may give a file to it. */
const aGroup = (): number => (process.geteuid?.() === 0 ? 1 : (process.getegid?.() ?? 1));

describe('connectWords', () => {
  it('names owner, group, mode and a command for a socket that may not be opened', () => {
    const path = join(folder(), 'control.sock');
    writeFileSync(path, '');
    chmodSync(path, 0o660);
    chownSync(path, process.geteuid?.() ?? 0, aGroup());
    const words = connectWords(error('forbidden', path), [], around);
    expect(words).toMatch(/\(owner \S+, group \S+, mode 0660\) is forbidden/);
    expect(words).toMatch(new RegExp(`: sudo usermod -aG \\S+ ${userInfo().username}$`));
  });

  it("does not ask anybody to join root's group, or one without the right", () => {
    const path = join(folder(), 'control.sock');
    writeFileSync(path, '');
    chmodSync(path, 0o600);
    const words = connectWords(error('forbidden', path), [], {
      ...around,
      args: ['orders', 'list', '--query', "O'Hara"],
    });
    expect(words).toContain(`sudo -u ${userInfo().username} shopsync orders list --query 'O'\\''Hara'`);
  });

  it('starts a daemon on the socket that was named, where that is not the usual one', () => {
    expect(connectWords(error('missing', '/else where/s.sock'), [], around)).toContain(
      "start one: SHOPSYNC_RPC_SOCKET='/else where/s.sock' shopsyncd",
    );
    expect(connectWords(error('missing', '/nowhere/control.sock'), [], around)).toMatch(/start one: shopsyncd$/);
  });

  it('tells a socket that was left behind from a file that is none', () => {
    const path = join(folder(), 'control.sock');
    writeFileSync(path, '');
    expect(connectWords(error('stale', path), [], around)).toContain('is no socket');
  });

  it("starts the service where the socket is the service's", () => {
    const words = connectWords(error('missing', '/run/shopsync/control.sock'), [], around);
    expect(words).toContain('sudo systemctl start shopsyncd');
  });

  it('names the other places that were looked at', () => {
    expect(connectWords(error('missing', '/a'), ['/b', '/c'], around)).toContain('(nor is there one at /b or /c)');
  });

  it.each(['missing', 'stale', 'forbidden', 'failed'] as const)('%s says itself and ends with status 2', (reason) => {
    const failed = error(reason, '/nowhere/control.sock');
    expect(connectWords(failed, [], around)).toContain(reason);
    expect(exitStatus(failed)).toBe(2);
  });
});
