import { expect, test } from 'vitest';

import type { Run } from '../../shared/run-views.ts';
import { Installation } from '../daemon/daemon-process.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { inDatabase, inWorld, poll } from './world.ts';

const orders = 100_000;
/** Orders that come with one answer at most: no engine can need fewer requests than this makes. */
const perPage = 100;
const hour = 3600;
const day = 24 * hour;
/** Requests a second. */
const rate = 10;
/** The older dashboard reads everything again at every refresh, 50 orders a page. */
const older = { requests: orders / 50, seconds: orders / 50 / rate };

const words = (value: number): string => value.toLocaleString('en-US');

/** Every request that came in since the counters were set to nothing: those about orders, and all. */
function counted({ requests }: Sandbox): { readonly forOrders: number; readonly all: number } {
  const paths = Object.entries(requests.toJSON().paths);
  const sum = (counts: typeof paths): number => counts.reduce((total, [, { total: own }]) => total + own, 0);
  return { forOrders: sum(paths.filter(([path]) => path.startsWith('/order/'))), all: sum(paths) };
}

/** New orders and old ones that move on, spread over the last hour. `now` in unix seconds. */
function change({ world }: Sandbox, changes: number, now: number): void {
  const open = [...world.orders()].filter(({ status }) => !['COMPLETED', 'CANCELLED'].includes(status));
  for (let i = 0; i < changes; i += 1) {
    const at = Math.floor(now - hour + ((i + 1) * (hour - 60)) / (changes + 1));
    const order = i % 2 === 0 ? open.shift() : undefined;
    if (order === undefined) world.place({ at, still: true });
    else world.move(order.id, undefined, { at, still: true });
  }
}

test('requests of a shop of 100,000 orders: 1,060 at most for all of it, 2, 2 and 7 for 0, 50 and 500 changes, and a normal day is read in 5 s', async () => {
  /** The shop's clock lies in the past, so that time can pass while no daemon runs. Seconds. */
  let behind = day + 3 * hour;
  const now = (): number => Date.now() / 1000 - behind;
  await using sandbox = await startSandbox({ orders, frozen: true, warm: true, latencyMs: 100, seed: 3, now });
  await using place = new Installation(sandbox);

  /** A daemon is started, the run that it begins by itself is waited for, and it is stopped. */
  const refresh = async (env: Readonly<Record<string, string>> = {}) => {
    sandbox.requests.reset();
    const began = performance.now();
    const daemon = place.start([], { SHOPSYNC_SCHEDULE_ORDERS: 'off', ...env });
    await expect
      .poll(() => !daemon.isRunning || daemon.stdout.includes(' run succeeded'), { ...poll, timeout: 180_000 })
      .toBe(true);
    const seconds = (performance.now() - began) / 1000;
    expect(daemon.isRunning, daemon.stderr).toBe(true);
    const run: Run | undefined = (await place.history()).at(-1);
    await daemon.kill('SIGTERM');
    expect(inDatabase(place)).toEqual(inWorld(sandbox));
    const { forOrders, all } = counted(sandbox);
    expect(run?.requests).toBe(forOrders);
    // The start asks which shops there are, twice when the clocks differ by hours.
    expect(all - forOrders).toBeLessThanOrEqual(2);
    return { kind: run?.kind, changed: (run?.inserted ?? 0) + (run?.updated ?? 0), requests: forOrders, seconds };
  };

  const whole = await refresh();
  console.log(`full run of ${words(orders)} orders: ${words(whole.requests)} requests`);
  expect(whole).toMatchObject({ kind: 'full', changed: orders });
  expect(whole.requests).toBeGreaterThanOrEqual(orders / perPage);
  expect(whole.requests).toBeLessThanOrEqual(1060);

  for (const { changes, most } of [
    { changes: 0, most: 2 },
    { changes: 50, most: 2 },
    { changes: 500, most: 7 },
  ]) {
    behind -= hour;
    change(sandbox, changes, now());
    const { kind, changed, requests } = await refresh();
    console.log(`incremental run with ${changes} changes: ${requests} requests`);
    expect({ kind, changed }).toEqual({ kind: 'incremental', changed: changes });
    expect(requests).toBeLessThanOrEqual(most);
  }

  sandbox.freeze(false);
  behind -= day;
  const afterDay = await refresh({ SHOPSYNC_API_REQUESTS_PER_SECOND: String(rate) });
  console.log(
    `refresh after a normal day: ${words(afterDay.changed)} orders changed, ${afterDay.requests} requests, ` +
      `${afterDay.seconds.toFixed(1)} s with the start of the daemon; the older dashboard: ` +
      `${words(older.requests)} requests, ${older.seconds} s (${Math.floor(older.requests / afterDay.requests)} times as many)`,
  );
  expect(afterDay.kind).toBe('incremental');
  expect(afterDay.changed).toBeGreaterThan(500);
  expect(sandbox.requests.toJSON().peakPerSecond).toBeLessThanOrEqual(rate + 1);
  expect(afterDay.seconds).toBeLessThan(5);
});
