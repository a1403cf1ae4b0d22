import { describe, expect, it, vi } from 'vitest';

import type { Audited, Run } from '../../shared/run-views.ts';
import { auditNumbers, foundDrift, leftDrift } from '../../tui/audit-words.ts';
import { ClientProcess, eventually, runClient } from './client-process.ts';
import type { FakeDaemon } from './fake-daemon.ts';
import { startDaemon } from './room.ts';
import { audited, failure, mended, progress, run, stream, unmended } from './samples.ts';

vi.setConfig({ testTimeout: 30_000 });

const accepted = { runId: 'run-1', stream: 'orders', shop: '7000000000001', kind: 'audit', joined: false };
const ended = (audit: Audited, over: Partial<Run> = {}): Run => run({ kind: 'audit', requests: 61, audit, ...over });

const auditing = async (...runs: readonly Run[]): Promise<FakeDaemon> => {
  const daemon = await startDaemon();
  daemon.scripts.set('audit', () => ({
    runs: runs.map(({ runId, stream: name }) => ({ ...accepted, runId, stream: name })),
  }));
  daemon.scripts.set('history', () => ({ runs }));
  return daemon;
};

const wait = async (daemon: FakeDaemon, ...args: readonly string[]) =>
  await runClient(['audit', '--wait', ...args, '--socket', daemon.path]);

describe('audit', () => {
  it('without --wait says what was accepted', async () => {
    const daemon = await auditing(run({ kind: 'audit', state: 'running', finishedAt: null }));
    const { status, stdout, stderr } = await runClient(['audit', 'orders', '--socket', daemon.path]);
    expect([status, stdout, stderr]).toEqual([0, 'Demo shop: orders: started audit run run-1\n', '']);
  });

  it('--wait ends with the statement alone where all is as at TikTok', async () => {
    const { status, stdout, stderr } = await wait(await auditing(ended(audited())));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe('Demo shop: orders: as of 2026-11-22 03:15:10Z: 100,000 of 100,000 orders, 0 stale\n');
  });

  it('--wait adds the numbers of what was found and repaired, which is a success', async () => {
    const { status, stdout, stderr } = await wait(await auditing(ended(mended({ statement: 'all mended' }))));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      'Demo shop: orders: all mended\n  3 of 32 spans drifted, 3 repaired: 10 missing, 7 stale, in 61 requests\n',
    );
  });

  it('--wait ends with 1 where only a part could be compared, and says so', async () => {
    const daemon = await auditing(ended(audited({ ok: false, whole: false, statement: 'compared since today' })));
    const { status, stdout, stderr } = await wait(daemon);
    expect([status, stdout]).toEqual([1, 'Demo shop: orders: compared since today\n']);
    expect(stderr).toBe(
      'shopsync: only a part was compared: Demo shop: orders (audit again when everything has been read once)\n',
    );
  });

  it.each([
    ['spans that stayed as they were', unmended(), [], 'run it again: it cuts the spans elsewhere'],
    [
      'what could not be told',
      audited({ ok: false, drifted: 1, undecided: 1 }),
      [],
      'run it again: it cuts the spans elsewhere',
    ],
    ['--no-repair', mended({ ok: false, repaired: 0 }), ['--no-repair'], 'without --no-repair it is repaired'],
    [
      '--no-repair, found beside the spans',
      audited({ ok: false, stale: 1 }),
      ['--no-repair'],
      'without --no-repair it is',
    ],
  ] as const)('--wait ends with 1 and its result all the same after %s', async (_, audit, args, cure) => {
    const daemon = await auditing(ended(audit));
    const { status, stdout, stderr } = await wait(daemon, ...args);
    expect(status).toBe(1);
    expect(stdout).toContain(`Demo shop: orders: ${audit.statement}\n`);
    expect(stderr).toMatch(/^shopsync: drift was found and not repaired: Demo shop: orders \([^\n]+\)\n$/);
    expect(stderr).toContain(cure);
    const raw = await wait(daemon, ...args, '--json');
    expect(raw.status).toBe(1);
    expect(JSON.parse(raw.stdout)).toMatchObject({ runs: [{ runId: 'run-1', audit: { drifted: audit.drifted } }] });
  });

  it('--wait is a success where all that differs is no more at TikTok: that is kept', async () => {
    const daemon = await auditing(ended(audited({ drifted: 1, onlyLocal: 1 })));
    for (const args of [[], ['--no-repair']]) {
      const { status, stdout } = await wait(daemon, ...args);
      expect([status, stdout]).toEqual([0, expect.stringContaining('1 of 32 spans drifted, 0 repaired: 1 only here')]);
    }
  });

  it('names of several only those that are not as at TikTok', async () => {
    const daemon = await auditing(ended(audited()), ended(unmended(), { runId: 'run-2', stream: 'returns' }));
    const { status, stdout, stderr } = await wait(daemon);
    expect([status, stdout.trimEnd().split('\n').length]).toEqual([1, 3]);
    expect(stderr).toMatch(/not repaired: Demo shop: returns \(/);
  });

  it.each([
    ['api', 1],
    ['not_authorized', 6],
  ])('a run that failed with %s ends it with %d and no result', async (code, exit) => {
    const failed = run({ kind: 'audit', state: 'failed', error: failure({ code, kind: 'audit' }) });
    const { status, stdout, stderr } = await wait(await auditing(failed));
    expect([status, stdout]).toEqual([exit, '']);
    expect(stderr).toMatch(/^shopsync: Demo shop: orders audit failed after [^\n]+\n$/);
  });

  it('tells in a log how far it is', async () => {
    const open = run({ kind: 'audit', state: 'running', finishedAt: null });
    const daemon = await auditing(open);
    const client = new ClientProcess(['audit', '--wait', '--socket', daemon.path]);
    await eventually(() => daemon.called('history').length > 0, 'a look into the history');
    const telling = setInterval(
      () => daemon.emit('progress', stream({ run: progress({ kind: 'audit', done: 12, expected: 40, requests: 18 }) })),
      50,
    );
    await eventually(() => client.stderr !== '', 'a line of progress').finally(() => clearInterval(telling));
    daemon.emit('runs', ended(audited()));
    const { status, stderr } = await client.ended;
    expect(status).toBe(0);
    expect(stderr).toBe('Demo shop: orders audit: 12 of 40 steps (30 %), 18 requests, 31 s left\n');
  });
});

describe('what an audit found', () => {
  it.each([
    ['nothing', audited(), false, false],
    ['what it mended', mended(), true, false],
    ['stale ones beside the spans, mended', audited({ stale: 2 }), true, false],
    ['what is no more at TikTok', audited({ drifted: 1, onlyLocal: 1 }), true, false],
    ['what is no more at TikTok, and more', audited({ ok: false, drifted: 3, repaired: 1, onlyLocal: 1 }), true, true],
    ['what it could not tell', audited({ ok: false, undecided: 1 }), true, true],
    ['nothing in the part that it compared', audited({ ok: false, whole: false }), false, true],
    ['times in the future, which is no drift', audited({ future: 3 }), false, false],
  ])('%s', (_, audit, found, left) => {
    expect([foundDrift(audit), leftDrift(audit)]).toEqual([found, left]);
  });

  it('is told without what there is none of', () => {
    expect(auditNumbers(audited({ drifted: 1, onlyLocal: 1200, future: 1, undecided: 1 }))).toBe(
      '1 of 32 spans drifted, 0 repaired: 1,200 only here, 1 with an update time in the future, 1 span undecided',
    );
  });
});

describe('history', () => {
  it('tells what audits found and which statuses a run read', async () => {
    const daemon = await auditing(ended(audited()), run({ runId: 'p', kind: 'partial', statuses: ['ON_HOLD'] }));
    const { stdout } = await runClient(['history', '--kind', 'audit', '--socket', daemon.path]);
    expect(stdout).toMatch(/ NOTE\n/);
    expect(stdout).toMatch(/ audit .* as of 2026-11-22 03:15:10Z: 100,000 of 100,000 orders, 0 stale\n/);
    expect(stdout).toMatch(/ partial .* ON_HOLD\n/);
  });
});
