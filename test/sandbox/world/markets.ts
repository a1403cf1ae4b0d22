import type { Field, Market } from './market.ts';

const SEA: readonly Field[] = ['is_replacement_order', 'collection_due_time', 'collection_time', 'tts_sla_time'];

const market = (row: Omit<Market, 'fields'>, ...fields: readonly Field[]): Market => ({
  ...row,
  fields: new Set(fields),
});

const RELAY = 'scs2.tiktok.com';
const EURO = { currency: 'EUR', decimals: 2, fixedDecimals: false, perCent: 1, priceStep: 1 } as const;
const PREPAID = { cod: 0, hold: 0, salesTax: 0 } as const;

/** Every market the sandbox knows, in the order in which shops get them. */
export const MARKETS: readonly Market[] = [
  market(
    {
      region: 'GB',
      country: 'United Kingdom',
      currency: 'GBP',
      decimals: 2,
      fixedDecimals: false,
      perCent: 0.86,
      priceStep: 1,
      ...PREPAID,
      hold: 0.6,
      utcOffset: 0,
      language: 'en',
      phonePrefix: '+44',
      relay: 'scs3.tiktok.com',
    },
    ...SEA,
    'is_exchange_order',
    'shipping_due_time',
    'delivery_due_time',
    'item_tax',
  ),
  market(
    {
      region: 'VN',
      country: 'Việt Nam',
      currency: 'VND',
      decimals: 0,
      fixedDecimals: false,
      perCent: 280,
      priceStep: 500,
      ...PREPAID,
      cod: 0.35,
      utcOffset: 25200,
      language: 'vi',
      phonePrefix: '+84',
      relay: RELAY,
    },
    ...SEA,
    'is_exchange_order',
    'shipping_due_time',
    'cancel_order_sla_time',
    'tax_parts',
  ),
  market(
    {
      region: 'JP',
      country: '日本',
      currency: 'JPY',
      decimals: 0,
      fixedDecimals: false,
      perCent: 1.6,
      priceStep: 10,
      ...PREPAID,
      utcOffset: 32400,
      language: 'ja',
      phonePrefix: '+81',
      relay: RELAY,
    },
    ...SEA,
    'shipping_due_time',
    'delivery_due_time',
  ),
  market(
    {
      region: 'US',
      country: 'United States',
      currency: 'USD',
      decimals: 2,
      fixedDecimals: true,
      perCent: 1.1,
      priceStep: 1,
      ...PREPAID,
      hold: 0.7,
      salesTax: 0.0825,
      utcOffset: -21600,
      language: 'en',
      phonePrefix: '+1',
      relay: 'scs.tiktokw.us',
    },
    'is_exchange_order',
    'is_replacement_order',
    'shipping_due_time',
    'item_tax',
    'tax_parts',
    'us',
  ),
  market(
    {
      region: 'TH',
      country: 'ไทย',
      currency: 'THB',
      decimals: 2,
      fixedDecimals: false,
      perCent: 38,
      priceStep: 10,
      ...PREPAID,
      cod: 0.3,
      utcOffset: 25200,
      language: 'th',
      phonePrefix: '+66',
      relay: RELAY,
    },
    ...SEA,
    'shipping_due_time',
    'small_order_fee',
  ),
  market(
    {
      region: 'FR',
      country: 'France',
      ...EURO,
      ...PREPAID,
      utcOffset: 3600,
      language: 'fr',
      phonePrefix: '+33',
      relay: 'scs3.tiktok.com',
    },
    'collection_due_time',
    'item_tax',
    'vat',
  ),
  market(
    {
      region: 'DE',
      country: 'Deutschland',
      ...EURO,
      ...PREPAID,
      utcOffset: 3600,
      language: 'de',
      phonePrefix: '+49',
      relay: 'scs3.tiktok.com',
    },
    'collection_due_time',
    'item_tax',
    'vat',
  ),
  market(
    {
      region: 'MY',
      country: 'Malaysia',
      currency: 'MYR',
      decimals: 2,
      fixedDecimals: false,
      perCent: 5,
      priceStep: 10,
      ...PREPAID,
      cod: 0.2,
      utcOffset: 28800,
      language: 'ms',
      phonePrefix: '+60',
      relay: RELAY,
    },
    ...SEA,
    'delivery_due_time',
  ),
];

/** The market of a region. Throws RangeError for one the sandbox does not know. */
export function marketOf(region: string): Market {
  const found = MARKETS.find((candidate) => candidate.region === region);
  if (!found) throw new RangeError(`no market ${region}; known: ${MARKETS.map((known) => known.region).join(', ')}`);
  return found;
}
