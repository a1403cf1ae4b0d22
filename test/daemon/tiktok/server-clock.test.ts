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

  test('a Date that is behind costs freshness until three answers and the local clock contradict it', () => {
    const { clock, date } = world();
    clock.observe(date(-500));
    for (let i = 0; i < 3; i += 1) {
      expect(clock.now()).toBe(NOW - 500);
      clock.observe(date());
    }
    expect(clock.now()).toBe(NOW);
  });

  test.each([-100_000, -3600, -61])('two Dates of eight that are %i s behind cost nothing', (off) => {
    const { clock, date } = world();
    for (const wrong of [0, 0, off, 0, 0, 0, off, 0]) clock.observe(date(wrong));
    expect(clock.now()).toBe(NOW);
  });

  test.each([
    { what: 'three are behind', skew: 0, offs: [0, 0, -3600, 0, -3600, 0, -3600, 0], now: -3600 },
    { what: 'they were long on their way', skew: 0, offs: [0, 0, 0, 0, 0, 0, -59, 0], now: -59 },
    { what: 'the local clock is wrong too', skew: 3600, offs: [0, 0, 0, 0, 0, 0, -3600, 0], now: -3600 },
    { what: 'most are ahead', skew: 3600, offs: [3600, 3600, 3600, 0, 3600, 0, 3600, 0], now: 0 },
  ])('Dates that are behind count when $what', ({ skew, offs, now }) => {
    const { clock, date } = world(skew);
    for (const off of offs) clock.observe(date(off));
    expect(clock.now()).toBe(NOW + now);
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

describe('aheadSeconds() compares the machine with the server', () => {
  test('nothing is known before any Date', () => {
    expect(world(600).clock.aheadSeconds()).toBeNull();
  });

  test.each([-3600, -600, 0, 600, 3600])('T17: with the local clock %i s off', (skew) => {
    const { clock, date, pass } = world(skew);
    clock.observe(date());
    pass(900);
    expect(clock.aheadSeconds()).toBe(skew);
  });

  test('T17: it follows a clock that is set, without waiting for an answer', () => {
    let local = NOW - 600;
    const clock = new ServerClock({ localNow: () => local * 1000, monotonic: () => 7000 });
    clock.observe(new Date(NOW * 1000).toUTCString());
    expect(clock.aheadSeconds()).toBe(-600);
    local = NOW;
    expect(clock.aheadSeconds()).toBe(0);
  });

  test.each([
    [[3600, 0, -3600, 0, 3600, 0, 0, 0]],
    [[0, 0, 0, -3600, 0, -3600, 0, -3600]],
    [[0, 0, 3600, 0, 0, 3600, 0, 3600]],
  ])('three wrong Dates of eight accuse no right clock: %j', (offs) => {
    const { clock, date } = world();
    for (const off of offs) clock.observe(date(off));
    expect(clock.aheadSeconds()).toBe(0);
  });

  test('a Date that is cut to seconds and late by less than one shows no difference', () => {
    let passed = 0.95;
    const clock = new ServerClock({ localNow: () => (NOW + passed) * 1000, monotonic: () => passed * 1000 });
    clock.observe(new Date(NOW * 1000).toUTCString());
    passed = 60.1;
    expect(clock.aheadSeconds()).toBe(0);
  });
});

test('T36: after hours without an answer it is as late as it is', () => {
  const { clock, date, pass, true: now } = world();
  for (let i = 0; i < 8; i += 1) clock.observe(date());
  pass(3 * 3600);
  expect([clock.now(), clock.signingNow(), clock.aheadSeconds()]).toEqual([now(), now(), 0]);
});
