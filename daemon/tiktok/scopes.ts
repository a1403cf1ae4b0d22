import type { Classification } from './classify.ts';

/** TikTok: the scope that each family of endpoints needs. */
const scopes = [
  ['/authorization/', 'seller.authorization.info'],
  ['/order/', 'seller.order.info'],
  ['/product/', 'seller.product.basic'],
  ['/return_refund/', 'seller.return_refund.basic'],
  ['/finance/', 'seller.finance.info'],
  ['/analytics/', 'data.shop_analytics.public.read'],
] as const;

/** TikTok: "the app or the token lacks the scope", which its answer does not always name. */
const missingScope = 105005;

/** A refusal for want of a scope, in words and with a hint that name the scope; anything else as it is. */
export function namingScope(failure: Classification, path: string): Classification {
  const scope = scopes.find(([prefix]) => path.startsWith(prefix))?.[1];
  if (failure.code !== missingScope || scope === undefined) return failure;
  return {
    ...failure,
    words: `the app or the token lacks the scope ${scope}`,
    hint: `give the app ${scope} in Partner Center, then authorize again: shopsync auth url`,
  };
}
