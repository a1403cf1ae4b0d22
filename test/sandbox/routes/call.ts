import { failure, type Reply } from '../envelope.ts';
import type { RequestFault } from '../faults-kinds.ts';
import type { PageFaults } from '../faults-page.ts';
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
}

/** An admitted call of a shop-level endpoint. */
export interface ShopCall {
  readonly world: World;
  readonly worlds: readonly World[];
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
