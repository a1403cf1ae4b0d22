/** How much of the streams besides orders a world has, and how it lives. */
export interface StreamOptions {
  /** Products that a shop begins with; those that its orders name come first. */
  readonly products: number;
  /** How many of them were last changed on one and the same day, 30 days before the start. */
  readonly productsOnOneDay: number;
  /** Over how many seconds of that day they are spread. */
  readonly oneDaySeconds: number;
  /** Changes of products per day of life, before `pace`. */
  readonly productChanges: number;
  /** Whether a change of stock moves a product's update_time. */
  readonly stockMovesUpdateTime: boolean;
  /** For how many days after it was first told a day's figures go on changing. */
  readonly restatedDays: number;
  /** Seconds after a day's local end until its figures are told. */
  readonly analyticsDelay: number;
}

/** A moderate shop. */
export const STREAM_DEFAULTS: StreamOptions = {
  products: 500,
  productsOnOneDay: 0,
  oneDaySeconds: 86_400,
  productChanges: 60,
  stockMovesUpdateTime: true,
  restatedDays: 3,
  analyticsDelay: 0,
};
