import type { z } from 'zod';

import { arrayOf, failure, success, type Reply } from '../envelope.ts';
import type { RequestFault } from '../faults-kinds.ts';
import type { PageFaults } from '../faults-page.ts';
import { openCursor, sealCursor, type Cursor } from '../page-token.ts';
import type { ProductOrder } from '../world/products/search.ts';
import type { World } from '../world/world.ts';

/** What the API does where the documentation is silent or contradicts what was seen. */
export interface Knobs {
  /** Order of a search without sort_order: DESC is documented, ASC was seen. */
  readonly defaultOrder: 'ASC' | 'DESC';
  /** Orders on a page of a search without page_size; undefined: such a search is refused. */
  readonly defaultPageSize: number | undefined;
  /** Page tokens as an offset into the result of the moment (the worst case) or as a position that stays. */
  readonly pageTokens: 'offset' | 'keyset';
  /** The last page's next_page_token. */
  readonly endMarker: 'empty' | 'absent';
  readonly badTokenCode: number;
  /** Seconds for which a page token is good. */
  readonly pageTokenTtl: number;
  /** Ids of other shops in an order detail call: left out, or an error for the whole call. */
  readonly foreignIds: 'absent' | 'error';
  /** Products that a search finds at most. TikTok: 10,000. */
  readonly productHitCap: number;
  /** A search that finds more is refused at once (count), or when its pages come to the cap (depth). */
  readonly productCap: 'count' | 'depth';
  readonly productOrder: ProductOrder;
  /** Days whose figures are not told yet: left out, or told as zero. */
  readonly untoldDays: 'absent' | 'zero';
  /** Days of figures per request; TikTok documents no limit for a shop's own figures. */
  readonly analyticsMaxDays: number;
}

/** An admitted call of a shop-level endpoint. */
export interface ShopCall {
  readonly world: World;
  readonly worlds: readonly World[];
  readonly path: string;
  readonly parameter: (name: string) => string | undefined;
  readonly body: Uint8Array;
  readonly knobs: Knobs;
  /** Unix seconds. */
  readonly now: number;
  readonly requestId: string;
  /** The faults that strike this call. */
  readonly struck: readonly RequestFault[];
  readonly pageFaults: PageFaults;
}

/** TikTok: the code for a parameter that is missing or wrong; its name stands in the message. */
export const badParameter = (call: ShopCall, name: string, why: string): Reply =>
  failure(400, 36009004, `'${name}' ${why}`, call.requestId);

/** The version in the path of a call: `/product/202502/…`. */
export const versionOf = ({ path }: ShopCall): string => path.split('/')[2] ?? '';

/** The cursor of the page asked for, or undefined when its token is not good. */
export function cursorOf({ parameter, now, knobs }: ShopCall): Cursor | undefined {
  const token = parameter('page_token') ?? '';
  return token === '' ? { offset: 0 } : openCursor(token, now, knobs.pageTokenTtl);
}

/** The body as its filters, or what `refuse` says of the one that is wrong. Unknown keys are ignored without a word. */
export function filtersOf<T>(
  call: ShopCall,
  filters: z.ZodType<T>,
  refuse: (name: string, why: string) => Reply,
): { readonly filters: T } | { readonly refused: Reply } {
  let json: unknown = {};
  try {
    if (call.body.length > 0) {
      json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(call.body));
    }
  } catch {
    return { refused: failure(400, 36009022, 'the body is not JSON in UTF-8', call.requestId) };
  }
  const parsed = filters.safeParse(json);
  if (parsed.success) return { filters: parsed.data };
  const [issue] = parsed.error.issues;
  return { refused: refuse(issue?.path.join('.') || 'body', issue?.message ?? 'is invalid') };
}

/** A page of records on its way out. */
export interface PageToWrite {
  /** The key of the list; an empty result has none. */
  readonly name: string;
  readonly texts: readonly Buffer[];
  readonly nextOffset: number;
  readonly lastKey: number;
  readonly more: boolean;
  /** Undefined where the endpoint tells none. */
  readonly total: number | undefined;
  /** What else stands beside the list, as JSON by key. */
  readonly members?: Readonly<Record<string, string>>;
}

/** Answers with a page, after what faults make of it. Keys come in alphabetical order, whatever the list is called. */
export function writePage(call: ShopCall, page: PageToWrite): Reply {
  const { knobs, now } = call;
  const cursor = knobs.pageTokens === 'offset' ? { offset: page.nextOffset } : { after: page.lastKey };
  const told = { texts: page.texts, token: page.more ? sealCursor(cursor, now) : '' };
  const shown = call.pageFaults.bend(told, call.parameter('page_token') ?? '', call.struck);
  const members = new Map<string, readonly Buffer[]>(
    Object.entries(page.members ?? {}).map(([name, json]) => [name, [Buffer.from(json)]]),
  );
  if (shown.texts.length > 0) members.set(page.name, arrayOf(shown.texts));
  if (shown.token !== '' || knobs.endMarker === 'empty') {
    members.set('next_page_token', [Buffer.from(JSON.stringify(shown.token))]);
  }
  if (page.total !== undefined) members.set('total_count', [Buffer.from(String(page.total))]);
  const parts = [...members]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value], index) => [Buffer.from(`${index > 0 ? ',' : ''}"${name}":`), ...value]);
  return success([Buffer.from('{'), ...parts, Buffer.from('}')], call.requestId);
}
