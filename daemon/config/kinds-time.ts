import { Cron } from 'croner';

import type { Kind } from './kinds.ts';

/** Any moment before a leap year's February: patterns that never come true are found without asking the clock. */
const CRON_PROBE = new Date('2024-01-01T00:00:00Z');

/** Seconds are refused on purpose: below a minute there is nothing new to fetch, only quota to lose. */
export const cron: Kind<string> = {
  allowed: 'a cron pattern of 5 fields that comes true some day, such as "*/15 * * * *"',
  parse: (value) => {
    // Croner would also take a date, and run once.
    if (typeof value !== 'string' || value.trim().split(/\s+/).length !== 5) return undefined;
    try {
      const job = new Cron(value, { paused: true, mode: '5-part', timezone: 'UTC' });
      return job.nextRun(CRON_PROBE) === null ? undefined : value;
    } catch {
      // Croner says "no" by throwing; what is allowed instead is said by whoever asked.
      return undefined;
    }
  },
};

export const timeZone: Kind<string> = {
  allowed: 'an IANA time zone, such as "Europe/London"',
  parse: (value) => {
    if (typeof value !== 'string' || !/^[a-z]/i.test(value)) return undefined;
    try {
      new Intl.DateTimeFormat('en', { timeZone: value });
      return value;
    } catch {
      // Intl says "no" by throwing a RangeError.
      return undefined;
    }
  },
};

/** The start of that day in UTC, unix seconds. TOML has dates of its own, which are taken too. */
export const utcDate: Kind<number> = {
  allowed: 'a UTC date from 1970 on, such as "2020-01-01"',
  parse: (value) => {
    const date = value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value;
    if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(date)) return undefined;
    const start = new Date(`${date}T00:00:00Z`);
    const exists = !Number.isNaN(start.getTime()) && start.toISOString().startsWith(date);
    return exists && start.getTime() >= 0 ? start.getTime() / 1000 : undefined;
  },
};

/** A daily span of clock time, in minutes since midnight; over midnight when `fromMinute > toMinute`. */
export interface ClockSpan {
  /** 0 to 1439. */
  readonly fromMinute: number;
  /** Exclusive; 1 to 1440 when the span ends on the same day. */
  readonly toMinute: number;
}

export const clockSpan: Kind<ClockSpan> = {
  allowed: 'HH:MM-HH:MM, such as "01:00-06:00", with two different ends',
  parse: (value) => {
    const [, from, to] = typeof value === 'string' ? (/^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(value) ?? []) : [];
    const fromMinute = minuteOf(from);
    const toMinute = minuteOf(to);
    if (fromMinute === undefined || toMinute === undefined || fromMinute === 1440 || fromMinute === toMinute) {
      return undefined;
    }
    return Object.freeze({ fromMinute, toMinute });
  },
};

function minuteOf(clock: string | undefined): number | undefined {
  const [hours, minutes] = (clock ?? '').split(':').map(Number);
  if (hours === undefined || minutes === undefined || minutes > 59) return undefined;
  const minute = hours * 60 + minutes;
  return minute <= 1440 ? minute : undefined;
}
