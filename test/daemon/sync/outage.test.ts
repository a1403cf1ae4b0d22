import { expect, test } from 'vitest';
import { z } from 'zod';

import { AppError } from '../../../daemon/errors.ts';
import { Random } from '../../sandbox/world/random.ts';
import { Workshop, differences, start } from './workshop.ts';

const hour = 3600;
const tick = 900;
/** Attempts of the client for a request that fails, at most, before the engine hears of it. */
const attempts = 5;
const searched = z.looseObject({ update_time_ge: z.number(), update_time_lt: z.number() });

/** A day of ticks each 15 minutes, with new orders before each; in its first seconds, so many, one page fails. */
async function day(perTick: number, broken: number) {
  const random = new Random(7);
  await using w = await Workshop.open({ pageSize: 15, walkers: 4, random: () => random.between(0, 999) / 1000 });
  for (let i = 0; i < 50; i++) w.shop.place(start - 90_000 + i * 50);
  await w.run();
  const before = w.api.requests.length;
  const bad = start + 1000;
  let failed = 0;
  w.api.set({
    before: (_, { body }) => {
      const { update_time_ge: from, update_time_lt: to } = searched.parse(body);
      if (w.clock.now >= start + broken || bad < from || bad >= to) return;
      failed += 1;
      throw new AppError('transient', 'api', 'down');
    },
  });
  /** Waits for the beginning and the end of the run that it starts. */
  const ran = async (act: () => void): Promise<void> => {
    const told = w.runs.length;
    act();
    await expect.poll(() => w.runs.length, { interval: 1, timeout: 10_000 }).toBe(told + 2);
  };
  for (let at = start + tick; at <= start + 24 * hour; at += tick) {
    for (let i = 1; i <= perTick; i++) w.shop.place(at - i);
    const due = () => (w.sync.retryAt ?? Number.POSITIVE_INFINITY) / 1000;
    while (due() < at) await ran(() => w.clock.advance(due() - w.clock.now));
    await ran(() => {
      w.clock.advance(at - w.clock.now);
      w.sync.tick();
    });
  }
  expect(await differences(w)).toEqual([]);
  const runs = w.runs.filter(({ state }) => state !== 'running').slice(1);
  return { requests: w.api.requests.length - before, failed, runs };
}

/** In a quiet shop, where a tick is one request, it counts that each run which fails also asks what else may help. */
test.each([
  ['busy', 30, 1.2, 1.4],
  ['quiet', 0, 1.6, 3.2],
])(
  'T24, rule 10: in a %s shop (%i orders a tick) a page that fails for 6 hours costs at most %f times the requests of a day, and starts no full run',
  async (_, perTick, most, mostOnTheWire) => {
    const healthy = await day(perTick, 0);
    expect(healthy.failed).toBe(0);
    const broken = await day(perTick, 6 * hour);
    expect(broken.failed).toBeGreaterThan(24);
    expect(broken.requests).toBeLessThanOrEqual(healthy.requests * most);
    expect(broken.requests + (attempts - 1) * broken.failed).toBeLessThanOrEqual(healthy.requests * mostOnTheWire);
    expect(broken.runs.map(({ kind }) => kind)).not.toContain('full');
    expect(broken.runs.at(-1)).toMatchObject({ kind: 'incremental', state: 'succeeded' });
  },
);
