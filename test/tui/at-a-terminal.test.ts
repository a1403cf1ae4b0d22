import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { width } from '../../tui/width.ts';
import { ClientProcess, entry, eventually, runClient } from './client-process.ts';
import type { FakeDaemon } from './fake-daemon.ts';
import { startDaemon } from './room.ts';
import { progress, run, status, stream } from './samples.ts';
import { Terminal, type TerminalOptions } from './terminal.ts';

vi.setConfig({ testTimeout: 30_000 });

const accepted = { runId: 'run-1', stream: 'orders', shop: '7000000000001', kind: 'incremental', joined: false };

const withRun = async (runs = [accepted]): Promise<FakeDaemon> => {
  const daemon = await startDaemon();
  daemon.scripts.set('sync', () => ({ runs }));
  daemon.scripts.set('history', () => ({ runs: [run({ state: 'running', finishedAt: null })] }));
  return daemon;
};

const open = (options: TerminalOptions): Terminal => {
  const terminal = new Terminal({ columns: 120, ...options });
  onTestFinished(() => terminal.kill());
  return terminal;
};

const hasColour = (raw: string): boolean => raw.includes('\u001b[1m') || raw.includes('\u001b[32m');

describe('sync --wait at a terminal', () => {
  it('draws a bar over itself, and takes it away for the result', async () => {
    const daemon = await withRun();
    const terminal = open({ args: ['sync', '--wait', '--socket', daemon.path] });
    await eventually(() => daemon.called('history').length > 0, 'a look into the history');
    daemon.emit('progress', stream({ run: progress() }));
    await terminal.until('61 %');
    expect(terminal.text).toMatch(/^orders +█+▋?░+ +61 % {2}61,000 of 100,000 {2}1,250 orders\/s {2}31 s left/);
    daemon.emit('runs', run());
    await terminal.until('succeeded');
    expect(await terminal.exited).toBe(0);
    await terminal.until((shown) => !shown.includes('█'));
    expect(terminal.lines[0]).toMatch(/^Demo shop: orders incremental succeeded/);
  });

  it('Ctrl-C leaves the run going, says the command that cancels it, and ends with 130', async () => {
    const daemon = await withRun();
    const terminal = open({ args: ['sync', '--wait', '--socket', daemon.path] });
    await eventually(() => daemon.called('history').length > 0, 'a look into the history');
    daemon.emit('progress', stream({ run: progress() }));
    await terminal.until('61 %');
    terminal.type('\u0003');
    expect(await terminal.exited).toBe(130);
    await terminal.until(/sock$/m);
    expect(terminal.text.replaceAll('\n', '')).toBe(
      `shopsync: interrupted: run run-1 goes on; to cancel it: shopsync cancel run-1 --socket ${daemon.path}`,
    );
    expect(daemon.called('cancel')).toEqual([]);
  });

  it.each([{ TERM: 'dumb' }])('%j: lines, and no control sequences at all', async (env) => {
    const daemon = await withRun();
    const terminal = open({ args: ['sync', '--wait', '--socket', daemon.path], env });
    await eventually(() => daemon.called('history').length > 0, 'a look into the history');
    daemon.emit('progress', stream({ run: progress() }));
    daemon.emit('runs', run());
    expect(await terminal.exited).toBe(0);
    await terminal.until('succeeded');
    expect(terminal.raw).not.toContain('\u001b');
  });
});

describe('waiting that ends before the run', () => {
  it('tells by --timeout that the run goes on, and how to cancel it', async () => {
    const daemon = await withRun();
    const args = ['sync', '--wait', '--timeout', '1s', '--socket', daemon.path];
    const { status: ended, stdout, stderr } = await runClient(args);
    expect([ended, stdout]).toEqual([4, '']);
    expect(stderr).toBe(
      `shopsync: no end within 1s (--timeout): run run-1 goes on; to cancel it: shopsync cancel run-1 --socket ${daemon.path}\n`,
    );
  });

  it('tells of several runs with one command', async () => {
    const daemon = await withRun([accepted, { ...accepted, runId: 'run-2', shop: '7000000000002' }]);
    const client = new ClientProcess(['sync', '--wait', '--socket', daemon.path]);
    await eventually(() => daemon.called('history').length > 0, 'a look into the history');
    client.signal('SIGINT');
    const { status: ended, stdout, stderr } = await client.ended;
    expect([ended, stdout]).toEqual([130, '']);
    expect(stderr).toBe(
      `shopsync: interrupted: 2 runs go on; to cancel them: shopsync cancel --socket ${daemon.path}\n`,
    );
  });
});

describe('colours', () => {
  it.each<readonly [Readonly<Record<string, string>>, readonly string[], boolean]>([
    [{}, [], true],
    [{ CI: 'true' }, [], true],
    [{ NO_COLOR: '1' }, [], false],
    [{ TERM: 'dumb' }, [], false],
    [{}, ['--no-color'], false],
  ])('with %j and %j: %s', async (env, args, wanted) => {
    const daemon = await startDaemon();
    const terminal = open({ args: ['status', ...args, '--socket', daemon.path], env });
    expect(await terminal.exited).toBe(0);
    await terminal.until('● connected');
    expect(hasColour(terminal.raw)).toBe(wanted);
  });
});

describe('output that others take in', () => {
  it.each(['status', 'logs', 'call status', 'completion bash'])('%s | head -1 ends quietly', async (line) => {
    const daemon = await startDaemon();
    const long = { line: 1, time: '2026-11-22T09:41:00.120Z', level: 'info', msg: 'x'.repeat(900) };
    daemon.scripts.set('logs', () => ({ lines: Array.from({ length: 1000 }, () => long) }));
    const pipe = `set -o pipefail; "$0" "$@" | head -1 > /dev/null; echo "\${PIPESTATUS[*]}"`;
    const shell = spawn('bash', ['-c', pipe, process.execPath, entry, ...line.split(' '), '--socket', daemon.path]);
    const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
    expect([stdout, stderr]).toEqual(['0 0\n', '']);
  });

  it.each(['status', 'status --json', '--version'])(
    'lesson 17: %s that cannot be written is no success',
    async (line) => {
      const daemon = await startDaemon();
      // Takes no byte, as a disk that is full.
      const full = openSync(import.meta.filename, 'r');
      const client = spawn(process.execPath, [entry, ...line.split(' '), '--socket', daemon.path], {
        stdio: ['ignore', full, 'pipe'],
      });
      closeSync(full);
      const ended = once(client, 'exit');
      expect(client.stderr === null ? '' : await text(client.stderr)).toMatch(
        /^shopsync: the output could not be written whole: E[^\n]*\n$/,
      );
      expect(await ended).toEqual([1, null]);
    },
  );

  it('is a table also with wide characters, control bytes and long words in names', async () => {
    const names = ['plain', '日本語の店', 'e\u0301clair 👩‍👩‍👧', '\u001b[31mred\u0007\u202eshop', 'x'.repeat(200)];
    const daemon = await startDaemon(
      status({
        shops: names.map((name, at) => ({ id: String(at), name, region: 'GB' })),
        streams: names.map((_name, at) => stream({ shop: String(at), byStatus: {} })),
      }),
    );
    daemon.scripts.set('history', () => ({ runs: names.map((_name, at) => run({ runId: 'r-1', shop: String(at) })) }));
    const { stdout } = await runClient(['history', '--socket', daemon.path]);
    const before = stdout.split('\n').flatMap((row) => /^(.* {2})orders {2}/.exec(row)?.slice(1) ?? []);
    expect(before).toHaveLength(names.length);
    expect(new Set(before.map(width))).toEqual(new Set([5 + 60 + 2]));
    expect(stdout).toContain('0 plain');
    const { stdout: all } = await runClient(['status', '--socket', daemon.path]);
    for (const text of [stdout, all]) expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(all).toContain('日本語の店  shop 1, GB');
  });
});

describe('full-resync at a terminal asks first', () => {
  const estimate = { requests: 2000, seconds: 200, orders: 100_000, records: 100_000 };

  it.each([
    ['y\r', 0, 2, 'started full run run-1'],
    ['\r', 1, 1, 'shopsync: nothing was started'],
    ['\u0004', 1, 1, 'shopsync: nothing was started'],
    ['\u0003', 130, 1, 'shopsync: interrupted: nothing was started'],
  ])('%j ends with %d', async (keys, ends, calls, said) => {
    const daemon = await startDaemon();
    daemon.scripts.set('fullResync', (params) =>
      JSON.stringify(params).includes('dryRun') ? { estimate } : { runs: [{ ...accepted, kind: 'full' }] },
    );
    const terminal = open({ args: ['full-resync', '--socket', daemon.path] });
    await terminal.until('This reads 100,000 orders in 2,000 requests, about 3 min 20 s at the present rate.');
    terminal.type(keys);
    expect(await terminal.exited).toBe(ends);
    await terminal.until(said);
    expect(daemon.called('fullResync')).toHaveLength(calls);
  });
});
