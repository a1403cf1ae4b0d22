import { describe, expect, test } from 'vitest';

import { Wall } from './wall.ts';

const minute = 60_000;
const hour = 60 * minute;

/** A schedule that notes its ticks, local milliseconds. */
function open(at: string | number, pattern: string | null, timeZone = 'UTC') {
  const wall = new Wall(at);
  const ticks: number[] = [];
  const schedule = wall.clockwork({
    pattern: () => pattern,
    timeZone: () => timeZone,
    tick: () => ticks.push(wall.local),
  });
  return { wall, schedule, ticks };
}

test('a time that summer time leaves out is not lost: it comes within the hour after', () => {
  const at = open('2026-03-28T12:00:00Z', '30 1 * * *', 'Europe/London').schedule.nextAt ?? 0;
  expect(at).toBeGreaterThanOrEqual(Date.parse('2026-03-29T00:30:00Z'));
  expect(at).toBeLessThanOrEqual(Date.parse('2026-03-29T01:30:00Z'));
});

/** Ticks of a pattern from one moment on, local milliseconds. */
function ticksOf(pattern: string, timeZone: string, from: number, hours: number): number[] {
  const { wall, ticks } = open(from, pattern, timeZone);
  wall.run(hours * hour);
  return ticks;
}

// When the clocks change, and the daily ticks of that night.
const changes = [
  {
    timeZone: 'America/New_York',
    change: '2026-03-08T07:00:00Z',
    daily: { '30 0': '05:30', '30 1': '06:30', '30 2': '07:00', '15 3': '07:15' },
  },
  {
    timeZone: 'America/New_York',
    change: '2026-11-01T06:00:00Z',
    daily: { '30 0': '04:30', '30 1': '05:30', '30 2': '07:30', '15 3': '08:15' },
  },
  {
    timeZone: 'Europe/Berlin',
    change: '2026-03-29T01:00:00Z',
    daily: { '30 1': '00:30', '30 2': '01:00', '15 3': '01:15', '30 4': '02:30' },
  },
  {
    timeZone: 'Europe/Berlin',
    change: '2026-10-25T01:00:00Z',
    daily: { '30 1': '23:30', '30 2': '00:30', '15 3': '02:15', '30 4': '03:30' },
  },
];

describe.each(changes)('T20: in $timeZone around $change', ({ timeZone, change, daily }) => {
  const from = Date.parse(change) - 4 * hour;

  test('a quarter of an hour is one', () => {
    const at = ticksOf('*/15 * * * *', timeZone, from, 8);
    expect(at).toEqual(Array.from({ length: 32 }, (_, i) => from + (i + 1) * (hour / 4)));
  });

  test('an hour is one, be it left out or repeated', () => {
    const at = ticksOf('30 * * * *', timeZone, from, 8);
    expect(at).toEqual(Array.from({ length: 8 }, (_, i) => from + (i + 0.5) * hour));
  });

  test('a pattern of several hours leaves none of them out, and has none twice but the one that is repeated', () => {
    const at = ticksOf('30 0-4 * * *', timeZone, from, 8);
    expect(at.length).toBeGreaterThanOrEqual(4);
    expect(at.length).toBeLessThanOrEqual(6);
    for (const [i, ms] of at.slice(1).entries()) expect(ms - (at[i] ?? 0)).toBe(hour);
  });

  test.each(Object.entries(daily))(
    '%s * * * comes at %sZ, once: a time that is left out at the change, one that is repeated the first time',
    (pattern, expected) => {
      const at = ticksOf(`${pattern} * * *`, timeZone, from, 8);
      expect(at.map((ms) => new Date(ms).toISOString().slice(11, 16))).toEqual([expected]);
    },
  );
});

describe.each(['the machine sleeps', 'the process is stopped'] as const)('while %s', (how) => {
  test.each([1, 3, 26])(
    'T36: after %i hours in which nothing ran there is one tick, and then the usual ones',
    (hours) => {
      const { wall, ticks } = open('2026-06-01T00:07:00Z', '*/15 * * * *');
      if (how === 'the machine sleeps') wall.jump(hours * hour);
      else wall.stop(hours * hour);
      const woke = wall.local;
      wall.run(38 * minute);
      expect(ticks[0]).toBeLessThanOrEqual(woke + 30_000);
      expect(ticks.slice(1)).toEqual([8, 23, 38].map((minutes) => woke + minutes * minute));
    },
  );
});

test('T17: a local clock set back by an hour postpones no tick by an hour', () => {
  const { wall, ticks } = open('2026-06-01T12:07:00Z', '*/15 * * * *');
  wall.jump(-hour);
  const set = wall.local;
  wall.run(hour);
  expect(ticks).toEqual([8, 23, 38, 53].map((minutes) => set + minutes * minute));
});

test('T17: a local clock set back by a day right after a tick costs no more than the interval', () => {
  const { wall, ticks } = open('2026-06-01T12:07:00Z', '*/15 * * * *');
  wall.run(8 * minute);
  expect(ticks).toHaveLength(1);
  wall.jump(-24 * hour);
  wall.run(15 * minute);
  expect(ticks).toHaveLength(2);
});

test('T17: a local clock that jumps to and fro makes one tick at each jump forward, not a storm', () => {
  const { wall, ticks } = open('2026-06-01T12:07:00Z', '*/15 * * * *');
  for (let i = 0; i < 10; i++) {
    wall.jump(hour);
    wall.run(minute);
    wall.jump(-hour);
    wall.run(minute);
  }
  expect(ticks.length).toBeGreaterThanOrEqual(10);
  expect(ticks.length).toBeLessThanOrEqual(12);
});

test('a tick that throws is told, and the next one comes', () => {
  const wall = new Wall('2026-06-01T00:00:00Z');
  let ticks = 0;
  wall.clockwork({
    pattern: () => '* * * * *',
    tick: () => {
      ticks += 1;
      throw new Error(`tick ${ticks}`);
    },
  });
  wall.run(3 * minute);
  expect(ticks).toBe(3);
  expect(wall.errors).toHaveLength(3);
});

test('off: no tick and no timer, and the reason says so; closed: no tick any more', () => {
  const off = open('2026-06-01T00:00:00Z', null);
  expect(off.schedule.nextAt).toBeNull();
  expect(off.schedule.reason).toBe('the schedule is off');
  expect(off.wall.pending).toBe(0);
  const { wall, schedule, ticks } = open('2026-06-01T00:00:00Z', '* * * * *');
  expect(schedule.reason).toBe('cron * * * * *, UTC');
  wall.alarms.close();
  schedule.rescheduled();
  expect(wall.pending).toBe(0);
  wall.run(10 * minute);
  expect(ticks).toEqual([]);
});

test('a pattern that is changed counts from then on', () => {
  const wall = new Wall('2026-06-01T12:07:00Z');
  let pattern: string | null = '*/15 * * * *';
  const ticks: number[] = [];
  const schedule = wall.clockwork({ pattern: () => pattern, tick: () => ticks.push(wall.local) });
  pattern = '10 * * * *';
  schedule.rescheduled();
  expect(schedule.nextAt).toBe(Date.parse('2026-06-01T12:10:00Z'));
  wall.run(10 * minute);
  expect(ticks).toEqual([Date.parse('2026-06-01T12:10:00Z')]);
  pattern = null;
  schedule.rescheduled();
  wall.run(2 * hour);
  expect(ticks).toHaveLength(1);
});

/** A shop that is known for long and has as many orders an hour, day and night. */
const rhythmOf = (perHour: number) => ({
  rhythm: { isLearned: true, perHour: () => perHour, meanPerHour: perHour },
  recentPerHour: perHour,
  refresh: () => Promise.resolve(),
});

test('adaptive: a busy shop is asked between the ticks, a quiet one leaves ticks out, and runs of others count', () => {
  const asked = (perHour: number, others = false) => {
    const wall = new Wall('2026-06-01T12:00:00Z');
    const ticks: number[] = [];
    const schedule = wall.clockwork({
      isAdaptive: () => true,
      learned: rhythmOf(perHour),
      tick: () => {
        ticks.push(wall.local);
        schedule.began();
      },
    });
    for (let i = 0; i < 8 * 120; i++) {
      wall.run(minute / 2);
      if (others) schedule.began();
    }
    return ticks;
  };
  expect(asked(600).length).toBeGreaterThan(2 * 32);
  expect(asked(0.01).length).toBeLessThan(32 / 2);
  // Somebody else asks every 30 s, so that the schedule has nothing to add.
  expect(asked(600, true)).toEqual([]);
});

test('adaptive: what a run has shown moves the next one, and a moment that has come is not lost by that', async () => {
  const wall = new Wall('2026-06-01T12:00:00Z');
  const ticks: number[] = [];
  let recentPerHour = 0;
  const schedule = wall.clockwork({
    isAdaptive: () => true,
    learned: {
      rhythm: { isLearned: true, perHour: () => 0.01, meanPerHour: 0.01 },
      get recentPerHour() {
        return recentPerHour;
      },
      refresh: () => Promise.resolve(),
    },
    tick: () => ticks.push(wall.local),
  });
  schedule.began();
  expect(schedule.nextAt).toBeGreaterThan(wall.local + 30 * minute);
  recentPerHour = 600;
  await schedule.ended();
  expect(schedule.nextAt).toBeLessThan(wall.local + 10 * minute);
  wall.stop(hour);
  await schedule.ended();
  expect(ticks).toEqual([wall.local]);
});

test('T17, adaptive: a local clock set back by an hour leaves the next run where it was by the other clock', () => {
  const wall = new Wall('2026-06-01T12:01:00Z');
  const ticks: number[] = [];
  wall.clockwork({ isAdaptive: () => true, learned: rhythmOf(0.01), tick: () => ticks.push(wall.monotonic) });
  wall.run(30 * minute);
  expect(ticks).toEqual([]);
  wall.jump(-hour);
  wall.run(32 * minute);
  expect(ticks).toHaveLength(1);
});
