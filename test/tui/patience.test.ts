import { afterEach, describe, expect, it, vi } from 'vitest';

import { exit, exitStatus } from '../../tui/failure.ts';
import { Session } from '../../tui/session.ts';
import { runClient } from './client-process.ts';
import type { FakeDaemon } from './fake-daemon.ts';
import { startDaemon } from './room.ts';
import { status } from './samples.ts';

afterEach(() => void vi.useRealTimers());

const sessionWith = (daemon: FakeDaemon, timeout?: string): Session => {
  const session = new Session({ ...process, args: [], now: Date.now, onInterrupt: () => () => {} }, () => ({
    socket: daemon.path,
    color: false,
    ...(timeout !== undefined && { timeout }),
  }));
  session.begin();
  return session;
};

/** How a call stands when so much time has passed since the daemon got it. */
const after = async (daemon: FakeDaemon, work: Promise<unknown>, ms: number) => {
  const end = work.then(
    () => 'answered',
    (error: unknown) => exitStatus(error),
  );
  while (daemon.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const look = () => Promise.race([end, new Promise((resolve) => setImmediate(() => resolve('waits')))]);
  await vi.advanceTimersByTimeAsync(ms - 1);
  const before = await look();
  await vi.advanceTimersByTimeAsync(1);
  return [before, await look()];
};

describe('a daemon that takes connections and says nothing', () => {
  it.each([
    ['a call that reads', (session: Session) => session.ask('status')],
    ['one that starts something', (session: Session) => session.tell('sync')],
    ['one that may take an hour', (session: Session) => session.tell('backup', { file: '/x' }, { long: true })],
    ['any call', (session: Session) => session.over('reading', ({ client }) => client.callAny('status'))],
  ])('is given up by %s after 30 s without --timeout', async (_, work) => {
    const daemon = await startDaemon();
    daemon.frozen = true;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    expect(await after(daemon, work(sessionWith(daemon)), 30_000)).toEqual(['waits', exit.timeout]);
  });

  it.each(['off', '0', '0s'])('is waited for with --timeout %s', async (timeout) => {
    const daemon = await startDaemon();
    daemon.frozen = true;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const work = sessionWith(daemon, timeout).ask('status');
    expect(await after(daemon, work, 10 * 60_000)).toEqual(['waits', 'waits']);
    await daemon.kill();
    await expect(work).rejects.toThrow();
  });

  it('is waited for as long as --timeout says, and no shorter', async () => {
    const daemon = await startDaemon();
    daemon.frozen = true;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    expect(await after(daemon, sessionWith(daemon, '5m').ask('status'), 300_000)).toEqual(['waits', exit.timeout]);
  });

  it('does not keep doctor from its report', async () => {
    const daemon = await startDaemon();
    daemon.frozen = true;
    const args = ['doctor', '--timeout', '700ms', '--socket', daemon.path];
    const { status: ended, stdout, stderr } = await runClient(args);
    expect(ended).toBe(1);
    expect(stdout).toMatch(/^ok +client: shopsync/m);
    expect(stdout).toMatch(/^FAIL +daemon: .*did not answer within 700ms \(--timeout\)/m);
    expect(stderr).toMatch(/checks failed: .*daemon/);
  }, 30_000);
});

describe('a backup', () => {
  it('that is not waited for any longer says that its file still comes', async () => {
    const daemon = await startDaemon();
    const args = ['backup', '/tmp/later.db', '--timeout', '300ms', '--socket', daemon.path];
    const { status: ended, stderr } = await runClient(args);
    expect([ended, stderr]).toEqual([
      4,
      'shopsync: no end within 300ms (--timeout): the daemon goes on with it, and /tmp/later.db appears when it is whole\n',
    ]);
  });

  it.each([
    ['-', 'a backup goes to a file, which the daemon writes, and not to standard output: name one'],
    ['', 'the name of the file is empty; name one that is not there yet'],
  ])('to "%s" is refused', async (file, words) => {
    const daemon = await startDaemon();
    const { status: ended, stderr } = await runClient(['backup', file, '--socket', daemon.path]);
    expect([ended, stderr]).toEqual([3, `shopsync: ${words}\n`]);
    expect(daemon.called('backup')).toEqual([]);
  });
});

describe('health and metrics', () => {
  const checks = [
    { name: 'store', ok: true, detail: 'fine' },
    { name: 'clock', ok: false, detail: 'an hour off' },
  ];

  it('exits by what the daemon finds, with a line for each check', async () => {
    const daemon = await startDaemon(status());
    daemon.scripts.set('health', () => ({ ok: true, checks: checks.slice(0, 1) }));
    expect(await runClient(['health', '--socket', daemon.path])).toEqual({
      status: 0,
      stdout: 'ok    store: fine\n',
      stderr: '',
    });
    daemon.scripts.set('health', () => ({ ok: false, checks }));
    const lines = ['ok    store: fine', 'FAIL  clock: an hour off', ''].join('\n');
    const stderr = 'shopsync: 1 of 2 checks failed: clock\n';
    expect(await runClient(['health', '--socket', daemon.path])).toEqual({ status: 1, stdout: lines, stderr });
    const raw = await runClient(['health', '--json', '--socket', daemon.path]);
    expect({ ...raw, stdout: JSON.parse(raw.stdout) }).toEqual({ status: 1, stdout: { ok: false, checks }, stderr });
  });

  it('prints the text as it is', async () => {
    const daemon = await startDaemon();
    const text = '# HELP shopsync_up x\nshopsync_up 1\n';
    daemon.scripts.set('metrics', () => ({ text }));
    expect(await runClient(['metrics', '--socket', daemon.path])).toEqual({ status: 0, stdout: text, stderr: '' });
    const raw = await runClient(['metrics', '--json', '--socket', daemon.path]);
    expect(JSON.parse(raw.stdout)).toEqual({ text });
  });
});
