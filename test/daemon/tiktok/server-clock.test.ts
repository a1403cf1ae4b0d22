import { describe, expect, test } from 'vitest';

import { ServerClock } from '../../../daemon/tiktok/server-clock.ts';

const NOW = 1_764_000_000;

/** A clock whose machine is `skew` seconds off; `date()` is what a right server would send. */
function world(skew = 0) {
  let passed = 0;
  const clock = new ServerClock({
    localNow: () => (NOW + skew + passed) * 1000,
    monotonic: () => 5_000 + passed * 1000,
  });
  const date = (off = 0) => new Date((NOW + passed + off) * 1000).toUTCString();
  const pass = (seconds: number) => {
    passed += seconds;
  };
  return { clock, date, pass, true: () => NOW + passed };
}

describe('now() is never ahead', () => {
  test('without any Date it is the local clock less five minutes', () => {
    expect(world().clock.now()).toBe(NOW - 300);
  });

  test.each([-3600, -600, 0, 600, 3600])('with the local clock %i s off', (skew) => {
    const { clock, date, pass, true: now } = world(skew);
    for (let i = 0; i < 10; i += 1) {
      clock.observe(date());
      expect(clock.now()).toBe(Math.min(now(), now() + skew));
      pass(10);
    }
  });

  test('moves with monotonic time between answers', () => {
    const { clock, date, pass } = world(600);
    clock.observe(date());
    pass(90);
    expect(clock.now()).toBe(NOW + 90);
  });

  test('wrong Dates an hour ahead do not push it, until eight in a row outvote the right one', () => {
    const { clock, date } = world(7200);
    clock.observe(date());
    for (let i = 0; i < 7; i += 1) clock.observe(date(3600));
    expect(clock.now()).toBe(NOW);
    clock.observe(date(3600));
    expect(clock.now()).toBe(NOW + 3600);
  });

  test('a Date that is behind costs freshness for eight answers', () => {
    const { clock, date } = world();
    clock.observe(date(-500));
    expect(clock.now()).toBe(NOW - 500);
    for (let i = 0; i < 8; i += 1) clock.observe(date());
    expect(clock.now()).toBe(NOW);
  });

  test.each([undefined, '', 'yesterday', '1', '1764000000', '2025-11-24T16:00:00Z'])('ignores the Date %s', (date) => {
    const { clock } = world();
    clock.observe(date);
    expect(clock.now()).toBe(NOW - 300);
    expect(clock.signingNow()).toBe(NOW);
  });
});

describe('signingNow() is close', () => {
  test('takes the local clock until something better is known', () => {
    expect(world(-600).clock.signingNow()).toBe(NOW - 600);
  });

  test.each([-3600, 600])('follows the server with the local clock %i s off', (skew) => {
    const { clock, date, pass } = world(skew);
    clock.observe(date());
    pass(7);
    expect(clock.signingNow()).toBe(NOW + 7);
  });

  test('three wrong Dates of eight do not move it', () => {
    const { clock, date } = world();
    for (const off of [0, 3600, 0, -3600, 0, 3600, 0, 0]) clock.observe(date(off));
    expect(clock.signingNow()).toBe(NOW);
  });

  test('a resync trusts the last answer only, and does not let now() ahead', () => {
    const { clock, date } = world(7200);
    for (let i = 0; i < 8; i += 1) clock.observe(date(-900));
    expect(clock.signingNow()).toBe(NOW - 900);
    clock.resync(date());
    expect(clock.signingNow()).toBe(NOW);
    expect(clock.now()).toBe(NOW - 900);
    clock.resync(undefined);
    expect(clock.signingNow()).toBe(NOW + 7200);
  });
});
