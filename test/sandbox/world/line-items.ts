import type { Basket, Unit } from './basket.ts';
import type { Market } from './market.ts';
import type { Status } from './status.ts';
import type { Words } from './words.ts';

/** What has happened to the order as a whole, for its line items. Times are unix seconds, 0 = not yet. */
export interface Shipment {
  readonly position: number;
  readonly status: Status;
  readonly shipped: boolean;
  readonly shippedAt: number;
  readonly packageIds: readonly string[];
  readonly tracking: string;
  readonly providerId: string;
  readonly cancelReason: string;
  readonly cancelledBy: string;
}

const PACKAGE_STATUS: Readonly<Record<Status, string>> = {
  UNPAID: 'TO_FULFILL',
  ON_HOLD: 'TO_FULFILL',
  AWAITING_SHIPMENT: 'TO_FULFILL',
  PARTIALLY_SHIPPING: 'PROCESSING',
  AWAITING_COLLECTION: 'PROCESSING',
  IN_TRANSIT: 'FULFILLING',
  DELIVERED: 'COMPLETED',
  COMPLETED: 'COMPLETED',
  CANCELLED: 'CANCELLED',
};

/** Line items know neither ON_HOLD nor PARTIALLY_SHIPPING. */
function displayStatus(status: Status, shipped: boolean): string {
  if (status === 'ON_HOLD') return 'AWAITING_SHIPMENT';
  if (status === 'PARTIALLY_SHIPPING') return shipped ? 'AWAITING_COLLECTION' : 'AWAITING_SHIPMENT';
  return status;
}

/** `line_items` as JSON: one per unit. */
export function renderLineItems(
  basket: Basket,
  shipment: Shipment,
  market: Market,
  words: Words,
  money: (minor: number) => string,
): string {
  const list = basket.units.map((unit, index) => {
    // Of an order shipped in parts the first unit has left, the others wait.
    const shipped = shipment.shipped && (shipment.status !== 'PARTIALLY_SHIPPING' || index === 0);
    const packageId = shipped ? (shipment.packageIds[Math.min(index, shipment.packageIds.length - 1)] ?? '') : '';
    const id = `5770${String(10_000_000_000_000 + shipment.position * 16 + index)}`;
    return renderUnit(unit, id, packageId, shipped, shipment, market, words, money);
  });
  return `[${list.join(',')}]`;
}

function renderUnit(
  unit: Unit,
  id: string,
  packageId: string,
  shipped: boolean,
  shipment: Shipment,
  market: Market,
  words: Words,
  money: (minor: number) => string,
): string {
  const { sku } = unit;
  const { fields } = market;
  const { status } = shipment;
  const sale = unit.original - unit.sellerDiscount - unit.platformDiscount;
  const packageStatus = status === 'PARTIALLY_SHIPPING' && !shipped ? 'TO_FULFILL' : PACKAGE_STATUS[status];
  return (
    `{"cancel_reason":${status === 'CANCELLED' ? shipment.cancelReason : '""'},` +
    (status === 'CANCELLED' ? `"cancel_user":"${shipment.cancelledBy}",` : '') +
    (fields.has('us')
      ? `"combined_listing_skus":[{"product_id":"${sku.productId}","seller_sku":${sku.sellerSku},` +
        `"sku_count":1,"sku_id":"${sku.id}"}],`
      : '') +
    `"currency":"${market.currency}","display_status":"${displayStatus(status, shipped)}",` +
    `"gift_retail_price":"${unit.gift ? money(sku.price) : '0'}","id":"${id}","is_dangerous_good":false,` +
    `"is_gift":${unit.gift},` +
    (fields.has('item_tax')
      ? `"item_tax":[{"tax_amount":"${unit.tax === 0 ? '0' : money(unit.tax)}","tax_rate":"${market.salesTax}",` +
        `"tax_type":"SALES_TAX"}],`
      : '') +
    `"needs_prescription":false,"original_price":"${money(unit.original)}","package_id":"${packageId}",` +
    `"package_status":"${packageStatus}",` +
    `"platform_discount":"${unit.platformDiscount === 0 ? '0' : money(unit.platformDiscount)}",` +
    `"product_id":"${sku.productId}","product_name":${sku.productName},` +
    (fields.has('us') ? `"retail_delivery_fee":"${money(0)}",` : '') +
    (shipped ? `"rts_time":${shipment.shippedAt},` : '') +
    `"sale_price":"${money(sale)}","seller_discount":"${unit.sellerDiscount === 0 ? '0' : money(unit.sellerDiscount)}",` +
    `"seller_sku":${sku.sellerSku},"shipping_provider_id":"${shipped ? shipment.providerId : ''}",` +
    `"shipping_provider_name":${shipped ? words.provider : '""'},` +
    (fields.has('vat') ? '"shipping_vat_amount":"0.5","shipping_vat_rate":"0.2",' : '') +
    `"sku_id":"${sku.id}","sku_image":"https://img.example.test/${sku.id}.jpeg","sku_name":${sku.name},` +
    `"sku_type":"NORMAL","tracking_number":"${shipped ? shipment.tracking : ''}"}`
  );
}
