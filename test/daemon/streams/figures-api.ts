import { expect } from 'vitest';

import { analytics } from '../../../daemon/streams/analytics.ts';
import { dateOfTime, timeOfDate } from '../../../daemon/streams/day-record.ts';
import type { Page } from '../../../daemon/streams/stream.ts';
import type { Answer, ApiRequest, CallOptions, ShopApi } from '../../../daemon/tiktok/api.ts';
import { refusal } from './product-world.ts';
import { contextOf } from './shop-over.ts';

export const day = 86_400;
/** Midnight of a date, as if it were UTC. */
export const today = timeOfDate('2026-11-22');
export const noon = today + 12 * 3600;

export interface Asked {
  readonly version: string;
  readonly from: string;
  readonly to: string;
}

/** A shop's figures as the API tells them; a test bends what it is about. */
export class FiguresApi implements ShopApi {
  readonly shop = { id: '7490', name: 'Shop', region: 'GB', cipher: 'GCP_x' };
  readonly asked: Asked[] = [];
  now = noon;
  latest = '2026-11-21';
  versions = new Set(['202509', '202405']);
  /** The code with which days are refused, if they are. */
  refuse: (from: number, to: number) => number | undefined = () => undefined;
  /** The last day that is shown; by default the latest available one. */
  shownTo: string | undefined;
  bend: (intervals: unknown[], asked: Asked) => unknown[] = (intervals) => intervals;

  async call<T>({ path, query, data }: ApiRequest<T>, options: CallOptions): Promise<Answer<T>> {
    options.onAttempt?.();
    const asked = {
      version: path.split('/')[2] ?? '',
      from: query?.['start_date_ge'] ?? '',
      to: query?.['end_date_lt'] ?? '',
    };
    this.asked.push(asked);
    expect(query).toMatchObject({ granularity: '1D', currency: 'LOCAL' });
    const [from, to] = [timeOfDate(asked.from), timeOfDate(asked.to)];
    const code = this.versions.has(asked.version) ? this.refuse(from, to) : 36009009;
    if (code !== undefined) throw refusal(code, this.now, this.asked.length);
    const end = Math.min(to, timeOfDate(this.shownTo ?? this.latest) + day);
    const days = Array.from({ length: Math.max(0, (end - from) / day) }, (_, i) => from + i * day);
    const answer = {
      latest_available_date: this.latest,
      performance: {
        intervals: this.bend(
          days.map((one) => interval(one, asked.version)),
          asked,
        ),
      },
    };
    return { data: data.parse(JSON.parse(JSON.stringify(answer))), sentAt: this.now, asked: this.asked.length };
  }
}

export const interval = (time: number, version: string, end = time + day) => {
  const [start_date, end_date] = [dateOfTime(time), dateOfTime(end)];
  const gmv = { amount: '10.50', currency: 'GBP' };
  if (version === '202405') return { start_date, end_date, gmv, orders: 3, units_sold: 4, buyers: 2, refunds: gmv };
  const sales = { gmv: { overall: gmv }, orders_count: 3, items_sold: 4, avg_customers_count: 2, refunds: gmv };
  return { start_date, end_date, sales };
};

export async function read(api: FiguresApi, window: { readonly from: number; readonly to: number }) {
  const { context, oddities } = contextOf(api);
  const pages: Page<{ readonly date: string; readonly final: boolean }>[] = [];
  let error: unknown;
  try {
    for await (const page of analytics.read(window, context)) pages.push(page);
  } catch (thrown) {
    error = thrown;
  }
  return { pages, error, oddities, dates: pages.flatMap(({ records }) => records.map(({ date }) => date)) };
}
