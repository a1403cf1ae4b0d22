import { describe as group, expect, test } from 'vitest';

import { AppError, type FailureClass } from '../../../daemon/errors.ts';
import { Stopped, classOf, describe, nextAttemptMs } from '../../../daemon/sync/failures.ts';
import { failure } from '../../../shared/run-views.ts';

const of = (failureClass: FailureClass, retryAfterMs?: number) =>
  new AppError(failureClass, 'api', 'words', { hint: 'do this', ...(retryAfterMs !== undefined && { retryAfterMs }) });
const minute = 60_000;
const hour = 60 * minute;

group('rule 9: when the same work is tried again', () => {
  test.each(['transient', 'store'] as const)('%s: growing waits, never more than 15 minutes', (failureClass) => {
    const waits = Array.from({ length: 9 }, (_, i) => nextAttemptMs(of(failureClass), i + 1, 0.5));
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900].map((seconds) => seconds * 1000));
    expect(nextAttemptMs(of(failureClass), 1_000_000, 1)).toBe(1.25 * 15 * minute);
  });

  test('the jitter is a quarter to both sides', () => {
    expect(nextAttemptMs(of('transient'), 1, 0)).toBe(7500);
    expect(nextAttemptMs(of('transient'), 1, 1)).toBe(12_500);
  });

  test('what nobody expected counts as transient', () => {
    expect(nextAttemptMs(new TypeError('x'), 1, 0.5)).toBe(10_000);
    expect(nextAttemptMs('text', 2, 0.5)).toBe(20_000);
  });

  test('throttled: as long as told, and never hastier than a transient failure', () => {
    expect(nextAttemptMs(of('throttled', 5 * hour), 1, 0.5)).toBe(5 * hour);
    expect(nextAttemptMs(of('throttled', 1), 3, 0.5)).toBe(40_000);
    expect(nextAttemptMs(of('throttled'), 1, 0.5)).toBe(10_000);
  });

  test('token: looked at each hour, configuration: each day, however often it failed', () => {
    for (const failures of [1, 50]) {
      expect(nextAttemptMs(of('token'), failures, 0.5)).toBe(hour);
      expect(nextAttemptMs(of('configuration'), failures, 0.5)).toBe(24 * hour);
    }
  });

  test.each(['record', 'usage'] as const)('%s: not by itself', (failureClass) => {
    expect(nextAttemptMs(of(failureClass), 1, 0.5)).toBeNull();
  });
});

test('a failure as clients see it keeps the words and the cure, and says when it is tried again', () => {
  const at = Date.UTC(2026, 10, 22, 12);
  const told = describe(of('throttled', 1), 'incremental', at, 90_000);
  expect(failure.parse(told)).toEqual({
    code: 'api',
    message: 'words',
    hint: 'do this',
    retryable: true,
    kind: 'incremental',
    at: '2026-11-22T12:00:00.000Z',
    nextAttemptAt: '2026-11-22T12:01:30.000Z',
  });
  expect(describe(of('configuration'), 'full', at, null)).toMatchObject({ retryable: false, nextAttemptAt: null });
});

test('detail of an unexpected error does not leave the log', () => {
  const told = describe(new TypeError('reading secret of undefined'), 'full', 0, null);
  expect(failure.parse(told).code).toBe('internal');
  expect(JSON.stringify(told)).not.toContain('secret');
});

test('being stopped is no class of failure', () => {
  expect(classOf(new Stopped('cancelled'))).toBe('internal');
  expect(new Stopped('interrupted').state).toBe('interrupted');
  expect(classOf(of('token'))).toBe('token');
});
