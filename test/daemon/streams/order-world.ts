import { z } from 'zod';

import type { OrderRecord } from '../../../daemon/store/orders.ts';
import { orders } from '../../../daemon/streams/orders.ts';
import type { Oddity, Page, ReadContext, Window } from '../../../daemon/streams/stream.ts';
import type { Answer, ApiRequest, CallOptions, ShopApi } from '../../../daemon/tiktok/api.ts';
import { type WireOrder, wire } from '../store/wire.ts';

const bounds = z.object({
  update_time_ge: z.number().optional(),
  update_time_lt: z.number().optional(),
  create_time_ge: z.number().optional(),
  create_time_lt: z.number().optional(),
  order_status: z.string().optional(),
});

export interface Search {
  readonly updateFrom: number;
  readonly updateTo: number;
  readonly createFrom: number;
  readonly createTo: number;
  readonly status?: string;
  readonly sort: string | undefined;
  readonly size: number;
  readonly token: string | undefined;
}

interface Data {
  readonly orders?: readonly unknown[];
  readonly next_page_token?: string;
  readonly total_count?: number;
}

/** A shop's orders behind the API as it is documented; a test bends what it is about. */
export class OrderWorld implements ShopApi {
  readonly shop = { id: '7490', name: 'Shop', region: 'GB', cipher: 'GCP_x' };
  orders: WireOrder[] = [];
  readonly searches: Search[] = [];
  readonly idCalls: string[][] = [];
  readonly oddities: Oddity[] = [];
  /** Called before the nth search is answered, from 1. */
  before: (n: number) => void = () => undefined;
  matches = (order: WireOrder, search: Search): boolean =>
    order.update_time >= search.updateFrom &&
    order.update_time < search.updateTo &&
    order.create_time >= search.createFrom &&
    order.create_time < search.createTo &&
    (search.status === undefined || order['status'] === search.status);
  compare = (a: WireOrder, b: WireOrder, search: Search): number =>
    search.sort === 'create_time' ? a.create_time - b.create_time : a.update_time - b.update_time;
  bend: (data: Data, search: Search, n: number) => Data = (data) => data;
  #asked = 0;

  /** `count` orders that differ in what `change` says of each. */
  add(count: number, change: (n: number) => Readonly<Record<string, unknown>>): void {
    const from = this.orders.length;
    for (let n = 0; n < count; n++) this.orders.push(wire(`id${String(from + n).padStart(5, '0')}`, change(n)));
  }

  /** Changes an order in place, as the shop would. */
  change(n: number, fields: Readonly<Record<string, unknown>>): void {
    this.orders = this.orders.map((order, i) => (i === n ? { ...order, ...fields } : order));
  }

  async call<T>(request: ApiRequest<T>, options: CallOptions): Promise<Answer<T>> {
    options.signal.throwIfAborted();
    options.onAttempt?.();
    this.#asked += 1;
    const data = request.method === 'GET' ? this.#byIds(request) : this.#search(request);
    return { data: request.data.parse(JSON.parse(JSON.stringify(data))), sentAt: 1_800_000_000, asked: this.#asked };
  }

  context(change: Partial<ReadContext> = {}): ReadContext {
    return {
      api: this,
      priority: 'history',
      signal: new AbortController().signal,
      proof: {},
      odd: (what) => this.oddities.push(what),
      ...change,
    };
  }

  /** Reads a window to its end. */
  async read(window: Window, context = this.context()): Promise<Read> {
    const pages: Page<OrderRecord>[] = [];
    for await (const page of orders.read(window, context)) pages.push(page);
    return summary(pages);
  }

  #byIds(request: ApiRequest<unknown>): Data {
    const ids = (request.query?.['ids'] ?? '').split(',');
    this.idCalls.push(ids);
    return { orders: this.orders.filter((order) => ids.includes(order.id)) };
  }

  #search(request: ApiRequest<unknown>): Data {
    const body = bounds.parse(request.body);
    const search = {
      updateFrom: body.update_time_ge ?? 0,
      updateTo: body.update_time_lt ?? Number.POSITIVE_INFINITY,
      createFrom: body.create_time_ge ?? 0,
      createTo: body.create_time_lt ?? Number.POSITIVE_INFINITY,
      sort: request.query?.['sort_field'],
      size: Number(request.query?.['page_size']),
      token: request.query?.['page_token'],
      ...(body.order_status !== undefined && { status: body.order_status }),
    };
    this.searches.push(search);
    this.before(this.searches.length);
    const found = this.orders
      .filter((order) => this.matches(order, search))
      .toSorted((a, b) => this.compare(a, b, search));
    const from = Number(search.token?.split('+')[1] ?? 0);
    const to = from + search.size;
    const data = {
      orders: found.slice(from, to),
      total_count: found.length,
      next_page_token: to < found.length ? `offset+${to}` : '',
    };
    return this.bend(data, search, this.searches.length);
  }
}

export interface Read {
  readonly pages: readonly Page<OrderRecord>[];
  /** Ids in the order in which they came. */
  readonly ids: readonly string[];
  /** Spans that were read whole, merged where they touch. */
  readonly covered: readonly { readonly from: number; readonly to: number }[];
}

export const summary = (pages: readonly Page<OrderRecord>[]): Read => ({
  pages,
  covered: coveredBy(pages),
  ids: pages.flatMap((page) => page.records.map((record) => record.id)),
});

/** Spans that pages have read whole, merged where they touch. */
export function coveredBy(pages: readonly Page<unknown>[]): Read['covered'] {
  const covered: { from: number; to: number }[] = [];
  for (const { from, coveredTo } of pages) {
    if (coveredTo === undefined) continue;
    const last = covered.at(-1);
    if (last !== undefined && last.to === from) last.to = coveredTo;
    else covered.push({ from, to: coveredTo });
  }
  return covered;
}
