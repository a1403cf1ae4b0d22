import { z } from 'zod';

import { products } from '../../../daemon/streams/products.ts';
import type { Page, ReadContext, Window } from '../../../daemon/streams/stream.ts';
import { ApiError } from '../../../daemon/tiktok/api-error.ts';
import type { Answer, ApiRequest, CallOptions, ShopApi } from '../../../daemon/tiktok/api.ts';
import { classify } from '../../../daemon/tiktok/classify.ts';

export interface WireProduct {
  readonly id: string;
  readonly status?: string;
  readonly title: string;
  readonly create_time: number;
  readonly update_time: number;
}

const bounds = z.object({
  update_time_ge: z.number().default(0),
  update_time_le: z.number().default(Number.POSITIVE_INFINITY),
  create_time_ge: z.number().default(0),
  create_time_le: z.number().default(Number.POSITIVE_INFINITY),
});

export interface ProductSearch extends z.output<typeof bounds> {
  readonly size: number;
  readonly token: string | undefined;
}

export interface ProductData {
  readonly products?: readonly unknown[];
  readonly next_page_token?: string;
  readonly total_count?: number;
}

/** The refusal that a code of TikTok's becomes. */
export function refusal(code: number, sentAt: number, asked: number, paging = false): ApiError {
  const failure = classify({ http: 200, code, message: 'no', paging });
  return new ApiError('/product', failure, 'no', undefined, { sentAt, asked });
}

/** A shop's products behind the API as it is documented, with offsets for tokens; a test bends what it is about. */
export class ProductWorld implements ShopApi {
  readonly shop = { id: '7490', name: 'Shop', region: 'GB', cipher: 'GCP_x' };
  /** Server time, unix seconds. */
  now = 1_800_000_000;
  products: WireProduct[] = [];
  readonly searches: ProductSearch[] = [];
  readonly oddities: string[] = [];
  cap = 10_000;
  /** Called before the nth search is answered, from 1. */
  before: (n: number) => void = () => undefined;
  matches = (product: WireProduct, search: ProductSearch): boolean =>
    product.update_time >= search.update_time_ge &&
    product.update_time <= search.update_time_le &&
    product.create_time >= search.create_time_ge &&
    product.create_time <= search.create_time_le;
  compare = (a: WireProduct, b: WireProduct): number => (a.id < b.id ? -1 : 1);
  bend: (data: ProductData, search: ProductSearch, n: number) => ProductData = (data) => data;
  #asked = 0;

  add(count: number, change: (n: number) => Partial<WireProduct>): void {
    for (let n = 0; n < count; n++) {
      const id = `p${String(this.products.length).padStart(5, '0')}`;
      this.products.push({
        id,
        title: id,
        status: 'ACTIVATE',
        create_time: 1_700_000_000,
        update_time: 0,
        ...change(n),
      });
    }
  }

  change(n: number, fields: Partial<WireProduct>): void {
    this.products = this.products.map((product, i) => (i === n ? { ...product, ...fields } : product));
  }

  async call<T>(request: ApiRequest<T>, options: CallOptions): Promise<Answer<T>> {
    options.signal.throwIfAborted();
    options.onAttempt?.();
    this.#asked += 1;
    const data = request.method === 'GET' ? this.#detail(request.path) : this.#search(request);
    return { data: request.data.parse(JSON.parse(JSON.stringify(data))), sentAt: this.now, asked: this.#asked };
  }

  context(change: Partial<ReadContext> = {}): ReadContext {
    return {
      api: this,
      priority: 'history',
      signal: new AbortController().signal,
      proof: {},
      odd: (what, detail) => void this.oddities.push(`${what}: ${detail}`),
      ...change,
    };
  }

  /** Reads a window to its end, or until it fails. */
  async read(window: Window, context = this.context()) {
    const pages: Page<unknown>[] = [];
    const ids: string[] = [];
    let error: unknown;
    try {
      for await (const page of products.read(window, context)) {
        pages.push(page);
        ids.push(...page.records.map(({ id }) => id));
      }
    } catch (thrown) {
      error = thrown;
    }
    return { pages, ids, error };
  }

  #detail(path: string): unknown {
    const found = this.products.find(({ id }) => id === path.split('/').at(-1));
    if (found === undefined || found.status === 'DELETED' || found.status === 'FREEZE')
      throw refusal(12019150, this.now, this.#asked);
    return { ...found, product_status: found.status };
  }

  #search({ body, query }: ApiRequest<unknown>): ProductData {
    const search = { ...bounds.parse(body), size: Number(query?.['page_size']), token: query?.['page_token'] };
    this.searches.push(search);
    this.before(this.searches.length);
    const found = this.products.filter((product) => this.matches(product, search)).toSorted(this.compare);
    if (found.length > this.cap) throw refusal(12052180, this.now, this.#asked);
    const from = Number(search.token?.split('+')[1] ?? 0);
    if (Number.isNaN(from)) throw refusal(12019108, this.now, this.#asked, true);
    const to = from + search.size;
    const data = {
      products: found.slice(from, to),
      total_count: found.length,
      next_page_token: to < found.length ? `offset+${to}` : '',
    };
    return this.bend(data, search, this.searches.length);
  }
}
