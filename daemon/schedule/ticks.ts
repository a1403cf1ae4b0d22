import { Cron } from 'croner';

import { Memo } from './memo.ts';
import { DAY, HOUR, MINUTE, wallClock } from './wall-clock.ts';

/** The moments that a cron pattern names, by the clock of a time zone. All times are local unix milliseconds. */

const crons = new Memo<Cron>(64);
const intervals = new Memo<number>(256);

/** The first tick later than `afterMs`, null when the pattern never comes true again. @throws for a bad pattern. */
export function tickAfter(pattern: string, timeZone: string, afterMs: number): number | null {
  return cronOf(pattern, timeZone).nextRun(new Date(afterMs))?.getTime() ?? null;
}

/** The last tick later than `afterMs` and not later than `untilMs`. */
export function lastTickIn(pattern: string, timeZone: string, afterMs: number, untilMs: number): number | null {
  // Croner leaves its reference out.
  const tick = cronOf(pattern, timeZone)
    .previousRuns(1, new Date(untilMs + 1))[0]
    ?.getTime();
  return tick !== undefined && tick > afterMs ? tick : null;
}

/**
 * Milliseconds between ticks, the mean of the UTC day that `atMs` lies in, of the week that begins there for a pattern
 * with less than two ticks on it, and the next distance for one that is rarer still. Infinity after the last tick.
 */
export function usualInterval(pattern: string, timeZone: string, atMs: number): number {
  const day = Math.floor(atMs / DAY);
  return intervals.get(`${pattern} ${timeZone} ${day}`, () => {
    // By whole hours of the wall's clock, which zones of half an hour have elsewhere than UTC.
    const from = day * DAY - wallClock(timeZone, day * DAY).minute * MINUTE;
    for (const span of [DAY, 7 * DAY]) {
      const ticks = countTicks(pattern, timeZone, from, from + span);
      if (ticks > 1) return span / ticks;
    }
    const next = tickAfter(pattern, timeZone, from);
    const second = next === null ? null : tickAfter(pattern, timeZone, next);
    return next === null || second === null ? Infinity : second - next;
  });
}

/** Every hour with ticks has the same minutes: one is counted, the others are only found. */
function countTicks(pattern: string, timeZone: string, from: number, to: number): number {
  let hours = 0;
  let perHour = 0;
  for (let tick = tickAfter(pattern, timeZone, from - 1); tick !== null && tick < to; hours++) {
    const end = tick + HOUR - wallClock(timeZone, tick).minute * MINUTE;
    for (; hours === 0 && tick !== null && tick < end; perHour++) tick = tickAfter(pattern, timeZone, tick);
    tick = tickAfter(pattern, timeZone, end - 1);
  }
  return hours * perHour;
}

function cronOf(pattern: string, timezone: string): Cron {
  return crons.get(`${pattern} ${timezone}`, () => new Cron(pattern, { timezone, paused: true, mode: '5-part' }));
}
