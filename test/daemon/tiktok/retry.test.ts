import { describe, expect, test } from 'vitest';

import { classify } from '../../../daemon/tiktok/classify.ts';
import { askedMs, backoffMs, decide, freshTally, PATIENCE_MS, retryAfterMs } from '../../../daemon/tiktok/retry.ts';

const NOW = 1_764_000_000;

/** The waits of a call whose every attempt fails the same way, and how it ends. */
function waits(failure: ReturnType<typeof classify>, random = 0) {
  const afterMs: number[] = [];
  let tally = freshTally;
  for (;;) {
    const decision = decide(tally, failure, random, NOW);
    if (decision.kind === 'give-up') return { afterMs, retryAfterMs: decision.retryAfterMs };
    afterMs.push(decision.afterMs);
    tally = decision.tally;
  }
}

test.each([
  [0, 0, 1000],
  [1, 0, 2000],
  [2, 0.5, 4250],
  [5, 0.999, 32_499.5],
  [6, 0, 60_000],
  [50, 0.9, 60_000],
])('backoff %i with chance %d is %d ms', (n, random, ms) => {
  expect(backoffMs(n, random)).toBe(ms);
});

describe('how often and when', () => {
  test.each([
    ['internal error', classify({ http: 200, code: 36009003 }), [1000, 2000, 4000, 8000]],
    ['overload', classify({ http: 503 }), [1000, 2000, 4000, 8000]],
    ['unknown code', classify({ http: 200, code: 77 }), [1000, 2000]],
    ['expired token', classify({ http: 401, code: 105002 }), [0]],
    ['old timestamp', classify({ http: 400, code: 36009004, message: 'timestamp' }), [0, 0]],
    ['wrong cipher', classify({ http: 400, code: 101000 }), [0]],
    ['wrong signature', classify({ http: 401, code: 106001 }), []],
    ['scope', classify({ http: 401, code: 105005 }), []],
    ['too many hits', classify({ http: 200, code: 12052180 }), []],
    ['missing object', classify({ http: 200, code: 28001007 }), []],
  ])('%s', (_, failure, expected) => {
    expect(waits(failure).afterMs).toEqual(expected);
  });

  test('jitter is added to the backoff', () => {
    expect(waits(classify({ http: 503 }), 0.5).afterMs).toEqual([1250, 2250, 4250, 8250]);
  });

  test('rule 11: a crowded API is waited for until ten minutes are used up', () => {
    const { afterMs } = waits(classify({ http: 429, code: 36009002 }));
    expect(afterMs.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000]);
    const sum = afterMs.reduce((a, b) => a + b, 0);
    expect(sum).toBeLessThanOrEqual(PATIENCE_MS);
    expect(sum).toBeGreaterThan(PATIENCE_MS - 60_000);
  });

  test('Retry-After wins over a shorter backoff, not over a longer one', () => {
    expect(waits(classify({ http: 429, retryAfterMs: 3000 })).afterMs.slice(0, 4)).toEqual([3000, 3000, 4000, 8000]);
  });

  test('a quota that opens too late is given up at once, with the wait', () => {
    const hour = classify({ http: 429, code: 36009037 });
    expect(waits(hour)).toEqual({ afterMs: [], retryAfterMs: (3600 - (NOW % 3600)) * 1000 });
    const day = classify({ http: 200, code: 45101004 });
    expect(askedMs(day, NOW)).toBe((86_400 - (NOW % 86_400)) * 1000);
    expect(decide(freshTally, hour, 0, NOW - (NOW % 3600) + 3590)).toMatchObject({ kind: 'again', afterMs: 10_000 });
  });

  test('each remedy is tried once per call, but one does not use up another', () => {
    const clock = decide(freshTally, classify({ http: 400, code: 36009004, message: 'timestamp' }), 0, NOW);
    if (clock.kind !== 'again') throw new Error('gave up');
    expect(clock.first).toBe('resync-clock');
    const token = decide(clock.tally, classify({ http: 401, code: 105002 }), 0, NOW);
    if (token.kind !== 'again') throw new Error('gave up');
    expect(token.first).toBe('refresh-token');
    expect(decide(token.tally, classify({ http: 401, code: 105002 }), 0, NOW).kind).toBe('give-up');
  });
});

test.each([
  [undefined, undefined],
  ['2', 2000],
  ['0', 0],
  ['1.5', 1500],
  [new Date((NOW + 7) * 1000).toUTCString(), 7000],
  [new Date((NOW - 7) * 1000).toUTCString(), 0],
  ['soon', undefined],
  ['999999999', 86_400_000],
])('Retry-After %s is %s ms', (header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms);
});
