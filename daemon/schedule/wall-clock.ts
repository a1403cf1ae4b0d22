import { Memo } from './memo.ts';

/** What clocks on the wall of a time zone show. */
export interface WallClock {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
}

export const MINUTE = 60_000;
export const QUARTER = 15 * MINUTE;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** By quarter hours: since 1972 clocks have been changed at no other moments. */
  readonly offsets: Memo<number>;
}

const zones = new Memo<Zone>(64);

/** @param atMs Local unix milliseconds. @throws RangeError for a time zone that does not exist. */
export function wallClock(timeZone: string, atMs: number): WallClock {
  const shown = shownAt(timeZone, atMs);
  return { weekday: shown.getUTCDay(), hour: shown.getUTCHours(), minute: shown.getUTCMinutes() };
}

/** Date and time for people: `2026-11-22 03:15, Europe/London`. Milliseconds in. */
export function wallTime(timeZone: string, atMs: number): string {
  return `${shownAt(timeZone, atMs).toISOString().slice(0, 16).replace('T', ' ')}, ${timeZone}`;
}

/** A date whose UTC fields are what the wall shows. */
function shownAt(timeZone: string, atMs: number): Date {
  const { format, offsets } = zones.get(timeZone, () => open(timeZone));
  return new Date(atMs + offsets.get(Math.floor(atMs / QUARTER), () => offsetAt(format, atMs)));
}

function open(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  // A month of quarter hours: what learning the rhythm asks for, and a night's planning.
  return { format, offsets: new Memo(4096) };
}

/** Milliseconds that the wall is ahead of UTC. */
function offsetAt(format: Intl.DateTimeFormat, atMs: number): number {
  const field: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format.formatToParts(atMs)) field[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = field;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000;
}
