/** The endpoints of the sandbox's API host and what the gateway asks of a call before it looks at parameters. */
export interface Endpoint {
  readonly name: 'shops' | 'orders.search' | 'orders.detail';
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
];
