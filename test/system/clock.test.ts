import { expect, test } from 'vitest';
import { z } from 'zod';

import * as view from '../../shared/views.ts';
import { Installation } from '../daemon/daemon-process.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { runClient } from '../tui/client-process.ts';
import { MachineClock } from './machine-clock.ts';
import { inDatabase, inWorld, integrity, poll, searches, synced } from './world.ts';

/** Settle and overlap as configured by default: nothing younger may be covered, seconds. */
const strip = 60 + 300;

test.each([
  { api: '10 min ahead', skew: 600 },
  { api: '10 min behind', skew: -600 },
  { api: '1 h ahead', skew: 3600 },
  { api: '1 h behind', skew: -3600 },
])(
  'T17: an API whose clock is $api refuses one request at most; what the slower clock has behind it is stored, no future is covered',
  async ({ skew }) => {
    const serverNow = (): number => Date.now() / 1000 + skew;
    await using sandbox = await startSandbox({ orders: 2000, frozen: true, seed: 11, now: serverNow });
    await using place = new Installation(sandbox);
    const daemon = place.start([], { SHOPSYNC_SCHEDULE_ORDERS: 'off' });
    await synced(place, daemon);
    // The last second that both clocks have behind them: what the API stamps later is read when the slower one is there.
    const behind = Math.min(Date.now() / 1000, serverNow());
    sandbox.world.burst(150, Math.floor(behind) - 1);
    sandbox.world.place({ at: Math.floor(behind) - 1, still: true });
    await place.call('sync', { wait: true });

    const isPast = (line: string): boolean => Number(line.split(' ')[1]) < behind;
    expect(inDatabase(place).filter(isPast)).toEqual(inWorld(sandbox).filter(isPast));
    const [covered] = place.rows('select max(to_time) as last, min(from_time) as first from coverage');
    expect(Number(covered?.['last'])).toBeLessThanOrEqual(serverNow() - strip);
    expect(Number(covered?.['last'])).toBeGreaterThan(behind - strip - 30);

    const { paths } = sandbox.requests.toJSON();
    const refused = Object.values(paths).reduce((sum, { failed }) => sum + failed, 0);
    expect(refused).toBeLessThanOrEqual(1);
    expect((await place.history()).map(({ state }) => state)).not.toContain('failed');
  },
);

const health = z.object({ ok: z.boolean(), checks: z.array(view.check) });
const warnings = (log: readonly Record<string, unknown>[]): unknown[] =>
  log.filter(({ level, msg }) => level === 'warn' && String(msg).includes('clock')).map(({ msg }) => msg);

test('T17: a machine 10 min behind says so in its log, status, health and to a person, once, and until it is set', async () => {
  await using sandbox = await startSandbox({ orders: 2000, frozen: true, seed: 11 });
  await using place = new Installation(sandbox);
  const clock = new MachineClock(place, -600);
  const daemon = place.start([], { ...clock.env, SHOPSYNC_SCHEDULE_ORDERS: 'off' });
  await synced(place, daemon);
  const late = sandbox.world.place({ still: true });
  await place.call('sync', { wait: true });
  expect(inDatabase(place).some((line) => line.startsWith(late))).toBe(false);

  const { clock: told, streams } = await place.status();
  expect(told.ok).toBe(false);
  expect(Math.abs((told.aheadSeconds ?? 0) + 600)).toBeLessThanOrEqual(2);
  expect(streams[0]?.lagSeconds).toBeGreaterThanOrEqual(600);
  const checks = health.parse(await place.call('health'));
  expect(checks.ok).toBe(false);
  expect(checks.checks.find(({ name }) => name === 'clock')?.detail).toContain('are not read until it is set');
  const { stdout } = await runClient(['status', '--socket', place.socket], { env: place.env });
  expect(stdout).toMatch(/this machine’s clock is (10|9) min behind TikTok’s: timedatectl set-ntp true/);

  await clock.set(daemon, 0);
  await expect.poll(async () => (await place.status()).clock.ok, poll).toBe(true);
  await place.call('sync', { wait: true });
  expect(inDatabase(place)).toEqual(inWorld(sandbox));
  expect((await place.status()).streams[0]?.lagSeconds).toBeLessThan(65);
  expect(health.parse(await place.call('health')).ok).toBe(true);
  expect(warnings(daemon.log)).toEqual([
    expect.stringContaining('behind TikTok’s'),
    'this machine’s clock is right again',
  ]);
});

test.each([
  { by: 3600, what: 'first sync' },
  { by: -3600, what: 'first sync' },
  { by: 3600, what: 'full resync' },
  { by: -3600, what: 'full resync' },
])('T17: the clock of a machine jumps by $by s in the middle of a $what', async ({ by, what }) => {
  await using sandbox = await startSandbox({ orders: 5000, frozen: true, latencyMs: 10, seed: 12 });
  await using place = new Installation(sandbox);
  const clock = new MachineClock(place, 0);
  const exactly = { SHOPSYNC_SCHEDULE_ORDERS: '* * * * *', SHOPSYNC_SCHEDULE_ADAPTIVE: 'false' };
  const daemon = place.start([], { ...clock.env, ...exactly });
  const pages = 5000 / 100;
  if (what === 'full resync') {
    await synced(place, daemon);
    await place.call('fullResync');
  }
  const from = searches(sandbox);
  await expect.poll(() => searches(sandbox), { ...poll, interval: 2 }).toBeGreaterThan(from + pages / 3);
  await clock.set(daemon, by);
  sandbox.world.burst(150);
  // By a clock that is behind, what is younger than it was not read late enough to count: the copy may stay incomplete.
  await expect.poll(async () => (await place.status()).streams[0]?.run, poll).toBeNull();
  expect(searches(sandbox) - from).toBeLessThan(pages * 1.2);

  await clock.set(daemon, 0);
  await place.call('sync', { wait: true });
  await synced(place, daemon);
  expect(inDatabase(place)).toEqual(inWorld(sandbox));
  const [covered] = place.rows('select max(to_time) as last from coverage');
  expect(Number(covered?.['last'])).toBeLessThanOrEqual(Date.now() / 1000 - strip);
  const runs = await place.history();
  expect(runs.filter(({ state }) => state !== 'succeeded')).toEqual([]);
  // No storm: what the jump let pass made one tick at most.
  expect(runs.length).toBeLessThanOrEqual(6);
  expect(integrity(place)).toBe('ok');
});
