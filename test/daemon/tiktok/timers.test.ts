import { expect, test } from 'vitest';

import { sinceBoot, sleep, systemTimers } from '../../../daemon/tiktok/timers.ts';
import { ManualTimers } from './manual-timers.ts';

test('sleep ends on time', async () => {
  const timers = new ManualTimers();
  let awake = false;
  const slept = sleep(timers, 1000, new AbortController().signal).then(() => {
    awake = true;
  });
  await timers.advance(999);
  expect(awake).toBe(false);
  await timers.advance(1);
  await slept;
});

test('an abort ends it with the signal’s reason and leaves no timer behind', async () => {
  const timers = new ManualTimers();
  const stop = new AbortController();
  const slept = sleep(timers, 1000, stop.signal);
  expect(timers.pending).toBe(1);
  stop.abort(new Error('enough'));
  await expect(slept).rejects.toThrow('enough');
  await expect(sleep(timers, 1000, stop.signal)).rejects.toThrow('enough');
  expect(timers.pending).toBe(0);
});

test('system timers fire, and can be cancelled', async () => {
  const fired: string[] = [];
  const before = systemTimers.now();
  const cancel = systemTimers.after(1, () => fired.push('cancelled'));
  cancel();
  const { promise, resolve } = Promise.withResolvers<void>();
  systemTimers.after(5, resolve);
  await promise;
  expect(fired).toEqual([]);
  expect(systemTimers.now()).toBeGreaterThan(before);
});

test('T36: the clock that counts the time asleep too never goes back, and goes on by seconds as the other does', async () => {
  const [boot, awake] = [sinceBoot(), systemTimers.now()];
  let last = boot;
  await expect
    .poll(() => {
      const now = sinceBoot();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
      return systemTimers.now() - awake;
    })
    .toBeGreaterThan(100);
  const difference = sinceBoot() - boot - (systemTimers.now() - awake);
  expect(Math.abs(difference)).toBeLessThan(50);
});
