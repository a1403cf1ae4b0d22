import { describe, expect, it, onTestFinished, vi } from 'vitest';

import type { Failure } from '../../shared/run-views.ts';
import { runClient } from './client-process.ts';
import { type FakeDaemon, Refusal } from './fake-daemon.ts';
import { startDaemon } from './room.ts';
import { failure } from './samples.ts';
import { Terminal } from './terminal.ts';

vi.setConfig({ testTimeout: 30_000 });

const CODE = 'ROW_theCode-1';
const ADDRESS = `https://app.example/redirect?code=${CODE}&state=5&locale=en&shop_region=GB`;
const result = (problem: Failure | null = null) => ({
  shops: [{ id: '7000000000001', name: 'Demo', region: 'GB' }],
  accessTokenExpiresAt: '2026-11-29T10:15:00.000Z',
  refreshTokenExpiresAt: '2027-11-22T10:15:00.000Z',
  problem,
});

const start = async (answer: () => unknown = () => result()): Promise<FakeDaemon> => {
  const daemon = await startDaemon();
  daemon.scripts.set('auth.exchange', answer);
  return daemon;
};

describe('the code', () => {
  it.each([
    ['on the command line', [CODE], ''],
    ['in an address on the command line', [ADDRESS], ''],
    ['on standard input', [], `${CODE}\n`],
    ['on standard input, asked for by -', ['-'], CODE],
    ['in an address on standard input, with more behind it', ['-'], `${ADDRESS}\r\nmore\n`],
  ])('%s reaches the daemon', async (_, args, input) => {
    const daemon = await start();
    const { status, stdout, stderr } = await runClient(
      ['auth', 'exchange', ...args, '--socket', daemon.path],
      {},
      input,
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(daemon.called('auth.exchange')).toEqual([{ code: CODE }]);
    expect(stdout).toMatch(/^Authorized until 2027-11-22 10:15Z, in \d+ d/);
    expect(stdout).toContain('The token holds until 2026-11-29 10:15Z');
    expect(stdout).toContain('shop 7000000000001: Demo (GB)');
    expect(stdout).not.toContain('theCode');
  });

  it.each([
    ['', 'no code in it'],
    ['\n', 'no code in it'],
    ['https://app.example/redirect?state=5\n', 'after agreeing'],
    ['https://app.example/redirect?code=null&error=auth_denied\n', 'did not agree'],
    [`${CODE} ${CODE}\n`, 'one word'],
    ['x'.repeat(200_000), 'shorter'],
  ])('that is none (%#) is refused as usage, and not repeated', async (input, words) => {
    const daemon = await start();
    const ended = await runClient(['auth', 'exchange', '--socket', daemon.path], {}, input);
    expect([ended.status, ended.stdout]).toEqual([3, '']);
    expect(ended.stderr).toMatch(/^shopsync: [^\n]+\n$/);
    expect(ended.stderr).toContain(words);
    expect(ended.stderr).not.toMatch(/theCode|app\.example|xxx/);
    expect(daemon.calls).toEqual([]);
  });

  it('that does not come is not waited for longer than --timeout', async () => {
    const daemon = await start();
    const args = ['auth', 'exchange', '--timeout', '300ms', '--socket', daemon.path];
    const { status, stdout, stderr } = await runClient(args, {}, null);
    expect([status, stdout]).toEqual([4, '']);
    expect(stderr).toBe('shopsync: no end within 300ms (--timeout)\n');
  });
});

describe('the answer', () => {
  it('is with --json as the daemon gives it', async () => {
    const daemon = await start();
    const { stdout } = await runClient(['auth', 'exchange', CODE, '--json', '--socket', daemon.path]);
    expect(JSON.parse(stdout)).toEqual(result());
  });

  it('tells of a network that came in between, and is no failure: the daemon goes on by itself', async () => {
    const daemon = await start(() => result(failure({ code: 'api', message: 'the connection failed' })));
    const { status, stdout } = await runClient(['auth', 'exchange', CODE, '--socket', daemon.path]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^The shops cannot be followed yet: .*The connection failed\./m);
  });

  it('is exit status 6 when the consent allows too little', async () => {
    const missing = failure({ code: 'not_authorized', message: 'the scope is missing', hint: 'see Partner Center' });
    const daemon = await start(() => result(missing));
    const { status, stdout, stderr } = await runClient(['auth', 'exchange', CODE, '--socket', daemon.path]);
    expect([status, stdout]).toEqual([6, '']);
    expect(stderr).toBe(
      'shopsync: the code was good, but what it allows is not enough: the scope is missing (see Partner Center)\n',
    );
  });

  it.each([
    ['not_authorized', 6],
    ['api', 1],
    ['store', 1],
  ] as const)('%s is exit status %d, with what to do on one line', async (code, exit) => {
    const daemon = await start(() => {
      throw new Refusal(code, 'it is so', 'do this');
    });
    const { status, stdout, stderr } = await runClient(['auth', 'exchange', CODE, '--socket', daemon.path]);
    expect([status, stdout, stderr]).toEqual([exit, '', 'shopsync: it is so (do this)\n']);
  });
});

describe('at a terminal', () => {
  const open = (daemon: FakeDaemon): Terminal => {
    const terminal = new Terminal({ columns: 120, args: ['auth', 'exchange', '--socket', daemon.path] });
    onTestFinished(() => terminal.kill());
    return terminal;
  };

  it('asks for it, and takes a pasted address', async () => {
    const daemon = await start();
    const terminal = open(daemon);
    await terminal.until('The code, or the address that the seller was sent to:');
    terminal.type(`${ADDRESS}\r`);
    expect(await terminal.exited).toBe(0);
    await terminal.until('Authorized until');
    expect(daemon.called('auth.exchange')).toEqual([{ code: CODE }]);
  });

  it.each([
    ['\r', 3, 'there is no code in it'],
    ['\u0004', 3, 'there is no code in it'],
    ['\u0003', 130, 'shopsync: interrupted'],
  ])('%j ends with %d, and nothing is sent', async (keys, ends, said) => {
    const daemon = await start();
    const terminal = open(daemon);
    await terminal.until('sent to:');
    terminal.type(keys);
    expect(await terminal.exited).toBe(ends);
    await terminal.until(said);
    expect(daemon.calls).toEqual([]);
  });
});
