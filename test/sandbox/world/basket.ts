import { catalogueOf, type Sku } from './catalogue.ts';
import type { Market } from './market.ts';
import { Random, hash } from './random.ts';
import type { Traits } from './traits.ts';

/** One unit bought. Amounts are minor units of the market's currency. */
export interface Unit {
  readonly sku: Sku;
  readonly original: number;
  readonly sellerDiscount: number;
  readonly platformDiscount: number;
  readonly tax: number;
  readonly gift: boolean;
}

/** What was bought and what it costs; every sum is made of the units. Amounts are minor units. */
export interface Basket {
  readonly units: readonly Unit[];
  readonly original: number;
  readonly sellerDiscount: number;
  readonly platformDiscount: number;
  readonly subTotal: number;
  readonly originalShipping: number;
  readonly shippingSellerDiscount: number;
  readonly shippingPlatformDiscount: number;
  readonly shipping: number;
  readonly productTax: number;
  readonly shippingTax: number;
  readonly smallOrderFee: number;
  readonly retailDeliveryFee: number;
  readonly total: number;
}

const sum = (units: readonly Unit[], amount: (unit: Unit) => number): number =>
  units.reduce((total, unit) => total + amount(unit), 0);

/** The basket of an order; the same at every call. */
export function basketOf(traits: Traits, market: Market): Basket {
  const random = new Random(hash(traits.seed, 0x6261736b));
  const { sold, gifts } = catalogueOf(market);
  const round = (amount: number): number => Math.floor(amount / market.priceStep) * market.priceStep;
  const units: Unit[] = [];
  let sku = random.pick(sold);
  for (let count = 0; count < traits.items; count += 1) {
    // Two units of one SKU are two line items: there is no quantity.
    if (count > 0 && random.chance(0.6)) sku = random.pick(sold);
    const sellerDiscount = random.chance(0.45) ? round(sku.price * random.next() * 0.4) : 0;
    const platformDiscount = random.chance(0.25) ? round(sku.price * random.next() * 0.15) : 0;
    const tax = Math.round((sku.price - sellerDiscount - platformDiscount) * market.salesTax);
    units.push({ sku, original: sku.price, sellerDiscount, platformDiscount, tax, gift: false });
  }
  if (random.chance(0.04)) {
    units.push({ sku: random.pick(gifts), original: 0, sellerDiscount: 0, platformDiscount: 0, tax: 0, gift: true });
  }
  const original = sum(units, (unit) => unit.original);
  const sellerDiscount = sum(units, (unit) => unit.sellerDiscount);
  const platformDiscount = sum(units, (unit) => unit.platformDiscount);
  const subTotal = original - sellerDiscount - platformDiscount;
  const originalShipping = Math.max(market.priceStep, round(299 * market.perCent * (random.chance(0.7) ? 1 : 1.6)));
  const free = random.next();
  const shippingSellerDiscount = free < 0.2 ? originalShipping : 0;
  const shippingPlatformDiscount =
    free >= 0.2 && free < 0.5 ? originalShipping : free < 0.6 ? round(originalShipping / 2) : 0;
  const shipping = Math.max(0, originalShipping - shippingSellerDiscount - shippingPlatformDiscount);
  const productTax = sum(units, (unit) => unit.tax);
  const shippingTax = Math.round(shipping * market.salesTax);
  const smallOrderFee = market.fields.has('small_order_fee') && subTotal < 10_000 ? 1000 : 0;
  const retailDeliveryFee = market.fields.has('us') && random.chance(0.05) ? 28 : 0;
  return {
    units,
    original,
    sellerDiscount,
    platformDiscount,
    subTotal,
    originalShipping,
    shippingSellerDiscount,
    shippingPlatformDiscount: originalShipping - shippingSellerDiscount - shipping,
    shipping,
    productTax,
    shippingTax,
    smallOrderFee,
    retailDeliveryFee,
    total: subTotal + shipping + productTax + shippingTax + smallOrderFee + retailDeliveryFee,
  };
}

/** `payment` as JSON. */
export function renderPayment(basket: Basket, market: Market, money: (minor: number) => string): string {
  const { fields } = market;
  const m = money;
  return (
    `{"currency":"${market.currency}",` +
    (fields.has('us') ? '"item_insurance_fee":"0","item_insurance_tax":"0",' : '') +
    `"original_shipping_fee":"${m(basket.originalShipping)}","original_total_product_price":"${m(basket.original)}",` +
    `"platform_discount":"${m(basket.platformDiscount)}",` +
    (fields.has('tax_parts') ? `"product_tax":"${m(basket.productTax)}",` : '') +
    (fields.has('us') ? `"retail_delivery_fee":"${m(basket.retailDeliveryFee)}",` : '') +
    `"seller_discount":"${m(basket.sellerDiscount)}","shipping_fee":"${m(basket.shipping)}",` +
    `"shipping_fee_cofunded_discount":"${m(0)}",` +
    `"shipping_fee_platform_discount":"${m(basket.shippingPlatformDiscount)}",` +
    `"shipping_fee_seller_discount":"${m(basket.shippingSellerDiscount)}",` +
    (fields.has('tax_parts') ? `"shipping_fee_tax":"${m(basket.shippingTax)}",` : '') +
    (fields.has('small_order_fee') ? `"small_order_fee":"${m(basket.smallOrderFee)}",` : '') +
    `"sub_total":"${m(basket.subTotal)}","tax":"${m(basket.productTax + basket.shippingTax)}",` +
    `"total_amount":"${m(basket.total)}"}`
  );
}
