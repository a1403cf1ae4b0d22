import { setTimeout } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { Run } from '../../shared/views.ts';
import { Installation } from '../daemon/daemon-process.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { inDatabase, inWorld, integrity, poll, searches, synced } from './world.ts';

const minute = 60_000;
/** Ticks of `* * * * *` that are slept through. */
const intervals = 2;
const patient = { ...poll, timeout: 90_000, interval: 50 };

/** Waits for a moment of a minute, so that no tick falls into what a test does next. Milliseconds. */
const untilIn = (ms: number): Promise<void> => setTimeout((minute + ms - (Date.now() % minute)) % minute);

test(
  `T36: a daemon that stands still for ${intervals} intervals, a request under way, catches up with one run from where it was`,
  { timeout: 400_000 },
  async () => {
    await using sandbox = await startSandbox({ orders: 3000, frozen: true, latencyMs: 10, seed: 21 });
    await using place = new Installation(sandbox);
    const daemon = place.start([], { SHOPSYNC_SCHEDULE_ORDERS: '* * * * *', SHOPSYNC_API_TIMEOUT: '5s' });
    await synced(place, daemon);
    await untilIn(10_000);
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
      await setTimeout(minute);
      sandbox.world.burst(70);
      sandbox.world.place({ still: true });
    }
    // Between two ticks, so that the one that is made up for is told apart from the next usual one.
    await untilIn(15_000);
    expect(searches(sandbox)).toBe(asked + 1);
    process.kill(daemon.pid, 'SIGCONT');
    const woke = Date.now();

    const runs = async (): Promise<Run[]> =>
      (await place.history()).filter(({ runId }) => runId > String(stopped?.['newest']));
    await expect.poll(() => inDatabase(place), patient).toEqual(inWorld(sandbox));
    await expect.poll(async () => (await runs()).every(({ state }) => state !== 'running'), patient).toBe(true);
    expect(Date.now() - woke).toBeLessThan(35_000);
    const caughtUp = await runs();
    expect(caughtUp.map(({ kind, trigger, state }) => [kind, trigger, state])).toEqual([
      ['incremental', 'schedule', 'succeeded'],
    ]);
    expect(Date.parse(caughtUp[0]?.from ?? '')).toBeLessThanOrEqual(freshTo);
    expect((await place.history()).filter(({ state }) => state !== 'succeeded')).toEqual([]);
    expect((await place.status()).streams[0]?.lagSeconds).toBeLessThan(120);

    await expect.poll(async () => (await runs()).length, patient).toBe(2);
    const usual = (await runs())[1];
    expect(Date.parse(usual?.startedAt ?? '') % minute).toBeLessThan(2000);
    expect(integrity(place)).toBe('ok');
  },
);
