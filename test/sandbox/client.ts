import { z } from 'zod';

import type { Sandbox } from './sandbox.ts';
import { signatureOf } from './sign.ts';

export interface Answered {
  readonly http: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Default: application/json. Null: the header is left out. */
  readonly contentType?: string | null;
  readonly accessToken?: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly signal?: AbortSignal;
}

const envelope = z.object({ code: z.int(), message: z.string(), request_id: z.string(), data: z.unknown() });

const page = z.object({
  next_page_token: z.string().optional(),
  orders: z
    .array(z.looseObject({ id: z.string(), create_time: z.int(), update_time: z.int(), status: z.string() }))
    .default([]),
  total_count: z.int(),
});

export type SearchPage = z.output<typeof page>;

/** Sends one signed request to a sandbox, as a correct client would. For tests of the sandbox itself. */
export async function ask(sandbox: Sandbox, path: string, asked: Ask): Promise<Answered> {
  const { method = 'GET', body, contentType = 'application/json' } = asked;
  const query = { app_key: sandbox.appKey, timestamp: String(asked.timestamp), ...asked.query };
  const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? new Uint8Array());
  const facts = { path, query: Object.entries(query), body: bytes, contentType: contentType ?? undefined };
  const sign = signatureOf(facts, sandbox.appSecret);
  const response = await fetch(`${sandbox.url}${path}?${new URLSearchParams({ ...query, sign }).toString()}`, {
    method,
    headers: {
      ...(contentType === null ? {} : { 'content-type': contentType }),
      'x-tts-access-token': asked.accessToken ?? sandbox.accessToken,
    },
    ...(body === undefined ? {} : { body: bytes }),
    ...(asked.signal ? { signal: asked.signal } : {}),
  });
  return { http: response.status, headers: response.headers, text: await response.text() };
}

/** The code of an envelope. */
export const codeOf = ({ text }: Answered): number => envelope.parse(JSON.parse(text)).code;

/** Searches orders of the first shop; throws unless the code is 0. */
export async function search(
  sandbox: Sandbox,
  timestamp: number,
  query: Readonly<Record<string, string>> = {},
  filter: object = {},
): Promise<SearchPage> {
  const cipher = sandbox.shops[0]?.cipher ?? '';
  const answered = await ask(sandbox, '/order/202309/orders/search', {
    method: 'POST',
    query: { shop_cipher: cipher, page_size: '100', ...query },
    body: JSON.stringify(filter),
    timestamp,
  });
  const { code, message, data } = envelope.parse(JSON.parse(answered.text));
  if (code !== 0) throw new Error(`${answered.http} ${code} ${message}`);
  return page.parse(data);
}

/** A call of a shop-level endpoint, as a test writes it: a GET without a body, else a POST. */
export interface ShopAsk {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Index of the shop; default the first. */
  readonly shop?: number;
}

/** Calls a shop-level endpoint and returns the answer as it came. */
export async function askShop(sandbox: Sandbox, path: string, timestamp: number, asked: ShopAsk): Promise<Answered> {
  const { query = {}, body, shop = 0 } = asked;
  return ask(sandbox, path, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    query: { shop_cipher: sandbox.shops[shop]?.cipher ?? '', ...query },
    timestamp,
  });
}

/** The data of a successful answer in the shape expected. Throws unless the code is 0. */
export async function dataOf<T>(
  sandbox: Sandbox,
  path: string,
  timestamp: number,
  asked: ShopAsk,
  shape: z.ZodType<T>,
): Promise<T> {
  const answered = await askShop(sandbox, path, timestamp, asked);
  const { code, message, data } = envelope.parse(JSON.parse(answered.text));
  if (code !== 0) throw new Error(`${answered.http} ${code} ${message}`);
  return shape.parse(data);
}
