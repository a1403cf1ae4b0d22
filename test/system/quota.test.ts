import { expect, test } from 'vitest';

import { Installation } from '../daemon/daemon-process.ts';
import { backfillByQuota } from '../daemon/sync/quota-world.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { runClient } from '../tui/client-process.ts';
import { listening, poll } from './world.ts';

const orders = 100_000;
const interval = 900;
const hour = 3600;
/** From the start of these worlds to midnight UTC. */
const toMidnight = 8 * hour;

/** How long it takes, seconds from least to most: the nights, and some minutes in which a day’s share is read. */
test.each([
  { perDay: 1500, days: 1, took: [0, 0.1 * hour] as const },
  { perDay: 600, days: 3, took: [toMidnight + 24 * hour, toMidnight + 24.1 * hour] as const },
])(
  'T23: a backfill of 100,000 orders with $perDay requests a day ends on day $days as told in advance (± 10 %), and what is new is there within 2 intervals on each day',
  async ({ perDay, took: [least, most] }) => {
    const seen = await backfillByQuota({ orders, perDay, interval });
    const { estimate, took, sentByDay, delays } = seen;
    console.log(
      `${perDay} a day: told ${estimate.seconds} s, took ${took.toFixed(0)} s; ${seen.etasTold} ETAs were off by ${(seen.etaOff * 100).toFixed(2)} % at most; ` +
        `requests by day ${JSON.stringify(sentByDay)}; longest delay by day, s: ${JSON.stringify(delays)}`,
    );
    expect(seen.run).toMatchObject({ kind: 'full', state: 'succeeded', inserted: orders });
    expect(seen.failed).toEqual([]);
    expect(took).toBeGreaterThanOrEqual(least);
    expect(took).toBeLessThanOrEqual(most);
    expect(seen.estimateOff).toBeLessThan(0.1);
    expect(seen.etasTold).toBeGreaterThan(5);
    expect(seen.etaOff).toBeLessThan(0.1);
    expect(Math.max(...Object.values(delays))).toBeLessThanOrEqual(2 * interval);
    expect(seen.lost).toBe(0);
    expect(Math.max(...Object.values(sentByDay))).toBeLessThanOrEqual(perDay);
  },
);

test('T23: a person who asks reads until when history waits for the quota, and how long the rest takes', async () => {
  await using sandbox = await startSandbox({ orders: 10_000, frozen: true });
  await using place = new Installation(sandbox);
  const daemon = place.start([], { SHOPSYNC_SCHEDULE_ORDERS: 'off', SHOPSYNC_API_REQUESTS_PER_DAY: '50' });
  await listening(daemon);
  const ask = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await runClient([...args, '--socket', place.socket], { env: place.env });
    expect(status, stderr).toBe(0);
    return stdout;
  };
  await expect.poll(async () => (await place.status()).api[0]?.throttledUntil ?? null, poll).toMatch(/T00:00:00/);
  const report = await ask('status');
  const lines = report.split('\n').filter((line) => /^api |^ {2}run /.test(line));
  const estimate = await ask('full-resync', '--dry-run');
  console.log([...lines, estimate.trim()].join('\n'));
  expect(report).toMatch(/of 50 today, history waiting for quota until 00:00Z, in /);
  // 40 requests a day for about 105, the first 40 of them sent: the run waits for two midnights, and so does who joins.
  expect(report).toMatch(/requests, [12] d\b.* left/);
  expect(estimate).toMatch(/a full run is under way, .*about [12] d\b/s);
  const id = sandbox.world.place({ still: true });
  await ask('sync', 'orders', '--wait');
  expect(place.rows(`select id from orders where id = '${id}'`)).toHaveLength(1);
});
