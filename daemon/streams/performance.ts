import { z } from 'zod';

import { AppError } from '../errors.ts';
import type { DayRecord } from '../store/days.ts';
import type { Rejected } from '../store/rejected.ts';
import { ApiError } from '../tiktok/api-error.ts';
import type { ShopApi } from '../tiktok/api.ts';
import { dateOfTime, daySeconds, daysIn, timeOfDate, toDay } from './day-record.ts';
import type { ReadContext } from './stream.ts';

/** TikTok: newest first. Which of them answer differs from shop to shop. */
const versions = ['202509', '202405'] as const;
type Version = (typeof versions)[number];

const pathOf = (version: Version): string => `/analytics/${version}/shop/performance`;
export const performancePath = pathOf(versions[0]);

/** The version that answered last, per shop. A daemon that starts anew tries the newest first. */
const answering = new WeakMap<ShopApi, Version>();

/** TikTok restates the figures of a day for about a week, seconds. */
export const restatedSeconds = 7 * daySeconds;

export interface DaysAnswer {
  readonly records: readonly DayRecord[];
  readonly rejected: readonly Rejected[];
  /** The span of the days that came, places on the axis; undefined where none came. */
  readonly told: { readonly from: number; readonly to: number } | undefined;
  /** The end of the last day that the API tells, as a place on the axis, unix seconds. */
  readonly freshTo: number;
  readonly sentAt: number;
  readonly asked: number;
}

/** A range of dates that the API refuses: too long, or nothing that it has figures of. */
export interface Refused {
  readonly refused: ApiError;
  readonly sentAt: number;
  readonly asked: number;
}

const data = z.object({
  latest_available_date: z.iso.date(),
  performance: z.object({ intervals: z.array(z.unknown()).nullish() }).nullish(),
});

/**
 * The figures of the days in `[from, to)`, both multiples of a day. TikTok: `start_date_ge` is inclusive, `end_date_lt`
 * exclusive, both in the shop's time zone; days after `latest_available_date` are not told yet, whatever is sent for them.
 * @throws AppError `configuration` when the dates or the granularity have no effect.
 */
export async function askDays(from: number, to: number, context: ReadContext): Promise<DaysAnswer | Refused> {
  const preferred = answering.get(context.api) ?? versions[0];
  const others = versions.filter((version) => version !== preferred);
  try {
    return await askVersion(preferred, from, to, context);
  } catch (error) {
    if (!isUnknown(error)) throw error;
    for (const version of others) {
      try {
        return await askVersion(version, from, to, context);
      } catch (another) {
        if (!isUnknown(another)) throw another;
      }
    }
    throw error;
  }
}

const isUnknown = (error: unknown): boolean => error instanceof ApiError && error.reaction === 'fall-back-version';

/** @returns what a version answers, which is then asked first the next time. */
async function askVersion(
  version: Version,
  from: number,
  to: number,
  context: ReadContext,
): Promise<DaysAnswer | Refused> {
  try {
    const answer = await tellDays(version, from, to, context);
    answering.set(context.api, version);
    return answer;
  } catch (error) {
    if (error instanceof ApiError && error.reaction === 'split-window' && error.sent !== undefined)
      return { refused: error, ...error.sent };
    throw error;
  }
}

async function tellDays(version: Version, from: number, to: number, context: ReadContext): Promise<DaysAnswer> {
  const answer = await context.api.call(
    {
      method: 'GET',
      path: pathOf(version),
      query: {
        start_date_ge: dateOfTime(from),
        end_date_lt: dateOfTime(to),
        granularity: '1D',
        currency: 'LOCAL',
      },
      data,
    },
    context,
  );
  const freshTo = timeOfDate(answer.data.latest_available_date) + daySeconds;
  const intervals = answer.data.performance?.intervals ?? [];
  if (intervals.some((raw) => (daysIn(raw) ?? 1) > 1)) throw ignored('granularity', from, to);
  const results = intervals.map((raw) => toDay(raw, freshTo - restatedSeconds));
  const records = results.flatMap((result) => ('record' in result ? [result.record] : []));
  const rejected = results.flatMap((result) => ('rejected' in result ? [result.rejected] : []));
  if (records.some(({ dayTime }) => dayTime < from || dayTime >= to)) throw ignored('dates', from, to);
  const told = {
    records: records.filter(({ dayTime }) => dayTime < freshTo),
    rejected: rejected.filter(({ recordId }) => recordId === null || !(timeOfDate(recordId) >= freshTo)),
  };
  return { ...told, told: spanOf(told), freshTo, sentAt: answer.sentAt, asked: answer.asked };
}

function spanOf({ records, rejected }: Pick<DaysAnswer, 'records' | 'rejected'>): DaysAnswer['told'] {
  const times = [
    ...records.map(({ dayTime }) => dayTime),
    ...rejected.map(({ recordId }) => timeOfDate(recordId ?? '')).filter(Number.isFinite),
  ];
  return times.length === 0 ? undefined : { from: Math.min(...times), to: Math.max(...times) + daySeconds };
}

const ignored = (what: string, from: number, to: number): AppError =>
  new AppError(
    'configuration',
    'api',
    `the API ignores the ${what}: asked for each day from ${dateOfTime(from)} to ${dateOfTime(to)}, got other days`,
    { hint: 'nothing was skipped; report it, and try `shopsync sync analytics` later' },
  );
