import { failure, success, type Reply } from '../envelope.ts';
import { dateOf, dayOfDate } from '../world/analytics/calendar.ts';
import { NOTHING } from '../world/analytics/figures.ts';
import type { Performance } from '../world/analytics/performance.ts';
import { amountsIn, newInterval, oldInterval, type Amount } from '../world/analytics/render.ts';
import { alphabetical } from '../world/json.ts';
import { badParameter, versionOf, type ShopCall } from './call.ts';

/** Days [from, until), as days since 1970, and how amounts are to be written. */
export interface DaysAsked {
  readonly from: number;
  readonly until: number;
  readonly amount: Amount;
}

/** What every analytics call asks. TikTok: shop-local dates, the end not included; 28001022 for those that make no span. */
export function daysAsked(call: ShopCall): DaysAsked | { readonly refused: Reply } {
  const { parameter, knobs, world, requestId } = call;
  const bad = (why: string): { readonly refused: Reply } => ({
    refused: failure(200, 28001022, `invalid request params; detail: ${why}`, requestId),
  });
  const [start, end] = [parameter('start_date_ge'), parameter('end_date_lt')];
  if (!start) return { refused: badParameter(call, 'start_date_ge', 'is required') };
  if (!end) return { refused: badParameter(call, 'end_date_lt', 'is required') };
  const [from, until] = [dayOfDate(start), dayOfDate(end)];
  if (from === undefined || until === undefined) return bad('a date is written YYYY-MM-DD');
  if (from >= until) return bad('start_date_ge must be before end_date_lt');
  if (until - from > knobs.analyticsMaxDays) return bad(`the range is above ${knobs.analyticsMaxDays} days`);
  const currency = parameter('currency') || 'LOCAL';
  if (currency !== 'LOCAL' && currency !== 'USD') {
    return { refused: badParameter(call, 'currency', 'must be LOCAL or USD') };
  }
  return { from, until, amount: amountsIn(currency, world.market) };
}

/**
 * `GET /analytics/{version}/shop/performance`. TikTok: `latest_available_date` is the last day that is told. Days after
 * it are left out, or zero where the knob says so; days before the shop began are zero.
 */
export function shopPerformanceRoute(call: ShopCall): Reply {
  const asked = daysAsked(call);
  if ('refused' in asked) return asked.refused;
  const granularity = call.parameter('granularity') || 'ALL';
  if (granularity !== 'ALL' && granularity !== '1D') return badParameter(call, 'granularity', 'must be ALL or 1D');
  const older = versionOf(call) === '202405';
  const { performance } = call.world.streams;
  const { from, until } = asked;
  const compared = older && call.parameter('with_comparison') === 'true';
  const intervals = (begin: number, end: number): readonly object[] =>
    intervalsOf(call, performance, { ...asked, from: begin, until: end }, granularity);
  const data = {
    latest_available_date: dateOf(performance.latest),
    performance: {
      comparison_intervals: compared ? intervals(from - (until - from), from) : undefined,
      intervals: intervals(from, until),
    },
  };
  return success([Buffer.from(alphabetical(data))], call.requestId);
}

function intervalsOf(
  call: ShopCall,
  performance: Performance,
  { from, until, amount }: DaysAsked,
  granularity: 'ALL' | '1D',
): readonly object[] {
  const write = versionOf(call) === '202405' ? oldInterval : newInterval;
  const end = call.knobs.untoldDays === 'absent' ? Math.min(until, performance.latest + 1) : until;
  const figures = (day: number) =>
    day < performance.first || day > performance.latest ? NOTHING : performance.of(day);
  if (granularity === '1D') {
    const days = Array.from({ length: Math.max(0, end - from) }, (_, index) => from + index);
    return days.map((day) => write(figures(day), day, day + 1, amount));
  }
  const sum = performance.sum(Math.max(from, performance.first), Math.min(end, performance.latest + 1));
  return end <= from ? [] : [write(sum ?? NOTHING, from, until, amount)];
}
