import { z } from 'zod';

import type { DayRecord } from '../store/days.ts';
import type { Rejected } from '../store/rejected.ts';
import { shapeOf, shapesKnown } from './shape.ts';
import { readWire, text } from './wire.ts';

/** Seconds. A date's place on the axis is its midnight as if it were UTC, so that no time zone has a part in it. */
export const daySeconds = 86_400;

const date = z.iso.date();
const amount = z.object({ amount: text, currency: text });
const count = z.int().nullish();

/** TikTok: the interval of version 202509. */
const newer = z
  .object({
    start_date: date,
    end_date: date,
    sales: z.object({
      gmv: z.object({ overall: amount }),
      items_sold: count,
      orders_count: count,
      avg_customers_count: count,
      refunds: amount.nullish(),
    }),
  })
  .transform(({ start_date, end_date, sales }) => ({
    date: start_date,
    end: end_date,
    gmv: sales.gmv.overall,
    orders: sales.orders_count,
    unitsSold: sales.items_sold,
    buyers: sales.avg_customers_count,
    refunds: sales.refunds,
  }));

/** TikTok: the same of version 202405. */
const older = z
  .object({
    start_date: date,
    end_date: date,
    gmv: amount,
    orders: count,
    units_sold: count,
    buyers: count,
    refunds: amount.nullish(),
  })
  .transform(({ start_date, end_date, gmv, orders, units_sold, buyers, refunds }) => ({
    date: start_date,
    end: end_date,
    gmv,
    orders,
    unitsSold: units_sold,
    buyers,
    refunds,
  }));

const interval = z
  .union([newer, older])
  // Figures of a longer span would stand there as if they were one day's.
  .refine((day) => timeOfDate(day.end) - timeOfDate(day.date) === daySeconds, 'end_date: not the day after start_date');

/** What is no news in the figures of a day: fields of both versions, as documented and as seen. */
export const documentedDay = shapesKnown(
  [],
  `avg_order_value avg_order_value.amount avg_order_value.currency avg_product_page_visitor_breakdowns
  avg_product_page_visitors buyer_breakdowns buyers cancellations_and_returns end_date gmv gmv.amount gmv.currency
  gmv_breakdowns orders product_impression_breakdowns product_impressions product_page_view_breakdowns
  product_page_views refunds refunds.amount refunds.currency sales sales.avg_customers_count sales.gmv
  sales.gross_revenue sales.items_sold sales.orders_count sales.refunds sales.sku_orders_count sku_orders start_date
  traffic traffic.avg_conversation_rate traffic.avg_page_views traffic.avg_visitors units_sold`,
);

/** Unix seconds of a date's midnight as if it were UTC. */
export const timeOfDate = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;

/** The date of a place on the axis, `2026-11-22`. */
export const dateOfTime = (time: number): string => new Date(time * 1000).toISOString().slice(0, 10);

const span = z.object({ start_date: date, end_date: date });

/** How many days an interval of the API is about, undefined where it does not tell. */
export function daysIn(raw: unknown): number | undefined {
  const { data } = span.safeParse(raw);
  return data && (timeOfDate(data.end_date) - timeOfDate(data.start_date)) / daySeconds;
}

/**
 * An interval of the API → the figures of a day, or the reason why it cannot be stored (rule 4).
 * @param finalBefore place on the axis, unix seconds: older days are not restated any more.
 */
export function toDay(
  raw: unknown,
  finalBefore: number,
): { readonly record: DayRecord } | { readonly rejected: Rejected } {
  const read = readWire(raw, interval, 'start_date');
  if ('rejected' in read) return read;
  const { data: day, payload } = read;
  const dayTime = timeOfDate(day.date);
  return {
    record: {
      date: day.date,
      dayTime,
      gmv: day.gmv.amount,
      currency: day.gmv.currency,
      orders: day.orders ?? null,
      unitsSold: day.unitsSold ?? null,
      buyers: day.buyers ?? null,
      refunds: day.refunds?.amount ?? null,
      final: dayTime < finalBefore,
      payload,
      shape: () => shapeOf(raw),
    },
  };
}
