/** TikTok: what a product's status may be. A search for ALL brings every one of them, deleted ones too. */
export const PRODUCT_STATUSES = [
  'DRAFT',
  'PENDING',
  'FAILED',
  'ACTIVATE',
  'SELLER_DEACTIVATED',
  'PLATFORM_DEACTIVATED',
  'FREEZE',
  'DELETED',
] as const;

export type ProductStatus = (typeof PRODUCT_STATUSES)[number];

/** One SKU of a product. The price is in minor units of the market's currency, the stock in units over all warehouses. */
export interface Variant {
  readonly id: string;
  readonly sellerSku: string;
  price: number;
  quantity: number;
  active: boolean;
}

/** A product in the shop's own books; times are unix seconds. */
export interface Product {
  /** Place in the order of listing. */
  readonly position: number;
  readonly id: string;
  readonly created: number;
  updated: number;
  status: ProductStatus;
  title: string;
  readonly variants: Variant[];
  /** Grows with each change, those too that leave update_time alone. */
  version: number;
}

/** A product as the API shows it now; money as the API writes it. */
export interface VisibleProduct {
  readonly id: string;
  readonly title: string;
  readonly status: ProductStatus;
  /** Unix seconds. */
  readonly createTime: number;
  readonly updateTime: number;
  readonly skus: readonly {
    readonly id: string;
    readonly sellerSku: string;
    /** The API's `tax_exclusive_price`. */
    readonly price: string;
    readonly currency: string;
    /** Over all warehouses. */
    readonly quantity: number;
  }[];
}
