import { parseDuration } from '../shared/duration.ts';
import { UsageError } from './failure.ts';

/** A duration such as `30s` (ms, s, m, h, d) in milliseconds. Throws UsageError. */
export const milliseconds = (text: string): number => {
  const value = parseDuration(text);
  if (value === undefined) {
    throw new UsageError(`"${text}" is no duration: write an integer and ms, s, m, h or d, as in 30s`);
  }
  // setTimeout takes 31 bits and fires at once beyond them.
  return Math.min(value, 2 ** 31 - 1);
};

/** `--timeout` in milliseconds; undefined for `off` and `0`, which is none. Throws UsageError. */
export const typedTimeout = (text: string): number | undefined =>
  text === 'off' || parseDuration(text) === 0 || text === '0' ? undefined : milliseconds(text);

/** The parser takes 31 February for 3 March. */
const isDate = (date = ''): boolean => new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);

/**
 * An instant as a person types it, as the daemon takes it: a date, an ISO 8601 time (UTC unless it names an offset),
 * or unix seconds. Throws UsageError.
 */
export const typedInstant = (text: string): number | string => {
  if (/^\d{6,}$/.test(text)) return Number(text);
  const [, date, time = '00:00:00', offset = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  const parsed = date === undefined ? Number.NaN : Date.parse(`${date}T${time}${offset}`);
  if (Number.isNaN(parsed) || !isDate(date)) {
    throw new UsageError(`"${text}" is no time: write 2026-11-22, 2026-11-22T09:30Z or unix seconds`);
  }
  return new Date(parsed).toISOString();
};

/** A whole number from 1 to `most`, given to the option `name`. Throws UsageError. */
export const typedCount = (name: string, text: string, most: number): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most) throw new UsageError(`${name} is a number from 1 to ${most}`);
  return value;
};

/** `--limit` as the daemon takes it, 1 to 500. Throws UsageError. */
export const typedLimit = (text: string): number => typedCount('--limit', text, 500);
