/** The endpoints of the sandbox's API host and what the gateway asks of a call before it looks at parameters. */
export interface Endpoint {
  readonly name:
    | 'shops'
    | 'orders.search'
    | 'orders.detail'
    | 'products.search'
    | 'products.detail'
    | 'analytics.shop'
    | 'analytics.products'
    | 'returns.search'
    | 'cancellations.search'
    | 'statements';
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly scope: string;
  /** Shop-level calls need the cipher of a shop; the others refuse one. */
  readonly cipher: 'required' | 'refused';
}

export const ENDPOINTS: readonly Endpoint[] = [
  {
    name: 'shops',
    method: 'GET',
    path: /^\/authorization\/202309\/shops$/,
    scope: 'seller.authorization.info',
    cipher: 'refused',
  },
  {
    name: 'orders.search',
    method: 'POST',
    path: /^\/order\/202309\/orders\/search$/,
    scope: 'seller.order.info',
    cipher: 'required',
  },
  {
    name: 'orders.detail',
    method: 'GET',
    path: /^\/order\/(202309|202507)\/orders$/,
    scope: 'seller.order.info',
    cipher: 'required',
  },
  {
    name: 'products.search',
    method: 'POST',
    path: /^\/product\/(202309|202502)\/products\/search$/,
    scope: 'seller.product.basic',
    cipher: 'required',
  },
  {
    name: 'products.detail',
    method: 'GET',
    path: /^\/product\/(202309|202509)\/products\/\d+$/,
    scope: 'seller.product.basic',
    cipher: 'required',
  },
  {
    name: 'analytics.shop',
    method: 'GET',
    path: /^\/analytics\/(202405|202509)\/shop\/performance$/,
    scope: 'data.shop_analytics.public.read',
    cipher: 'required',
  },
  {
    name: 'analytics.products',
    method: 'GET',
    path: /^\/analytics\/(202405|202509|202605)\/shop_products\/performance$/,
    scope: 'data.shop_analytics.public.read',
    cipher: 'required',
  },
  {
    name: 'returns.search',
    method: 'POST',
    path: /^\/return_refund\/(202309|202602)\/returns\/search$/,
    scope: 'seller.return_refund.basic',
    cipher: 'required',
  },
  {
    name: 'cancellations.search',
    method: 'POST',
    path: /^\/return_refund\/(202309|202602)\/cancellations\/search$/,
    scope: 'seller.return_refund.basic',
    cipher: 'required',
  },
  {
    name: 'statements',
    method: 'GET',
    path: /^\/finance\/202309\/statements$/,
    scope: 'seller.finance.info',
    cipher: 'required',
  },
];
