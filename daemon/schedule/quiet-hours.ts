import type { ClockSpan } from '../config/kinds-time.ts';
import { DAY, MINUTE, QUARTER, wallClock } from './wall-clock.ts';

/**
 * Whether the clock on the wall shows one of the quiet hours; null: every hour is quiet. An hour that occurs twice when
 * clocks go back is quiet both times, one that is left out when they go forward is not there to be quiet.
 * @param atMs Local unix milliseconds.
 */
export function isQuiet(hours: ClockSpan | null, timeZone: string, atMs: number): boolean {
  if (hours === null) return true;
  const { fromMinute, toMinute } = hours;
  const minute = minuteOfDay(timeZone, atMs);
  return fromMinute < toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;
}

/**
 * `atMs` when it is quiet, else the next moment at which the quiet hours begin, in local unix milliseconds.
 * @throws Error when none begin within a week, which no time zone does.
 */
export function quietFrom(hours: ClockSpan | null, timeZone: string, atMs: number): number {
  if (hours === null) return atMs;
  // Clocks are changed at quarters of an hour only: between two of them the wall's clock is even.
  for (let at = atMs; at < atMs + 7 * DAY; at = (Math.floor(at / QUARTER) + 1) * QUARTER) {
    if (isQuiet(hours, timeZone, at)) return at;
    const minutes = (hours.fromMinute - minuteOfDay(timeZone, at) + 1440) % 1440;
    const begin = Math.floor(at / MINUTE) * MINUTE + minutes * MINUTE;
    if (Math.floor(begin / QUARTER) === Math.floor(at / QUARTER)) return begin;
  }
  throw new Error(`no quiet hours begin in ${timeZone} within a week of ${new Date(atMs).toISOString()}`);
}

/** `01:00-06:00`. */
export function quietWords({ fromMinute, toMinute }: ClockSpan): string {
  return `${clock(fromMinute)}-${clock(toMinute)}`;
}

const clock = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');

function minuteOfDay(timeZone: string, atMs: number): number {
  const { hour, minute } = wallClock(timeZone, atMs);
  return hour * 60 + minute;
}
