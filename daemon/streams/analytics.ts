import { type DayRecord, dayTable } from '../store/days.ts';
import { dateOfTime, daySeconds, documentedDay, timeOfDate } from './day-record.ts';
import { type DaysAnswer, type Refused, askDays, performancePath, restatedSeconds } from './performance.ts';
import type { Page, ReadContext, Stream } from './stream.ts';

/** Days to ask for at once. TikTok: more than 60 are refused by some endpoints; a range that is refused is halved. */
const daysPerPage = 60;
/** A day of which every shop that is asked about has an answer, if only "no figures": 2024-01-01. */
const someDay = 1_704_067_200;

/** Seconds. Figures of younger days that are refused may be told yet. */
const young = 10 * daySeconds;

const floorDay = (time: number): number => Math.floor(time / daySeconds) * daySeconds;
const ceilDay = (time: number): number => Math.ceil(time / daySeconds) * daySeconds;

/**
 * The shop's performance day by day. The axis is the date: its midnight as if it were UTC. A day is covered once the API
 * restates it no more; younger ones are read again by every run. An answer that leaves out days at one end may have been
 * cut short: only what is asked for by itself and does not come has no figures.
 */
export const analytics: Stream<DayRecord> = {
  name: 'analytics',
  table: dayTable,
  path: performancePath,
  pageSize: daysPerPage,
  documented: documentedDay,
  // TikTok tells a day one to two days after it has ended; more is a delay that must not make history of what is live.
  policy: { settle: 0, overlap: restatedSeconds, lag: 2 * restatedSeconds },
  async *read(window, context) {
    let cursor = window.from;
    let freshTo = Number.POSITIVE_INFINITY;
    let refused: Refused | undefined;
    let hasBegun = false;
    let most = daysPerPage;
    // The end of days that were left out of an answer: they are asked by themselves.
    let untold = Number.POSITIVE_INFINITY;
    while (cursor < Math.min(window.to, freshTo)) {
      const from = floorDay(cursor);
      const end = Math.min(ceilDay(window.to), freshTo, untold);
      let to = Math.min(end, from + Math.min(most, sizeOf(context)) * daySeconds);
      const answer = await askDays(from, to, context);
      if ('refused' in answer) {
        const isYoung = to > answer.sentAt - young;
        if (to - from > daySeconds && (isYoung || !(await isBeyond(from, to, context)))) {
          most = Math.ceil((to - from) / daySeconds / 2);
          continue;
        }
        // Days before the shop began may be young, but none is refused after one that was told.
        if (isYoung && hasBegun) throw answer.refused;
        if (isYoung) refused = answer;
        yield withoutFigures(answer, cursor, Math.min(to, window.to), context);
      } else {
        ({ freshTo } = answer);
        refused = undefined;
        untold = Number.POSITIVE_INFINITY;
        if (answer.told !== undefined && answer.told.from > from) {
          untold = answer.told.from;
          continue;
        }
        hasBegun ||= answer.told !== undefined;
        to = Math.min(to, answer.told?.to ?? to);
        most = Math.min(daysPerPage, most * 2);
        const left = Math.min(ceilDay(window.to), freshTo) - to;
        yield toPage(answer, cursor, Math.min(to, window.to), left);
      }
      cursor = to;
      if (cursor >= untold) untold = Number.POSITIVE_INFINITY;
    }
    if (refused !== undefined) throw refused.refused;
  },
  async *readIds(ids, context) {
    for (const id of ids) {
      const from = timeOfDate(id);
      const answer = await askDays(from, from + daySeconds, context);
      if ('refused' in answer) yield { records: [], rejected: [], ...answer, from: 0, absent: [id] };
      else
        yield { ...toPage(answer, 0, 0, 0), absent: answer.records.length + answer.rejected.length === 0 ? [id] : [] };
    }
  },
  /** Days of the window that the API tells; what it says of one day tells how far they reach. */
  async count({ from, to }, context) {
    const answer = await askDays(someDay, someDay + daySeconds, context);
    const end = 'refused' in answer ? to : Math.min(to, answer.freshTo);
    return Math.max(0, Math.ceil((end - from) / daySeconds));
  },
};

const sizeOf = ({ pageSize }: ReadContext): number => Math.min(pageSize?.() ?? daysPerPage, daysPerPage);

/** @param left seconds behind the page of which the API has figures. */
function toPage(answer: DaysAnswer, from: number, to: number, left: number): Page<DayRecord> {
  const { freshTo, records, rejected, sentAt, asked } = answer;
  const coveredTo = Math.min(to, freshTo - restatedSeconds);
  return {
    records,
    rejected,
    sentAt,
    asked,
    from,
    freshTo,
    remaining: Math.max(0, Math.ceil(left / daySeconds)),
    ...(coveredTo > from && { coveredTo }),
  };
}

/** Whether the API refuses every day of a range and not its length: the first and the last one by themselves as well. */
async function isBeyond(from: number, to: number, context: ReadContext): Promise<boolean> {
  for (const day of [from, to - daySeconds])
    if (!('refused' in (await askDays(day, day + daySeconds, context)))) return false;
  return true;
}

/** Days that the API refuses to tell, before the shop or the figures began: there is nothing to copy. */
function withoutFigures({ refused, sentAt, asked }: Refused, from: number, to: number, context: ReadContext) {
  context.odd('days refused', `${dateOfTime(from)} to ${dateOfTime(to)}: ${refused.message}`);
  const covers = to <= sentAt - young && { coveredTo: to };
  return { records: [], rejected: [], sentAt, asked, from, ...covers };
}
