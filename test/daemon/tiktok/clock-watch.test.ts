import { expect, test } from 'vitest';

import { ClockWatch, clockWords, isClockRight } from '../../../daemon/tiktok/clock-watch.ts';

test.each([
  [null, true],
  [0, true],
  [-60, true],
  [-61, false],
  [300, true],
  [301, false],
])('a clock %s s ahead is right: %s', (ahead, right) => {
  expect(isClockRight(ahead)).toBe(right);
});

test('words tell what it means, and the cure only where one is needed', () => {
  expect(clockWords(-600)).toBe(
    'this machine’s clock is 600 s behind TikTok’s: orders of the last 600 s are not read until it is set; timedatectl set-ntp true',
  );
  expect(clockWords(3600)).toMatch(/3600 s ahead of TikTok’s: nothing is lost.*timedatectl set-ntp true/);
  expect([null, 0, 1, -20, 120].map(clockWords)).toEqual([
    'not compared with TikTok yet',
    'agrees with TikTok',
    'agrees with TikTok',
    '20 s behind TikTok’s',
    '120 s ahead of TikTok’s',
  ]);
});

test('T17: it is told once when it begins and once when it ends, whatever the answers in between', () => {
  let ahead: number | null = null;
  const told: string[] = [];
  const watch = new ClockWatch(
    () => ahead,
    (message) => told.push(message),
  );
  for (ahead of [null, 0, -59, -61, -60, -62, -600, -600, -45, -31]) watch.check();
  expect(told).toEqual([expect.stringContaining('61 s behind')]);
  for (ahead of [-30, 0, -50, 290]) watch.check();
  expect(told.slice(1)).toEqual(['this machine’s clock is right again']);
  for (ahead of [310, 305, 200, 149]) watch.check();
  expect(told.slice(2)).toEqual([expect.stringContaining('310 s ahead'), 'this machine’s clock is right again']);
});
