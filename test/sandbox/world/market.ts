/** What differs between the countries a shop can sell in: money, habits, and which fields the API shows there. */
export interface Market {
  readonly region: string;
  readonly country: string;
  readonly currency: string;
  /** Digits after the point that the currency has. */
  readonly decimals: 0 | 2;
  /** The US prints "25.00"; elsewhere an amount keeps only the decimals it needs: "5.6", "0". */
  readonly fixedDecimals: boolean;
  /** Minor units of this currency per euro cent, and the smallest step of a price in minor units. */
  readonly perCent: number;
  readonly priceStep: number;
  /** Share of orders paid on delivery. */
  readonly cod: number;
  /** Share of orders held for the remorse hour. */
  readonly hold: number;
  /** Taxes added to the total, as a fraction of the amount; 0 where prices include them. */
  readonly salesTax: number;
  readonly utcOffset: number;
  readonly language: 'en' | 'vi' | 'ja' | 'th' | 'de' | 'fr' | 'ms';
  readonly phonePrefix: string;
  readonly relay: string;
  readonly fields: ReadonlySet<Field>;
}

/** Fields and groups of fields that only some markets show. */
export type Field =
  | 'is_exchange_order'
  | 'is_replacement_order'
  | 'shipping_due_time'
  | 'collection_due_time'
  | 'collection_time'
  | 'delivery_due_time'
  | 'tts_sla_time'
  | 'cancel_order_sla_time'
  | 'item_tax'
  | 'vat'
  | 'tax_parts'
  | 'small_order_fee'
  | 'us';

/** An amount in minor units as the API writes it. */
export function money(minor: number, { decimals, fixedDecimals }: Market): string {
  if (decimals === 0) return String(minor);
  return fixedDecimals ? (minor / 100).toFixed(2) : String(minor / 100);
}
