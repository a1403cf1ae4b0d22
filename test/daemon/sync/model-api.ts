import { z } from 'zod';

import { createAsked } from '../../../daemon/asked.ts';
import type { Answer, ApiRequest, CallOptions, ShopApi } from '../../../daemon/tiktok/api.ts';
import type { ModelShop } from './model-shop.ts';

const searchBody = z.looseObject({
  update_time_ge: z.number().default(0),
  update_time_lt: z.number().default(Number.MAX_SAFE_INTEGER),
  create_time_ge: z.number().default(0),
  create_time_lt: z.number().default(Number.MAX_SAFE_INTEGER),
  order_status: z.string().optional(),
});

/** How the API treats a sort: as asked, not at all, or in an order that looks right by luck. */
export type Sorting = 'honoured' | 'ignored' | 'by create_time';

export interface ModelApiOptions {
  readonly shop: ModelShop;
  /** Server time, unix seconds. */
  readonly now: () => number;
  /** The machine's clock, unix seconds; default: the server's. */
  readonly local?: () => number;
  /** What the client believes the server's time to be when it sends, unix seconds; default: what it is. */
  readonly sentNow?: () => number;
  /** Called before each answer is made; may change the world, wait, or throw what the client would throw. */
  readonly before?: (n: number, request: ApiRequest<unknown>) => Promise<void> | void;
  /** Called after an answer is made and before it arrives. */
  readonly after?: (n: number, request: ApiRequest<unknown>) => Promise<void> | void;
  readonly sorting?: Sorting;
  readonly pageSize?: number;
  readonly tokens?: 'offset' | 'keyset';
  /** Changes what the API would have answered. */
  readonly bend?: (data: Record<string, unknown>, n: number) => Record<string, unknown>;
  readonly id?: string;
}

type Wire = Record<string, unknown> & { id: string; status: string; update_time: number; create_time: number };

/** The API of a model shop at the seam where the engine meets the client: everything but HTTP, in no time. */
export class ModelApi implements ShopApi {
  readonly shop;
  readonly requests: { readonly path: string; readonly body: unknown; readonly query: unknown }[] = [];
  /** Position in the order of asking → server time at which it was sent. */
  readonly sentAt = new Map<number, number>();
  #options: ModelApiOptions;
  readonly #asked;

  constructor(options: ModelApiOptions, lastAsked = 0) {
    this.#options = options;
    this.#asked = createAsked(lastAsked, () => Math.floor((options.local ?? options.now)() * 1000));
    this.shop = { id: options.id ?? '7490', name: 'Model', region: 'GB', cipher: 'GCP_model' };
  }

  set(change: Partial<ModelApiOptions>): void {
    this.#options = { ...this.#options, ...change };
  }

  async call<T>(request: ApiRequest<T>, options: CallOptions): Promise<Answer<T>> {
    const n = this.requests.length + 1;
    this.requests.push({ path: request.path, body: request.body, query: request.query });
    options.signal.throwIfAborted();
    options.onAttempt?.();
    const sentAt = (this.#options.sentNow ?? this.#options.now)();
    const asked = this.#asked();
    this.sentAt.set(asked, sentAt);
    await this.#options.before?.(n, request);
    options.signal.throwIfAborted();
    const data = this.#answer(request);
    const bent = this.#options.bend?.(data, n) ?? data;
    await this.#options.after?.(n, request);
    options.signal.throwIfAborted();
    return { data: request.data.parse(structuredClone(bent)), sentAt, asked };
  }

  #answer(request: ApiRequest<unknown>): Record<string, unknown> {
    const all = this.#options.shop.visible(this.#options.now()) as Wire[];
    const query = request.query ?? {};
    if (request.method === 'GET') {
      const ids = (query['ids'] ?? '').split(',');
      return { orders: all.filter((order) => ids.includes(order.id)) };
    }
    const body = searchBody.parse(request.body);
    const matching = all.filter(
      (o) =>
        o.update_time >= body.update_time_ge &&
        o.update_time < body.update_time_lt &&
        o.create_time >= body.create_time_ge &&
        o.create_time < body.create_time_lt &&
        (body.order_status === undefined || o.status === body.order_status),
    );
    const sorted = this.#sort(matching, query['sort_field'] === 'create_time' ? 'create_time' : 'update_time');
    const size = Math.min(Number(query['page_size']), this.#options.pageSize ?? Number.MAX_SAFE_INTEGER);
    const from = this.#position(sorted, query['page_token']);
    const page = sorted.slice(from, from + size);
    const more = from + size < sorted.length;
    const token = this.#options.tokens === 'keyset' ? `after:${page.at(-1)?.id}` : `offset:${from + size}`;
    return { orders: page, total_count: matching.length, next_page_token: more ? token : '' };
  }

  #position(sorted: readonly Wire[], token: string | undefined): number {
    if (token === undefined) return 0;
    const [kind, value = ''] = token.split(':');
    return kind === 'offset' ? Number(value) : sorted.findIndex((order) => order.id === value) + 1;
  }

  #sort(orders: readonly Wire[], field: 'create_time' | 'update_time'): Wire[] {
    const { sorting = 'honoured' } = this.#options;
    if (sorting === 'ignored') return orders.toSorted((a, b) => (a.id.slice(-3) < b.id.slice(-3) ? 1 : -1));
    const key = sorting === 'by create_time' ? 'create_time' : field;
    return orders.toSorted((a, b) => a[key] - b[key] || (a.id < b.id ? -1 : 1));
  }
}
