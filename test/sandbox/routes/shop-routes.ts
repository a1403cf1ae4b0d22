import type { Endpoint } from '../endpoints.ts';
import type { Reply } from '../envelope.ts';
import { cancellationSearchRoute, returnSearchRoute } from './aftersales.ts';
import { productPerformanceRoute } from './analytics-products.ts';
import { shopPerformanceRoute } from './analytics.ts';
import type { ShopCall } from './call.ts';
import { detailRoute } from './orders-detail.ts';
import { searchRoute } from './orders-search.ts';
import { productDetailRoute, productSearchRoute } from './products.ts';
import { statementsRoute } from './statements.ts';

/** Who answers an admitted call of a shop. */
export const SHOP_ROUTES: Readonly<Record<Exclude<Endpoint['name'], 'shops'>, (call: ShopCall) => Reply>> = {
  'orders.search': searchRoute,
  'orders.detail': detailRoute,
  'products.search': productSearchRoute,
  'products.detail': productDetailRoute,
  'analytics.shop': shopPerformanceRoute,
  'analytics.products': productPerformanceRoute,
  'returns.search': returnSearchRoute,
  'cancellations.search': cancellationSearchRoute,
  statements: statementsRoute,
};
