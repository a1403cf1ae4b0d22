import { setTimeout } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { Run } from '../../shared/run-views.ts';
import { Installation } from '../daemon/daemon-process.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { inDatabase, inWorld, integrity, poll, searches, synced } from './world.ts';

const minute = 60_000;
/** Ticks of `* * * * *` that are slept through: two, so that one run for all of them is told apart from one for each. */
const intervals = 2;
const patient = { ...poll, timeout: 40_000, interval: 50 };
const phase = (): number => Date.now() % minute;

test(
  `T36: a daemon that stands still for ${intervals} ticks, a request under way, catches up with one run from where it was`,
  { timeout: 240_000 },
  async () => {
    await using sandbox = await startSandbox({ orders: 3000, frozen: true, latencyMs: 10, seed: 21 });
    await using place = new Installation(sandbox);
    const exactly = { SHOPSYNC_SCHEDULE_ORDERS: '* * * * *', SHOPSYNC_SCHEDULE_ADAPTIVE: 'false' };
    const daemon = place.start([], { ...exactly, SHOPSYNC_API_TIMEOUT: '5s' });
    await synced(place, daemon);
    // No tick may fall into what comes next, before the daemon stands still.
    if (phase() > 50_000) await setTimeout(minute + 1000 - phase());
    const [stream] = (await place.status()).streams;
    const freshTo = Date.parse(stream?.freshTo ?? '');

    // The answer comes while the daemon cannot take it, and long before it could have given up.
    sandbox.faults.add({ kind: 'slow', ms: 2000, times: 1 });
    sandbox.world.burst(150);
    const asked = searches(sandbox);
    await place.call('sync');
    await expect.poll(() => searches(sandbox), poll).toBe(asked + 1);
    process.kill(daemon.pid, 'SIGSTOP');
    const [stopped] = place.rows('select max(id) as newest from sync_runs');
    for (let i = 0; i < intervals; i++) {
      // Between two ticks, so that the one that is made up for is told apart from the next usual one.
      await setTimeout(minute + 3000 - phase());
      sandbox.world.burst(70);
      sandbox.world.place({ still: true });
    }
    expect(searches(sandbox)).toBe(asked + 1);
    process.kill(daemon.pid, 'SIGCONT');
    const woke = Date.now();

    const runs = async (): Promise<Run[]> =>
      (await place.history()).filter(({ runId }) => runId > String(stopped?.['newest']));
    await expect.poll(() => inDatabase(place), patient).toEqual(inWorld(sandbox));
    await expect.poll(async () => (await runs()).every(({ state }) => state !== 'running'), patient).toBe(true);
    expect(Date.now() - woke).toBeLessThan(35_000);
    // No other follows it until the next tick, which is the usual one.
    const told = (await place.status()).streams[0];
    expect(Date.parse(told?.nextRunAt ?? '')).toBe(woke - (woke % minute) + minute);
    await setTimeout(5000);
    const caughtUp = await runs();
    expect(caughtUp.map(({ kind, trigger, state }) => [kind, trigger, state])).toEqual([
      ['incremental', 'schedule', 'succeeded'],
    ]);
    expect(Date.parse(caughtUp[0]?.from ?? '')).toBeLessThanOrEqual(freshTo);
    expect((await place.history()).filter(({ state }) => state !== 'succeeded')).toEqual([]);
    expect((await place.status()).streams[0]?.lagSeconds).toBeLessThan(120);
    expect(integrity(place)).toBe('ok');
  },
);
