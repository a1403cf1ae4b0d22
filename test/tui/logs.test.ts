import { describe, expect, it, vi } from 'vitest';

import type { LogLine } from '../../shared/views.ts';
import { ClientProcess, eventually, runClient } from './client-process.ts';
import type { FakeDaemon } from './fake-daemon.ts';
import { startDaemon } from './room.ts';
import { status } from './samples.ts';

vi.setConfig({ testTimeout: 30_000 });

const line = (number: number, over: Partial<LogLine> = {}): LogLine => ({
  line: number,
  time: '2026-11-22T09:41:00.120Z',
  level: 'info',
  room: 'sync',
  msg: `said ${number}`,
  pid: 7,
  ...over,
});

const withLog = async (...kept: readonly LogLine[]): Promise<FakeDaemon> => {
  const daemon = await startDaemon();
  daemon.scripts.set('logs', () => ({ lines: kept }));
  return daemon;
};

const numbers = (stdout: string): readonly number[] => [...stdout.matchAll(/said (\d+)/g)].map(([, at]) => Number(at));

describe('logs', () => {
  it('shows level, room, message and fields in one line each, nothing that could steer a terminal among them', async () => {
    const evil = '\u001b[2J日本\nx';
    const daemon = await withLog(
      line(1, { words: 'a b', run: { seen: 12, to: null, error: { code: 'api' } }, ids: ['1', '2'] }),
      line(2, { level: 'error', msg: evil }),
    );
    const { status: ended, stdout } = await runClient(['logs', '-n', '2', '--level', 'info', '--socket', daemon.path]);
    expect(ended).toBe(0);
    expect(stdout).toBe(
      '2026-11-22T09:41:00.120Z info  sync: said 1  words="a b" run.seen=12 run.error.code=api ids=["1","2"]\n' +
        '2026-11-22T09:41:00.120Z error sync: 日本 x\n',
    );
    expect(daemon.called('logs')).toEqual([{ lines: 2, level: 'info' }]);
  });

  it('of --json is one document', async () => {
    const daemon = await withLog(line(1), line(2));
    const { stdout } = await runClient(['logs', '--json', '--socket', daemon.path]);
    expect(JSON.parse(stdout)).toEqual({ lines: [line(1), line(2)] });
    expect(daemon.called('logs')).toEqual([{ lines: 100 }]);
  });
});

describe('logs --follow', () => {
  const following = async (daemon: FakeDaemon, args: readonly string[] = []): Promise<ClientProcess> => {
    const client = new ClientProcess(['logs', '--follow', '--socket', daemon.path, ...args]);
    await eventually(() => client.stdout.includes('said 2'), 'the lines of before');
    return client;
  };

  it('begins with the lines of before and shows each line once, in order', async () => {
    const daemon = await withLog(line(1), line(2));
    // One that was logged between the subscription and the question comes by both ways.
    daemon.scripts.set('logs', () => {
      daemon.emit('logs', line(2));
      daemon.emit('logs', line(3));
      return { lines: [line(1), line(2)] };
    });
    const client = await following(daemon);
    daemon.emit('logs', line(4));
    await eventually(() => client.stdout.includes('said 4'), 'a new line');
    client.signal('SIGINT');
    const { status: ended, stdout, stderr } = await client.ended;
    expect([ended, stderr, numbers(stdout)]).toEqual([0, '', [1, 2, 3, 4]]);
  });

  it('leaves out what is below the level', async () => {
    const daemon = await withLog(line(2, { level: 'warn' }));
    const client = await following(daemon, ['--level', 'warn']);
    daemon.emit('logs', line(3));
    daemon.emit('logs', line(4, { level: 'fatal' }));
    await eventually(() => client.stdout.includes('said 4'), 'the fatal line');
    client.signal('SIGINT');
    expect(numbers((await client.ended).stdout)).toEqual([2, 4]);
  });

  it('outlives the daemon, says so once, and shows all that the next one has said', async () => {
    const daemon = await withLog(line(1), line(2));
    const client = await following(daemon, ['--json']);
    await daemon.kill();
    await eventually(() => client.stderr.includes('lost the daemon'), 'the loss');
    daemon.status = status({ instanceId: 'instance-2' });
    daemon.scripts.set('logs', () => ({ lines: [line(1, { msg: 'said 11' })] }));
    await daemon.start();
    await eventually(() => client.stderr.includes('is back'), 'the return');
    client.signal('SIGTERM');
    const { status: ended, stdout, stderr } = await client.ended;
    expect([ended, numbers(stdout)]).toEqual([0, [1, 2, 11]]);
    expect(stderr).toMatch(/^shopsync: lost the daemon, trying again: [^\n]+\nshopsync: the daemon is back\n$/);
    for (const text of stdout.trimEnd().split('\n')) expect(JSON.parse(text)).toHaveProperty('line');
  });

  it('shows what was said while the connection was lost, and tells of what is gone', async () => {
    const daemon = await withLog(line(1), line(2));
    const client = await following(daemon);
    await daemon.kill();
    daemon.scripts.set('logs', () => ({ lines: [line(2), line(3), line(9)] }));
    await daemon.start();
    await eventually(() => client.stdout.includes('said 9'), 'the lines between');
    client.signal('SIGINT');
    const { stdout, stderr } = await client.ended;
    expect(numbers(stdout)).toEqual([1, 2, 3, 9]);
    expect(stderr).toContain('shopsync: 5 lines were missed\n');
    expect(daemon.called('logs')).toEqual([{ lines: 100 }, { lines: 1000 }]);
  });

  it('tells of what the next daemon has said and does not know any more', async () => {
    const daemon = await withLog(line(1), line(2));
    const client = await following(daemon);
    await daemon.kill();
    daemon.status = status({ instanceId: 'instance-2' });
    daemon.scripts.set('logs', () => ({ lines: [line(4), line(5)] }));
    await daemon.start();
    await eventually(() => client.stdout.includes('said 5'), 'what is left of its lines');
    client.signal('SIGINT');
    const { stdout, stderr } = await client.ended;
    expect(numbers(stdout)).toEqual([1, 2, 4, 5]);
    expect(stderr).toContain('shopsync: 3 lines were missed\n');
  });
});
