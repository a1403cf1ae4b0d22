import { chmodSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { ConnectError } from '../../tui/client.ts';
import { exitStatus } from '../../tui/failure.ts';
import { connectWords } from '../../tui/mend.ts';
import { folder } from './room.ts';

const error = (reason: ConnectError['reason'], path: string): ConnectError =>
  new ConnectError(reason, path, new Error('it broke'));

describe('connectWords', () => {
  it('names group, mode and a command for a socket that may not be opened', () => {
    const path = join(folder(), 'control.sock');
    writeFileSync(path, '');
    chmodSync(path, 0o660);
    const words = connectWords(error('forbidden', path), []);
    expect(words).toMatch(/\(group \S+, mode 0660\) is forbidden/);
    expect(words).toMatch(new RegExp(`: sudo usermod -aG \\S+ ${userInfo().username}, then log in again$`));
  });

  it("starts the service where the socket is the service's", () => {
    const words = connectWords(error('missing', '/run/shopsync/control.sock'), []);
    expect(words).toContain('sudo systemctl start shopsyncd');
  });

  it('names the other places that were looked at', () => {
    expect(connectWords(error('missing', '/a'), ['/b', '/c'])).toContain('(nor is there one at /b or /c)');
  });

  it.each(['missing', 'stale', 'forbidden', 'failed'] as const)('%s says itself and ends with status 2', (reason) => {
    const failed = error(reason, '/nowhere/control.sock');
    expect(connectWords(failed, [])).toContain(reason);
    expect(exitStatus(failed)).toBe(2);
  });
});
