import { describe, expect, it, vi } from 'vitest';

import type { Schedule } from '../../shared/schedule-views.ts';
import { scheduleReport } from '../../tui/schedule-report.ts';
import { runClient } from './client-process.ts';
import { startDaemon } from './room.ts';
import { schedules, status, stream } from './samples.ts';

vi.setConfig({ testTimeout: 30_000 });

const row = (over: Partial<Schedule> = {}): Schedule => ({
  shop: '7000000000001',
  stream: 'orders',
  kind: 'incremental',
  pattern: '*/15 * * * *',
  timeZone: 'Europe/London',
  nextRunAt: '2026-11-22T10:00:00Z',
  reason: 'cron */15 * * * *, Europe/London',
  ...over,
});

const nowMs = Date.parse('2026-11-22T09:52:00Z');
const report = (of = schedules({ schedules: [row()] })): string =>
  scheduleReport(of, status().shops, nowMs, (_, text) => text).join('\n');

describe('the schedule', () => {
  it('is a table of every kind of run with its next one, and the whole reason', () => {
    const reason = 'about 0.3 orders an hour at this time: 2 ticks of */15 * * * * are left out';
    const waits = 'waits for the quiet hours 01:00-06:00, Europe/London';
    const text = report(
      schedules({
        schedules: [
          row({ reason }),
          row({ kind: 'audit', pattern: '15 3 * * *', reason: waits }),
          row({ kind: 'recheck', pattern: null, nextRunAt: '2026-11-23T01:00:00Z' }),
          row({ kind: 'full', pattern: null, nextRunAt: null, reason: 'the schedule is off' }),
        ],
      }),
    );
    const lines = text.split('\n').slice(-5);
    expect(lines[0]).toMatch(/^SHOP +STREAM +KIND +CRON +TIME ZONE +NEXT RUN +IN +WHY$/);
    expect(lines[1]).toMatch(/^7000000000001 Demo shop +orders +sync +\*\/15 \* \* \* \* +Europe\/London +/);
    expect(lines[1]).toContain(`2026-11-22 10:00Z  8 min       ${reason}`);
    expect(lines[2]).toMatch(/orders +audit +15 3 \* \* \* .* waits for the quiet hours 01:00-06:00, Europe\/London$/);
    expect(lines[3]).toMatch(/orders +recheck +daily +Europe\/London +2026-11-23 01:00Z +15 h 8 min /);
    expect(lines[4]).toMatch(/orders +full +off +Europe\/London +– +the schedule is off$/);
  });

  it('says whether it is adaptive and when heavy work may start', () => {
    expect(report()).toMatch(/^Adaptive: /);
    expect(report()).toContain('quiet hours 01:00-06:00');
    const exact = report(schedules({ adaptive: false, quietHours: null }));
    expect(exact).toMatch(/^Not adaptive: /);
    expect(exact).toContain('heavy work may start at any time');
    expect(exact).toContain('No shop is known yet.');
  });

  it('names what was set by hand as the configuration does, and how it is taken back', () => {
    expect(report()).not.toContain('by hand');
    const set = { quietHours: '22:00-05:00', orders: 'off', adaptive: false, audit: null };
    expect(report(schedules({ set }))).toContain(
      'Set by hand: quiet_hours 22:00-05:00, orders off, adaptive false; to take one back: shopsync schedule set KEY default',
    );
  });
});

describe('shopsync schedule', () => {
  it('of a daemon from before an upgrade tells what that tells, and so does status', async () => {
    const { audit: _audit, ...plain } = stream();
    const daemon = await startDaemon();
    daemon.scripts.set('status', () => ({ ...status(), streams: [plain] }));
    const { kind: _kind, ...untold } = row();
    daemon.scripts.set('schedule.get', () => ({ paused: false, pausedAt: null, schedules: [untold] }));
    const { stdout } = await runClient(['schedule', '--socket', daemon.path]);
    expect(stdout).toMatch(/^7000000000001 Demo shop +orders .* cron \*\/15 \* \* \* \*, Europe\/London$/m);
    expect(stdout).not.toMatch(/adaptive|quiet|by hand/i);
    const told = await runClient(['status', '--socket', daemon.path]);
    expect([told.status, told.stderr]).toEqual([0, '']);
    expect(told.stdout).toContain('100,000');
  });

  it('says first that nothing starts by itself, and so does status', async () => {
    const pausedAt = '2026-11-22T09:00:00Z';
    const daemon = await startDaemon(status({ paused: { since: pausedAt } }));
    const waits = [row({ nextRunAt: null, reason: 'paused' })];
    daemon.scripts.set('schedule.get', () => schedules({ paused: true, pausedAt, schedules: waits }));
    const { stdout } = await runClient(['schedule', '--socket', daemon.path]);
    expect(stdout).toMatch(/^Paused since 2026-11-22 09:00Z; to go on: shopsync resume\n/);
    expect(stdout).toMatch(/^7000000000001 Demo shop +orders +sync .* paused$/m);
    expect((await runClient(['status', '--socket', daemon.path])).stdout).toContain('paused since 2026-11-22 09:00Z');
  });

  it('set prints the schedule that comes of it, and refuses half a pattern before anything is asked', async () => {
    const daemon = await startDaemon();
    daemon.scripts.set('schedule.set', () => schedules({ set: { orders: '*/5 * * * *' }, schedules: [row()] }));
    const set = await runClient(['schedule', 'set', 'orders', '*/5 * * * *', '--socket', daemon.path]);
    expect([set.status, set.stderr]).toEqual([0, '']);
    expect(set.stdout).toContain('Set by hand: orders */5 * * * *;');
    expect(set.stdout).toMatch(/^7000000000001 Demo shop +orders +sync /m);
    const half = await runClient(['schedule', 'set', 'orders', '*/5', 'LICENSE', '--socket', daemon.path]);
    expect([half.status, half.stdout]).toEqual([3, '']);
    expect(half.stderr).toContain('in quotes, as in shopsync schedule set orders "*/5 * * * *"');
    expect(daemon.called('schedule.set')).toHaveLength(1);
  });
});
