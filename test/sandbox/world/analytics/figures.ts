/** Where a sale came from. */
export const CHANNELS = ['LIVE', 'VIDEO', 'PRODUCT_CARD'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Figures of a span of days. Money is in minor units of the market's currency. */
export interface Figures {
  readonly gmv: number;
  readonly gmvBy: Readonly<Record<Channel, number>>;
  readonly buyersBy: Readonly<Record<Channel, number>>;
  readonly orders: number;
  readonly skuOrders: number;
  readonly unitsSold: number;
  readonly buyers: number;
  readonly refunds: number;
  readonly cancelled: number;
  readonly visitors: number;
  readonly pageViews: number;
  readonly impressions: number;
}

const ZERO = { LIVE: 0, VIDEO: 0, PRODUCT_CARD: 0 };

export const NOTHING: Figures = {
  gmv: 0,
  gmvBy: ZERO,
  buyersBy: ZERO,
  orders: 0,
  skuOrders: 0,
  unitsSold: 0,
  buyers: 0,
  refunds: 0,
  cancelled: 0,
  visitors: 0,
  pageViews: 0,
  impressions: 0,
};

const bothBy = (a: Readonly<Record<Channel, number>>, b: Readonly<Record<Channel, number>>) => ({
  LIVE: a.LIVE + b.LIVE,
  VIDEO: a.VIDEO + b.VIDEO,
  PRODUCT_CARD: a.PRODUCT_CARD + b.PRODUCT_CARD,
});

export const plus = (a: Figures, b: Figures): Figures => ({
  gmv: a.gmv + b.gmv,
  gmvBy: bothBy(a.gmvBy, b.gmvBy),
  buyersBy: bothBy(a.buyersBy, b.buyersBy),
  orders: a.orders + b.orders,
  skuOrders: a.skuOrders + b.skuOrders,
  unitsSold: a.unitsSold + b.unitsSold,
  buyers: a.buyers + b.buyers,
  refunds: a.refunds + b.refunds,
  cancelled: a.cancelled + b.cancelled,
  visitors: a.visitors + b.visitors,
  pageViews: a.pageViews + b.pageViews,
  impressions: a.impressions + b.impressions,
});

/** One day as the API tells it now, for a test that compares; money as the API writes it in local currency. */
export interface DayFigures {
  /** Shop-local, `YYYY-MM-DD`. */
  readonly date: string;
  /** Whether it will change no more. */
  readonly final: boolean;
  readonly gmv: string;
  readonly currency: string;
  readonly orders: number;
  readonly unitsSold: number;
  readonly buyers: number;
  readonly refunds: string;
}
