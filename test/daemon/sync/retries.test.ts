import { expect, test } from 'vitest';

import { AppError } from '../../../daemon/errors.ts';
import { Retries } from '../../../daemon/sync/retries.ts';
import { Clock, start } from './workshop.ts';

const transient = new AppError('transient', 'api', 'down');

function world() {
  const clock = new Clock();
  const fired: string[] = [];
  const local = { ahead: 0 };
  const retries = new Retries({
    now: () => (clock.now + local.ahead) * 1000,
    monotonic: () => clock.now * 1000,
    random: () => 0.5,
    setTimer: clock.setTimer,
  });
  const plan = (kind: 'full' | 'incremental', error: unknown = transient) =>
    retries.plan(kind, error, () => fired.push(kind));
  return { clock, local, fired, retries, plan };
}

test('each kind has its own row of failures, and the nearest attempt is told', () => {
  const { clock, fired, retries, plan } = world();
  expect([plan('full'), plan('full'), plan('incremental')]).toEqual([10_000, 20_000, 10_000]);
  expect(retries.at).toBe((start + 10) * 1000);
  clock.advance(10);
  expect(fired).toEqual(['incremental']);
  expect(retries.at).toBe((start + 20) * 1000);
  clock.advance(10);
  expect(fired).toEqual(['incremental', 'full']);
  expect(retries.at).toBeNull();
});

test('a new plan replaces the one before: one timer for each kind', () => {
  const { clock, fired, plan } = world();
  plan('full');
  plan('full');
  clock.advance(3600);
  expect(fired).toEqual(['full']);
});

test('success takes the plan back and begins the row anew', () => {
  const { clock, fired, retries, plan } = world();
  plan('full');
  plan('full');
  expect(retries.recovered('full')).toBe(2);
  expect(retries.recovered('full')).toBe(0);
  clock.advance(3600);
  expect(fired).toEqual([]);
  expect(plan('full')).toBe(10_000);
});

test('what is not tried again by itself sets no timer', () => {
  const { clock, fired, retries, plan } = world();
  expect(plan('full', new AppError('usage', 'limit', 'no'))).toBeNull();
  clock.advance(1e6);
  expect([retries.at, fired]).toEqual([null, []]);
});

test('only what a person or a quota must mend first keeps the schedule waiting', () => {
  for (const [failureClass, waits] of [
    ['transient', false],
    ['store', false],
    ['throttled', true],
    ['token', true],
    ['configuration', true],
  ] as const) {
    const { clock, retries, plan } = world();
    plan('full', new AppError(failureClass, 'api', 'words'));
    expect(retries.holdsBack, failureClass).toBe(waits);
    clock.advance(24 * 3600);
    expect(retries.holdsBack, failureClass).toBe(false);
  }
});

test('a run of any kind that succeeds shows that the cause is mended: the schedule waits no longer', () => {
  const { fired, clock, retries, plan } = world();
  plan('full', new AppError('configuration', 'api', 'words'));
  expect(retries.recovered('incremental')).toBe(0);
  expect(retries.holdsBack).toBe(false);
  clock.advance(24 * 3600);
  expect(fired).toEqual(['full']);
});

test('after closing nothing fires and nothing is planned', () => {
  const { clock, fired, retries, plan } = world();
  plan('full');
  retries.close();
  expect(plan('incremental')).toBeNull();
  clock.advance(1e6);
  expect(fired).toEqual([]);
  expect(retries.at).toBeNull();
});

test.each([-3600, 3600])('T17: a local clock that jumps by %i s neither hastens a retry nor holds it up', (by) => {
  const { clock, local, fired, retries, plan } = world();
  plan('full');
  clock.advance(4);
  local.ahead = by;
  expect(retries.at).toBe((start + 10 + by) * 1000);
  clock.advance(5);
  expect(fired).toEqual([]);
  clock.advance(1);
  expect(fired).toEqual(['full']);
});

test('a clock that is slewed by less than a second moves no time that was told', () => {
  const { local, retries, plan } = world();
  plan('full');
  local.ahead = -0.4;
  expect(retries.at).toBe((start + 10) * 1000);
});

test('T36: a machine that sleeps through the wait, its timers with it, holds the schedule back no longer', () => {
  const { clock, local, fired, retries, plan } = world();
  plan('full', new AppError('throttled', 'limit', 'used up', { retryAfterMs: 8 * 3600 * 1000 }));
  clock.advance(3600);
  expect(retries.holdsBack).toBe(true);
  local.ahead = 7 * 3600 - 1;
  expect(retries.holdsBack).toBe(true);
  local.ahead = 7 * 3600;
  expect([retries.holdsBack, fired]).toEqual([false, []]);
});

test('T17: a clock set back does not hold the schedule back once the retry has gone', () => {
  const { clock, local, fired, retries, plan } = world();
  plan('full', new AppError('token', 'not_authorized', 'refused'));
  local.ahead = -7200;
  clock.advance(3600);
  expect([retries.holdsBack, fired]).toEqual([false, ['full']]);
});
