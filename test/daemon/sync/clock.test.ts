import fc from 'fast-check';
import { expect, test } from 'vitest';

import { stripOf } from '../../../daemon/sync/plan.ts';
import { ServerClock } from '../../../daemon/tiktok/server-clock.ts';
import { Workshop, type WorkshopOptions, differences, policy, start } from './workshop.ts';

const hour = 3600;

/**
 * A workshop whose engine knows the time as the daemon does: by a clock of its own and the Dates of the answers.
 * @param off seconds by which the Date of an answer is wrong, by its number; 0 before the first.
 */
async function withServerClock(options: WorkshopOptions = {}, off: (n: number) => number = () => 0): Promise<Workshop> {
  const observe = (n: number): void => clock.observe(new Date(Math.floor(w.clock.now + off(n)) * 1000).toUTCString());
  const w: Workshop = await Workshop.open({
    pageSize: 5,
    grain: 5,
    ...options,
    serverNow: () => clock.now(),
    apiNow: () => clock.signingNow(),
    sentNow: () => clock.now(),
    after: async (n, request) => {
      observe(n);
      await options.after?.(n, request);
    },
  });
  const clock = new ServerClock({ localNow: () => w.clock.local * 1000, monotonic: () => w.clock.now * 1000 });
  // The shops were read before the first run.
  observe(0);
  return w;
}

/** Rules 2 and 6 at this very moment, by true time: what is wrong, empty when nothing is. */
async function overreaching(w: Workshop): Promise<string[]> {
  const { now } = w.clock;
  const wrong: string[] = [];
  const watermark = (await w.watermark()) ?? 0;
  if (watermark > now - policy.settle) wrong.push(`the watermark is ${watermark - now} s in the future`);
  const rows = await w.store.query((db) => db.selectFrom('orders').select(['id', 'update_time']).execute());
  const stored = new Map(rows.map((row) => [row.id, Number(row.update_time)]));
  for (const { from, to } of await w.coverage()) {
    if (to > now - stripOf(policy)) wrong.push(`covered to ${to - now} s from now`);
    for (const order of w.shop.orders.values()) {
      const time = w.shop.shown(order, now)?.updateTime ?? 0;
      if (from <= time && time < to && (stored.get(order.id) ?? 0) < time) wrong.push(`${order.id} covered, not read`);
    }
  }
  return wrong;
}

const wrongDate = fc.record({
  at: fc.integer({ min: 1, max: 60 }),
  by: fc.constantFrom(-hour, hour, -200, 200, 30 * 86_400),
});

const jump = fc.record({
  /** Requests before it. */
  at: fc.integer({ min: 0, max: 45 }),
  /** Where the local clock is from then on, seconds ahead. */
  to: fc.constantFrom(-hour, hour, -600, 600, -90, 0, -30 * 86_400),
});

test('T17, rule 6: whenever the local clock jumps or a Date is wrong, nothing is covered unread, no watermark lies ahead, and nothing is lost', async () => {
  const history = fc.record({
    jumps: fc.array(jump, { minLength: 1, maxLength: 3 }),
    wrongDates: fc.array(wrongDate, { maxLength: 2 }),
    walkers: fc.integer({ min: 1, max: 4 }),
    secondsPerRequest: fc.integer({ min: 0, max: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(history, async ({ jumps, wrongDates, walkers, secondsPerRequest }) => {
      const seen: string[] = [];
      let isMended = false;
      const after = async (n: number): Promise<void> => {
        w.clock.advance(secondsPerRequest);
        w.shop.place(w.clock.now);
        w.shop.change('5700000007', w.clock.now);
        for (const { at, to } of jumps) if (at === n && !isMended) w.clock.ahead = to;
        seen.push(...(await overreaching(w)));
      };
      const off = (n: number): number => wrongDates.find(({ at }) => at === n)?.by ?? 0;
      const w = await withServerClock({ walkers, after }, off);
      await using _ = w;
      w.clock.ahead = jumps.find(({ at }) => at === 0)?.to ?? 0;
      for (let i = 0; i < 120; i++) w.shop.place(start - 40_000 + i * 330);
      for (let run = 0; run < 3; run++) {
        expect(await w.run()).toMatchObject({ state: 'succeeded' });
        seen.push(...(await overreaching(w)));
        w.clock.advance(400);
      }
      expect(seen).toEqual([]);

      isMended = true;
      w.clock.ahead = 0;
      expect(await w.run()).toMatchObject({ state: 'succeeded' });
      // What the last requests have placed is read when the world stands still.
      w.api.set({ after: () => undefined });
      expect(await w.run()).toMatchObject({ state: 'succeeded' });
      expect(await differences(w)).toEqual([]);
      expect(await overreaching(w)).toEqual([]);
    }),
    { numRuns: 20, seed: 17 },
  );
});

/** A full resync in whose middle the local clock jumps: what it cost, and the watermark before, and after the next run. */
async function resyncWithJump(by: number) {
  await using w = await withServerClock();
  for (let i = 0; i < 200; i++) w.shop.place(start - 40_000 + i * 190);
  await w.run();
  const [before, requests] = [(await w.watermark()) ?? 0, w.api.requests.length];
  w.clock.advance(900);
  w.api.set({
    before: (n) => {
      if (n === requests + 20) w.clock.ahead = by;
    },
  });
  const resync = await w.sync.request({ what: 'resync' }, 'manual');
  const { state, seen } = await resync.ended;
  const cost = { state, seen, requests: w.api.requests.length - requests };
  w.clock.advance(900);
  await w.run();
  const after = (await w.watermark()) ?? 0;
  return { cost, before, after, newest: w.clock.now - policy.settle };
}

test.each([-hour, hour])(
  'T17: a local clock that jumps by %i s in a full run costs no request, and moves the watermark on, never back',
  async (by) => {
    const steady = await resyncWithJump(0);
    expect(steady.cost.state).toBe('succeeded');
    const { cost, before, after, newest } = await resyncWithJump(by);
    expect(cost).toEqual(steady.cost);
    expect(after).toBeGreaterThan(before);
    if (by > 0) expect(after).toBe(newest);
  },
);

test('T17: a machine 10 min behind has all that is older than its clock, and the rest as soon as it is set', async () => {
  await using w = await withServerClock();
  w.clock.ahead = -600;
  w.shop.place(start - 700);
  const late = w.shop.place(start - 300);
  await w.run();
  expect(await differences(w)).toEqual([expect.stringContaining(late)]);
  w.clock.ahead = 0;
  await w.run();
  expect(await differences(w)).toEqual([]);
});

test('T17: one answer whose Date is a day behind does not keep the next run from what is new', async () => {
  let wrong = -1;
  await using w = await withServerClock({}, (n) => (n === wrong ? -86_400 : 0));
  for (let i = 0; i < 60; i++) w.shop.place(start - 40_000 + i * 190);
  await w.run();
  w.clock.advance(900);
  wrong = w.api.requests.length + 1;
  await w.run();
  w.clock.advance(900);
  w.shop.place(w.clock.now - 1);
  expect(await w.run()).toMatchObject({ state: 'succeeded', requests: 1 });
  expect(await differences(w)).toEqual([]);
  expect(await w.watermark()).toBe(w.clock.now - policy.settle);
});
