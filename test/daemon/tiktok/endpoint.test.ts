import { expect, test } from 'vitest';

import { endpointOf } from '../../../daemon/tiktok/endpoint.ts';

test.each([
  ['/order/202309/orders/search', '/order/202309/orders/search'],
  ['/order/202407/orders/576461413038785752/price_detail', '/order/202407/orders/{id}/price_detail'],
  ['/product/202309/products/1729592969712207008', '/product/202309/products/{id}'],
])('%s is %s', (path, endpoint) => {
  expect(endpointOf(path)).toBe(endpoint);
});
