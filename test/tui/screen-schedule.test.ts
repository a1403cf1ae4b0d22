import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { eventually } from './client-process.ts';
import { startDaemon } from './room.ts';
import { lastAudit, mended, progress, run, status, stream, unmended } from './samples.ts';
import { Terminal, type TerminalOptions } from './terminal.ts';

vi.setConfig({ testTimeout: 30_000 });

const open = (path: string, options: Partial<TerminalOptions> = {}): Terminal => {
  const terminal = new Terminal({ args: ['--socket', path], ...options });
  onTestFinished(() => terminal.kill());
  return terminal;
};

describe('the schedule and the audit', () => {
  const reason = 'about 42 orders an hour now: every 8 minutes, between the ticks of */15 * * * *';

  it('at 120×40 every stream has its reason whole and its audit, and one under way is told by its kind', async () => {
    const daemon = await startDaemon(
      status({
        streams: [
          stream({ nextRunReason: reason, audit: lastAudit() }),
          stream({ stream: 'returns', audit: lastAudit(mended({ statement: '10 were missing, mended' })) }),
          stream({ stream: 'products', run: progress({ kind: 'audit', done: 12, expected: 40 }) }),
        ],
      }),
    );
    daemon.scripts.set('history', () => ({
      runs: [run({ kind: 'audit', audit: unmended() }), run({ runId: 'p', kind: 'partial', statuses: ['ON_HOLD'] })],
    }));
    const terminal = open(daemon.path, { columns: 120, rows: 40 });
    const text = (await terminal.until('ON_HOLD')).replaceAll(/\s+/g, ' ');
    for (const words of [
      `(${reason})`,
      'audited 5 h ago: 100,000 of 100,000 orders, 0 stale',
      '≠ audited 5 h ago: 10 were missing, mended',
      '▶ audit ███',
      '12 of 40 steps 1,220 requests',
      '10 missing, 7 stale',
    ])
      expect(text).toContain(words);
  });

  it('at 80×24 what is selected has its reason whole, and drift that was not mended is told of every stream', async () => {
    const drifting = lastAudit(unmended());
    const daemon = await startDaemon(
      status({
        streams: ['orders', 'products', 'returns'].map((name) =>
          stream({ stream: name, nextRunReason: reason, audit: name === 'returns' ? drifting : lastAudit() }),
        ),
      }),
    );
    const terminal = open(daemon.path);
    await terminal.until('≠ audited 5 h ago: 10 missing, 7 stale');
    expect(terminal.text).not.toContain(reason.slice(-20));
    terminal.type('\u001b[B');
    const text = await terminal.until((shown) => shown.replaceAll(/\s+/g, ' ').includes(reason));
    expect(text.replaceAll(/\s+/g, ' ')).toContain('audited 5 h ago: 100,000 of 100,000 orders, 0 stale');
    expect(text).toMatch(/AWAITING_SHIPMENT +4,210/);
    expect(text).toContain('Last runs');
  });
});

it('audit --wait on a terminal draws a bar for each audit under way, and how many there are', async () => {
  const daemon = await startDaemon();
  const kind = 'audit';
  const runs = ['orders', 'products'].map((name) => run({ runId: name, stream: name, kind }));
  daemon.scripts.set('audit', () => ({ runs: runs.map((one) => ({ ...one, joined: false })) }));
  const terminal = open(daemon.path, { args: ['audit', '--wait', '--socket', daemon.path] });
  await eventually(() => daemon.called('history').length > 1, 'the client listens');
  const telling = setInterval(() => {
    for (const { stream: name } of runs)
      daemon.emit('progress', stream({ stream: name, run: progress({ kind, runId: name, done: 12, expected: 40 }) }));
  }, 50);
  onTestFinished(() => clearInterval(telling));
  await terminal.until('0 of 2 audits ended, 24 steps done');
  await terminal.until(/products +█+.* 30 % {2}12 of 40 steps {2}1,220 requests/);
  clearInterval(telling);
  for (const one of runs) daemon.emit('runs', { ...one, audit: mended() });
  const text = await terminal.until('products: as of 2026-11-22');
  expect(text).not.toContain('steps');
  expect(await terminal.exited).toBe(0);
});
