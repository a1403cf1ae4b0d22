import { join } from 'node:path';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { eventually } from './client-process.ts';
import type { FakeDaemon } from './fake-daemon.ts';
import { folder, startDaemon } from './room.ts';
import { failure, progress, run, status, stream } from './samples.ts';
import { Terminal, type TerminalOptions } from './terminal.ts';

vi.setConfig({ testTimeout: 30_000 });

const busy = () =>
  status({
    streams: [stream({ run: progress() }), stream({ stream: 'products', byStatus: {}, lastError: failure() })],
  });

const open = (path: string, options: Partial<TerminalOptions> = {}): Terminal => {
  const terminal = new Terminal({ args: ['--socket', path], ...options });
  onTestFinished(() => terminal.kill());
  return terminal;
};

const start = async (options: Partial<TerminalOptions> = {}): Promise<{ daemon: FakeDaemon; terminal: Terminal }> => {
  const daemon = await startDaemon(busy());
  daemon.scripts.set('history', () => ({
    runs: [run({ runId: 'a', state: 'running', kind: 'full', finishedAt: null }), run({ runId: 'b' })],
  }));
  daemon.scripts.set('fullResync', (params) =>
    JSON.stringify(params).includes('dryRun')
      ? { estimate: { requests: 2000, seconds: 200, orders: 100_000, records: 100_000 } }
      : { runs: [{ runId: 'a', stream: 'orders', shop: '1', kind: 'full', joined: false }] },
  );
  const terminal = open(daemon.path, options);
  await terminal.until('● connected');
  return { daemon, terminal };
};

describe.each([
  [80, 24],
  [120, 40],
])('at %d×%d', (columns, rows) => {
  it('shows the connection, the progress, the counts and the runs', async () => {
    const { terminal } = await start({ columns, rows });
    await terminal.until('61,000 of 100,000');
    // A frame is drawn from top to bottom: what stands above the last runs is there once they are.
    const text = await terminal.until('✓ succeeded');
    for (const words of ['shopsyncd 0.1.0', 'pid 4242', '61 %', '1,250 orders/s', '31 s left', 'next run in']) {
      expect(text).toContain(words);
    }
    expect(text).toMatch(/IN_TRANSIT +9,120/);
    expect(text).toMatch(/✓ succeeded +orders +incremental +schedule/);
    expect(text).toMatch(/✕ incremental run failed 3 min ago, next attempt in [^:]+: TikTok/);
    expect(terminal.lines.at(-1)).toMatch(/^s sync {2}F full resync .* q quit$/);
    expect(terminal.onAlternateScreen).toBe(true);
  });
});

describe('the connection', () => {
  it('comes back when the daemon does, with what is new', async () => {
    const { daemon, terminal } = await start();
    await daemon.kill();
    const away = await terminal.until('◌ reconnecting in');
    expect(away).toContain('data from');
    expect(away).toContain('61,000 of 100,000');
    daemon.status = status({ pid: 4343, streams: [stream({ total: 123_456 })] });
    await daemon.start();
    const back = await terminal.until('pid 4343');
    expect(back).toContain('● connected');
    expect(back).toContain('123,456 stored');
  });

  it('waits for a daemon that is not there yet', async () => {
    const path = join(folder(), 'control.sock');
    const terminal = open(path);
    await terminal.until(/is\s+missing;\s+start\s+one:\s+SHOPSYNC_RPC_SOCKET=\S+\s+shopsyncd/);
    terminal.type('q');
    expect(await terminal.exited).toBe(0);
  });

  it('shows what events tell', async () => {
    const { daemon, terminal } = await start();
    daemon.emit('progress', stream({ run: progress({ done: 77_000, expected: null, etaSeconds: null }) }));
    const text = await terminal.until('77,000 so far');
    expect(text).toContain('estimating');
  });
});

describe('keys', () => {
  it('F and Enter send nothing; F and y start a full resync', async () => {
    const { daemon, terminal } = await start();
    terminal.type('F');
    await terminal.until('100,000 orders in 2,000 requests');
    terminal.type('\r');
    await terminal.until((text) => !text.includes('2,000 requests'));
    terminal.type('F');
    await terminal.until('about 3 min 20 s at the present rate');
    terminal.type('y');
    await terminal.until('orders: started (full)');
    expect(daemon.called('fullResync')).toEqual([{ dryRun: true }, { dryRun: true }, {}]);
  });

  it('Fy and cy typed ahead agree to nothing', async () => {
    const { daemon, terminal } = await start();
    terminal.type('Fy');
    await terminal.until('100,000 orders in 2,000 requests');
    terminal.type('\r');
    await terminal.until((text) => !text.includes('2,000 requests'));
    terminal.type('cy');
    await terminal.until('Cancel this run?');
    expect([daemon.called('fullResync'), daemon.called('cancel')]).toEqual([[{ dryRun: true }], []]);
  });

  it('a and y start an audit', async () => {
    const { daemon, terminal } = await start();
    const audit = { runId: 'u', stream: 'orders', shop: '7000000000001', kind: 'audit', joined: false };
    daemon.scripts.set('audit', () => ({ runs: [audit] }));
    terminal.type('a');
    await terminal.until('Audit all streams?');
    terminal.type('y');
    await terminal.until('orders: started (audit)');
    expect(daemon.called('audit')).toEqual([{}]);
  });

  it('c and y cancel the run under way', async () => {
    const { daemon, terminal } = await start();
    daemon.scripts.set('cancel', () => ({ runs: [] }));
    terminal.type('c');
    await terminal.until('Cancel this run?');
    terminal.type('y');
    await terminal.until('Cancelled at the edge of a page');
    expect(daemon.called('cancel')).toEqual([{ runId: 'run-1' }]);
  });

  it('ss typed ahead is two syncs', async () => {
    const { daemon, terminal } = await start();
    daemon.scripts.set('sync', () => ({ runs: [] }));
    terminal.type('ss');
    await eventually(() => daemon.called('sync').length === 2, 'two calls');
  });

  it('? shows every key, and Esc goes back without leaving', async () => {
    const { terminal } = await start();
    terminal.type('?');
    await terminal.until('the daemon keeps running');
    terminal.type('\u001b');
    await terminal.until('Last runs');
  });

  it.each(['q', '\u0003'])('%j leaves, gives the screen back and says that the daemon keeps running', async (key) => {
    const { terminal } = await start();
    terminal.type(key);
    expect(await terminal.exited).toBe(0);
    await terminal.until('the daemon keeps running');
    expect(terminal.onAlternateScreen).toBe(false);
    expect(terminal.hasCursor).toBe(true);
  });
});

describe('the terminal', () => {
  it('too small is told what is needed, and q still leaves; growing brings everything back', async () => {
    const { terminal } = await start();
    terminal.resize(59, 14);
    await terminal.until('needs 60×15, this is 59×14');
    terminal.resize(60, 15);
    await terminal.until('Last runs');
    terminal.resize(40, 8);
    await terminal.until('this is 40×8');
    terminal.type('q');
    expect(await terminal.exited).toBe(0);
  });

  it('after resizing shows what a fresh start at that size shows', async () => {
    const { daemon, terminal } = await start({ columns: 120, rows: 40 });
    for (const [columns, rows] of [
      [80, 24],
      [61, 16],
      [100, 30],
    ] as const) {
      terminal.resize(columns, rows);
      const fresh = open(daemon.path, { columns, rows });
      await fresh.until('● connected');
      await terminal.until((text) => text.replaceAll(/\d+ s/g, '') === fresh.text.replaceAll(/\d+ s/g, ''));
    }
  });

  it('with CI in its environment is drawn on all the same', async () => {
    const { terminal } = await start({ env: { CI: 'true' } });
    await terminal.until('61,000 of 100,000');
  });

  it('gets no colours with NO_COLOR, and colours without', async () => {
    const colours = /\p{Cc}\[(3[0-7]|9[0-7]|38;)/u;
    const plain = await start({ env: { NO_COLOR: '1' } });
    await plain.terminal.until('61,000 of 100,000');
    expect(plain.terminal.raw).not.toMatch(colours);
    const usual = await start();
    await usual.terminal.until('61,000 of 100,000');
    expect(usual.terminal.raw).toMatch(colours);
  });

  it('is never wiped, nor steered by what the API says', async () => {
    const daemon = await startDaemon(
      status({
        shops: [
          {
            id: '7000000000001',
            name: '\u001b]8;;http://x\u0007\u001b]52;c;aGk=\u0007日本\u001b]8;;\u0007\u202e',
            region: 'JP',
          },
        ],
      }),
    );
    const terminal = open(daemon.path);
    await terminal.until('日本  10 of 50 requests/s');
    expect(terminal.raw).not.toMatch(/\p{Cc}\[[23]J|\p{Cc}\](8|52);|\u202e/u);
  });

  it('T17: tells of a wrong clock with its cure in a line of its own, and takes it away once it is right', async () => {
    const daemon = await startDaemon(status({ clock: { aheadSeconds: -600, ok: false } }));
    const terminal = open(daemon.path);
    await terminal.until('this machine’s clock is 10 min behind TikTok’s: timedatectl set-ntp');
    daemon.status = status();
    await terminal.until((text) => text.includes('10 of 50 requests/s') && !text.includes('this machine’s clock'));
  });

  it('that is dumb gets a line instead of the screen', async () => {
    const terminal = open('/nowhere', { env: { TERM: 'dumb' } });
    expect(await terminal.exited).toBe(3);
    await terminal.until('TERM=dumb');
  });
});

describe('full-resync on a terminal', () => {
  it.each([
    ['\r', 1, 'nothing was started', [{ dryRun: true }]],
    ['y\r', 0, 'started full run', [{ dryRun: true }, {}]],
  ])('asks, and %j is answered', async (keys, exit, words, calls) => {
    const { daemon } = await start();
    const terminal = open(daemon.path, { args: ['full-resync', '--socket', daemon.path] });
    await terminal.until('Start it? [y/N]');
    terminal.type(keys);
    await terminal.until(words);
    expect(await terminal.exited).toBe(exit);
    expect(daemon.called('fullResync')).toEqual(calls);
  });

  it('draws a bar while it waits', async () => {
    const { daemon } = await start();
    daemon.scripts.set('history', () => ({ runs: [] }));
    const terminal = open(daemon.path, { args: ['full-resync', '--yes', '--wait', '--socket', daemon.path] });
    await eventually(() => daemon.called('history').length > 1, 'the client listens');
    daemon.emit('progress', stream({ run: progress({ runId: 'a' }) }));
    await terminal.until(/orders +█+.*61 % {2}61,000 of 100,000/);
    daemon.emit('runs', run({ runId: 'a', kind: 'full' }));
    const text = await terminal.until('orders full succeeded');
    expect(text).not.toContain('61 %');
    expect(await terminal.exited).toBe(0);
  });
});
