import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

import { describe, expect, it, vi } from 'vitest';

import { entry } from './client-process.ts';
import type { FakeDaemon } from './fake-daemon.ts';
import { startDaemon } from './room.ts';
import { run } from './samples.ts';

vi.setConfig({ testTimeout: 30_000 });

/** A full disk, as every write to it is told. */
const intoFull = async (args: readonly string[]) => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = await once(child, 'close');
  return { status, stderr };
};

const talkative = async (): Promise<FakeDaemon> => {
  const daemon = await startDaemon();
  daemon.scripts.set('history', () => ({ runs: Array.from({ length: 500 }, (_, n) => run({ runId: `run-${n}` })) }));
  daemon.scripts.set('health', () => ({ ok: true, checks: [{ name: 'store', ok: true, detail: 'fine' }] }));
  daemon.scripts.set('metrics', () => ({ text: 'shopsync_up 1\n'.repeat(5000) }));
  return daemon;
};

describe('output that cannot be written', () => {
  it.each([
    '--help',
    '--version',
    'orders list --help',
    'completion bash',
    'status',
    'status --json',
    'history --json --limit 500',
    'health',
    'metrics',
    'call status',
    'call --help status',
    'doctor',
  ])('%s: exit status 1, and one line that says so', async (line) => {
    const daemon = await talkative();
    const { status, stderr } = await intoFull([...line.split(' '), '--socket', daemon.path]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'shopsync: the output could not be written whole: ENOSPC: no space left on device, write\n',
    });
  });

  it('does not matter to a command that has nothing to say', async () => {
    const { status, stderr } = await intoFull(['status', '--socket', '/nowhere/none.sock']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^shopsync: no daemon: [^\n]+\n$/);
  });

  it.each(['history --json', 'metrics', 'completion bash'])('%s: a reader that leaves is no failure', async (line) => {
    const daemon = await talkative();
    const words = [entry, ...line.split(' '), '--socket', daemon.path];
    const child = spawn(
      'sh',
      ['-c', '{ "$@"; echo "status $?" >&2; } | head -c 10', 'sh', process.execPath, ...words],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(child, 'close');
    expect(said).toBe('status 0\n');
  });
});
