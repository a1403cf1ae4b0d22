import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { Installation } from '../daemon/daemon-process.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { listening, poll } from './world.ts';

/** Requests a second: faster than TikTok documents, so that a first sync of the larger shop takes half a minute. */
const rate = 100;

/** The most memory that a daemon ever held, from its start through the first sync of so many orders, MiB. */
async function peakOf(orders: number): Promise<number> {
  await using sandbox = await startSandbox({ orders, frozen: true, rate, latencyMs: 20, seed: 3 });
  await using place = new Installation(sandbox);
  const daemon = place.start([], { SHOPSYNC_API_REQUESTS_PER_SECOND: String(rate), SHOPSYNC_SCHEDULE_ORDERS: 'off' });
  await listening(daemon);
  await expect
    .poll(async () => (await place.status()).streams[0]?.lastSyncTime ?? null, {
      ...poll,
      timeout: 180_000,
      interval: 200,
    })
    .not.toBeNull();
  expect(place.rows('select count(*) as n from orders')).toEqual([{ n: sandbox.world.size }]);
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1];
  return Number(peak) / 1024;
}

test('rule 11, T32: ten times the orders take no more memory, and a first sync stays below 300 MiB', async () => {
  const [small, large] = [await peakOf(20_000), await peakOf(200_000)];
  console.log(`peak of the daemon: ${small.toFixed(0)} MiB for 20,000 orders, ${large.toFixed(0)} MiB for 200,000`);
  expect(large).toBeLessThan(300);
  expect(large - small).toBeLessThan(60);
}, 300_000);
