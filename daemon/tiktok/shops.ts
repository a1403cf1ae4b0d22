import { z } from 'zod';

import { AppError } from '../errors.ts';
import type { Shop } from './api.ts';
import type { Client } from './client.ts';

const shop = z.looseObject({
  id: z.string().min(1),
  name: z.string().default(''),
  region: z.string().default(''),
  cipher: z.string().min(1),
});
const data = z.looseObject({ shops: z.array(shop).optional() });

/** Some of the wanted shops are not there; it keeps the others from nothing (rule 9). */
export class ShopsMissing extends AppError {
  /** Those of the wanted ones that are there, in the order of the answer. */
  readonly seen: readonly Shop[];

  constructor(missing: readonly string[], visible: readonly Shop[], seen: readonly Shop[]) {
    super(
      'configuration',
      'unknown_shop',
      `api.shops names ${missing.join(', ')}, but the token may see only ${visible.map(({ id }) => id).join(', ')}`,
      { hint: 'correct api.shops, or authorize the missing shop: shopsync auth url' },
    );
    this.seen = seen;
  }
}

/**
 * The shops the token may see, or those of them that are wanted, in the order of the answer. TikTok: the call carries no
 * shop_cipher and has no pages. Rejects with a configuration AppError when there is none at all, with ShopsMissing when a
 * wanted one is missing.
 */
export async function readShops(
  client: Client,
  wanted: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Shop[]> {
  const request = { method: 'GET', path: '/authorization/202309/shops', data } as const;
  const answer = await client.call(request, { priority: 'live', signal });
  const seen = answer.data.shops ?? [];
  if (seen.length === 0)
    throw new AppError('configuration', 'not_authorized', 'the token may see no shop', {
      hint: 'authorize with the account of the shop’s seller: shopsync auth url',
    });
  const missing = wanted?.filter((id) => !seen.some((one) => one.id === id)) ?? [];
  const found = wanted === undefined ? seen : seen.filter(({ id }) => wanted.includes(id));
  if (missing.length > 0) throw new ShopsMissing(missing, seen, found);
  return found;
}
