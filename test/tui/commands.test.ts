import { renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';

import { nodesOf, treeOf } from '../../tui/completion/tree.ts';
import { describe as describeProgram } from '../../tui/program.ts';
import { Session } from '../../tui/session.ts';
import { runClient } from './client-process.ts';
import { Refusal } from './fake-daemon.ts';
import { folder, startDaemon } from './room.ts';
import { failure, progress, status, stream } from './samples.ts';

vi.setConfig({ testTimeout: 30_000 });

/** A socket that a daemon left behind when it died. */
const staleSocket = async (): Promise<string> => {
  const path = join(folder(), 'control.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.1`, resolve));
  // Closing unlinks the name that was bound, and no other.
  renameSync(`${path}.1`, path);
  await new Promise((resolve) => server.close(resolve));
  return path;
};

const oneLine = /^shopsync: [^\n]+\n$/;

describe('a command that fails says one line, and nothing on stdout', () => {
  it.each([
    ['api', 1],
    ['busy', 5],
    ['not_authorized', 6],
  ] as const)('the daemon refuses with %s: exit status %d', async (code, exit) => {
    const daemon = await startDaemon();
    daemon.scripts.set('sync', () => {
      throw new Refusal(code, 'it is\nso', 'do this');
    });
    const { status: ended, stdout, stderr } = await runClient(['sync', '--socket', daemon.path]);
    expect([ended, stdout, stderr]).toEqual([exit, '', 'shopsync: it is so (do this)\n']);
  });

  it('no socket: exit status 2', async () => {
    const path = join(folder(), 'none.sock');
    const { status: ended, stdout, stderr } = await runClient(['status', '--socket', path]);
    expect([ended, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `shopsync: no daemon: the socket ${path} is missing; start one: SHOPSYNC_RPC_SOCKET=${path} shopsyncd\n`,
    );
  });

  it('a socket left behind: exit status 2', async () => {
    const path = await staleSocket();
    const { status: ended, stdout, stderr } = await runClient(['status', '--socket', path]);
    expect([ended, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('is stale');
  });

  it.each([
    [['bogus']],
    [['status', '--bogus']],
    [['orders']],
    [['orders', 'show']],
    [['call', 'status', '{']],
    [['call', 'status', '1']],
    [['sync', '--from', 'yesterday']],
    [['sync', '--status', ',']],
    [['schedule', 'set']],
    [['schedule', 'set', 'orders']],
    [['schedule', 'set', 'nope', 'off']],
    [['schedule', 'set', 'orders', '*/5', '*', '*', '*', '*']],
    [['schedule', 'set', 'adaptive', 'maybe']],
    [['schedule', 'nope']],
    [['schedule', '--nope']],
    [['audit', '--nope']],
    [['status', '--timeout', '3']],
    [['history', '--limit', '0']],
    [[]],
  ])('usage %j: exit status 3', async (args) => {
    const { status: ended, stdout, stderr } = await runClient(args);
    expect([ended, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(oneLine);
  });

  it('--timeout passes: exit status 4', async () => {
    const daemon = await startDaemon();
    daemon.frozen = true;
    const {
      status: ended,
      stdout,
      stderr,
    } = await runClient(['status', '--socket', daemon.path, '--timeout', '200ms']);
    expect([ended, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(oneLine);
  });
});

/** All commands and those below them, as completion knows them. */
const everyCommand = (): readonly string[] => {
  const program = describeProgram(
    new Command(),
    new Session({ ...process, args: [], now: Date.now, onInterrupt: () => () => undefined }, () => ({ color: false })),
  );
  return nodesOf(treeOf(program, {})).flatMap(({ path }) => (path.length === 0 ? [] : [path.join(' ')]));
};

describe('output', () => {
  it('of --json is the raw result as one document', async () => {
    const daemon = await startDaemon();
    const { status: ended, stdout, stderr } = await runClient(['status', '--json', '--socket', daemon.path]);
    expect([ended, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual(daemon.status);
  });

  it('of status tells everything in words', async () => {
    const daemon = await startDaemon(
      status({
        streams: [
          stream({ run: progress() }),
          stream({
            stream: 'products',
            lastError: failure({ nextAttemptAt: null, retryable: false }),
            missing: [{ from: '2021-03-01T00:00:00Z', to: '2021-04-01T00:00:00Z' }],
          }),
        ],
      }),
    );
    const { stdout } = await runClient(['status', '--socket', daemon.path]);
    for (const words of [
      `● connected  shopsyncd 0.1.0, pid 4242, up 3 h 12 min, at ${daemon.path}`,
      '61,000 of 100,000, 1,250 orders/s, 1,220 requests, 31 s left',
      '2021-03-01 00:00Z to 2021-04-01 00:00Z',
      'TikTok answered 500 to the order search. Nothing to do, it is tried again. No next attempt until this is mended.',
      'IN_TRANSIT 9,120',
    ]) {
      expect(stdout).toContain(words);
    }
  });

  it.each([
    [
      -600,
      'clock  this machine’s clock is 10 min behind TikTok’s: timedatectl set-ntp true; orders of the last 10 min',
    ],
    [3600, 'clock  this machine’s clock is 1 h ahead of TikTok’s: timedatectl set-ntp true; nothing is lost'],
  ])('T17: of status tells of a clock that is %i s ahead, and how it is mended', async (aheadSeconds, words) => {
    const daemon = await startDaemon(status({ clock: { aheadSeconds, ok: false } }));
    expect((await runClient(['status', '--socket', daemon.path])).stdout).toContain(words);
    daemon.status = status({ clock: { aheadSeconds: -60, ok: true } });
    expect((await runClient(['status', '--socket', daemon.path])).stdout).not.toContain('clock');
  });

  it('carries nothing from the API that could steer a terminal, and no colours in a pipe', async () => {
    const evil = '\u001b]52;c;aGk=\u0007\u001b[2J\u202e日本';
    const daemon = await startDaemon(status({ shops: [{ id: '7000000000001', name: evil, region: 'GB' }] }));
    for (const args of [['status'], ['status', '--json'], ['call', 'status']]) {
      const { stdout } = await runClient([...args, '--socket', daemon.path]);
      expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
      expect(stdout).toContain('日本');
    }
  });

  it.each(everyCommand())('%s --help has an example', async (words) => {
    const { status: ended, stdout } = await runClient([...words.split(' '), '--help']);
    expect(ended).toBe(0);
    expect(stdout).toContain(`$ shopsync ${words}`);
  });

  it('of call --help METHOD tells of that method', async () => {
    const { status: ended, stdout } = await runClient(['call', '--help', 'orders.counts']);
    expect(ended).toBe(0);
    expect(stdout).toMatch(/^orders\.counts: /);
    expect(stdout).toContain('groupBy');
  });

  it('of auth status tells until when the token holds', async () => {
    const daemon = await startDaemon();
    const { stdout } = await runClient(['auth', 'status', '--socket', daemon.path]);
    expect(stdout).toMatch(/^shop 7000000000001: authorized; the token expires \S+ \S+Z, in \d+ d/);
  });

  it('of auth url is one link, made of the configuration, with another state each time', async () => {
    const env = { PATH: process.env['PATH'], HOME: folder(), SHOPSYNC_API_APP_KEY: 'my key' };
    const links = await Promise.all([1, 2].map(() => runClient(['auth', 'url'], { env })));
    for (const { stdout } of links) {
      expect(stdout).toMatch(
        /^https:\/\/auth\.tiktok-shops\.com\/oauth\/authorize\?app_key=my\+key&state=[0-9a-f]{32}\n$/,
      );
    }
    expect(new Set(links.map(({ stdout }) => stdout)).size).toBe(2);
    const without = await runClient(['auth', 'url'], { env: { PATH: env.PATH, HOME: env.HOME } });
    expect([without.status, without.stdout]).toEqual([1, '']);
    expect(without.stderr).toContain('SHOPSYNC_API_APP_KEY');
  });
});
