import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type SyncAsk, nextSync } from '../../../daemon/schedule/cadence.ts';
import { tickAfter } from '../../../daemon/schedule/ticks.ts';
import { changing } from './rhythms.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const patterns = [
  '*/15 * * * *',
  '* * * * *',
  '*/5 8-19 * * *',
  '7,52 * * * *',
  '0 * * * *',
  '*/40 * * * *',
  '30 6 * * *',
];
const rates = fc.array(
  fc.oneof(fc.constant(0), fc.double({ min: 0, max: 2, noNaN: true }), fc.integer({ min: 0, max: 900 })),
  {
    minLength: 1,
    maxLength: 24,
  },
);
const asks = fc
  .record({
    pattern: fc.constantFrom(...patterns),
    timeZone: fc.constantFrom('Europe/London', 'America/New_York', 'America/Sao_Paulo', 'Asia/Jakarta'),
    adaptive: fc.constant(true),
    rhythm: fc.option(rates.map(changing), { nil: undefined, freq: 6 }),
    recentPerHour: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 600 })),
    // Days on which clocks are changed somewhere.
    lastRunAt: fc
      .tuple(
        fc.constantFrom('2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01'),
        fc.integer({ min: 0, max: 86_399_999 }),
      )
      .map(([date, ms]) => Date.parse(date) + ms),
    leastMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10 * minute })),
    phase: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map((one): SyncAsk & { readonly lastRunAt: number } => ({ ...one, now: one.lastRunAt }));
const options = { numRuns: 200, seed: 20_261_122 };

describe('whatever the shop', () => {
  test('a run is neither sooner than a minute and the least distance, nor later than an hour and the next tick', () => {
    fc.assert(
      fc.property(asks, (one) => {
        const at = nextSync(one).at ?? Number.NaN;
        const least = Math.max(minute, one.leastMs);
        const tick = tickAfter(one.pattern ?? '', one.timeZone, one.lastRunAt + least - 1) ?? Number.NaN;
        expect(at).toBeGreaterThanOrEqual(one.lastRunAt + least);
        expect(at).toBeLessThanOrEqual(Math.max(one.lastRunAt + hour, tick) + 30 * second);
      }),
      options,
    );
  });

  test('more orders never make it later', () => {
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 300 }), (one, more) => {
        const at = nextSync(one).at ?? Number.NaN;
        expect(nextSync({ ...one, recentPerHour: one.recentPerHour + more }).at).toBeLessThanOrEqual(at);
        const { rhythm } = one;
        if (rhythm === undefined) return;
        const busier = { ...rhythm, perHour: (when: number) => rhythm.perHour(when) + more };
        expect(nextSync({ ...one, rhythm: busier }).at).toBeLessThanOrEqual(at);
      }),
      options,
    );
  });

  test('asked again before its moment it answers the same, after it once: now', () => {
    fc.assert(
      fc.property(
        asks,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 12 * hour }),
        (one, part, late) => {
          const first = nextSync(one);
          const at = first.at ?? Number.NaN;
          expect(nextSync({ ...one, now: one.lastRunAt + Math.floor((at - one.lastRunAt) * part) })).toEqual(first);
          expect(nextSync({ ...one, now: at + late }).at).toBe(at + late);
          // That one run makes up for all of it.
          expect(nextSync({ ...one, lastRunAt: at + late, now: at + late }).at).toBeGreaterThanOrEqual(
            at + late + minute,
          );
        },
      ),
      options,
    );
  });

  test('before it is known, it is never later than the cron', () => {
    fc.assert(
      fc.property(asks, (one) => {
        const at = nextSync({ ...one, rhythm: undefined, phase: 0 }).at ?? Number.NaN;
        const least = Math.max(minute, one.leastMs);
        expect(at).toBeLessThanOrEqual(tickAfter(one.pattern ?? '', one.timeZone, one.lastRunAt + least - 1) ?? 0);
      }),
      options,
    );
  });

  test('without adaptation it is the cron, tick by tick', () => {
    fc.assert(
      fc.property(asks, (one) => {
        let last = one.lastRunAt;
        for (let runs = 0; runs < 5; runs++) {
          const tick = tickAfter(one.pattern ?? '', one.timeZone, last) ?? Number.NaN;
          const exact = nextSync({ ...one, adaptive: false, lastRunAt: last, now: last });
          expect(exact).toEqual({ at: tick, reason: `cron ${one.pattern}, ${one.timeZone}` });
          last = tick;
        }
      }),
      { ...options, numRuns: 100 },
    );
  });
});
