import { describe, expect, test } from 'vitest';

import { SEARCH, taxonomyWorld } from './taxonomy-world.ts';
import { WireTimers } from './wire-timers.ts';

const RATE = 3;
const WORKERS = 8;

/** Eight workers that ask without pause for so many seconds of the server's time. */
async function storm(retryAfter: number | null) {
  const timers = new WireTimers();
  const world = await taxonomyWorld({
    timers,
    requestsPerSecond: 10,
    sandbox: { rate: RATE, orders: 10 },
    onAttempt: timers.answered,
  });
  // The shops were read while nobody counted.
  timers.sent();
  const failures: unknown[] = [];
  const work = async (seconds: number) => {
    const end = timers.now() + seconds * 1000;
    const before = world.sandbox.requests.of(SEARCH);
    await timers.until(
      Promise.all(
        Array.from({ length: WORKERS }, async () => {
          while (timers.now() < end) {
            await world.search(undefined, { priority: 'history', onAttempt: timers.sent }).catch((error: unknown) => {
              failures.push(error);
            });
          }
        }),
      ),
    );
    const after = world.sandbox.requests.of(SEARCH);
    const took = (timers.now() - end) / 1000 + seconds;
    return {
      perSecond: (after.ok - before.ok) / took,
      refused: (after.throttled - before.throttled) / (after.total - before.total),
      requests: after.total - before.total,
      took,
    };
  };
  const { faults, requests } = world.sandbox;
  const some = () => faults.add({ kind: '429', probability: 0.3, retryAfter, match: SEARCH });
  const all = () => faults.add({ kind: '429', seconds: 120, retryAfter, match: SEARCH });
  return { ...world, work, failures, faults, requests, some, all };
}

describe.each([
  ['with Retry-After', 1],
  ['without Retry-After', null],
])('T22: 429 %s', (_, retryAfter) => {
  test('a client that starts at 10 a second keeps 3 a second busy and has few refused', async () => {
    const { work, failures } = await storm(retryAfter);
    const first = await work(60);
    expect(first.refused).toBeLessThan(0.15);
    const later = await work(300);
    expect(later.perSecond).toBeGreaterThanOrEqual(0.85 * RATE);
    expect(later.refused).toBeLessThanOrEqual(0.05);
    expect(failures).toEqual([]);
  });

  test('a storm ends by itself: nothing fails, few requests are wasted, and the rate comes back', async () => {
    const { work, failures, faults, some, all, account, shop, requests } = await storm(retryAfter);
    await work(60);
    some();
    const patchy = await work(60);
    expect(patchy.perSecond).toBeGreaterThan(0);
    faults.clear();
    all();
    const closed = await work(120);
    // What is sent into a closed door is what it takes to see that it opens: less than a tenth of the limit.
    expect(closed.requests).toBeLessThan(120 * RATE * 0.1);
    expect((await work(90)).perSecond).toBeGreaterThanOrEqual(0.85 * RATE);
    const after = await work(300);
    expect(after.perSecond).toBeGreaterThanOrEqual(0.85 * RATE);
    expect(after.refused).toBeLessThanOrEqual(0.05);
    expect(failures).toEqual([]);
    const { throttled, total } = requests.of(SEARCH);
    expect(throttled / total).toBeLessThanOrEqual(0.05);
    expect(account.budget(shop.id)?.requestsPerSecond).toBeGreaterThan(0.8 * RATE);
  });
});
