import { money, type Market } from '../market.ts';
import { marketOf } from '../markets.ts';
import { dateOf } from './calendar.ts';
import { CHANNELS, type Figures } from './figures.ts';

/** Minor units of the shop's currency as `{amount, currency}`. */
export type Amount = (minor: number) => { readonly amount: string; readonly currency: string };

/** Amounts in the shop's currency, or in US dollars at a rate that stands still. */
export function amountsIn(currency: 'LOCAL' | 'USD', market: Market): Amount {
  const shown = currency === 'LOCAL' ? market : marketOf('US');
  const rate = shown.perCent / market.perCent;
  return (minor) => ({
    amount: money(shown === market ? minor : Math.round(minor * rate), shown),
    currency: shown.currency,
  });
}

/** An interval [from, until) of days in the shape of version 202509. */
export function newInterval(figures: Figures, from: number, until: number, amount: Amount): object {
  const { gmv, gmvBy, orders, visitors } = figures;
  return {
    end_date: dateOf(until),
    sales: {
      avg_customers_count: figures.buyers,
      gmv: {
        breakdowns: CHANNELS.map((type) => ({ gmv: amount(gmvBy[type]), type })),
        overall: amount(gmv),
      },
      gross_revenue: {
        breakdowns: [
          { percentage: '0.874', type: 'GMV_MAX' },
          { percentage: '0.126', type: 'NON_GMV_MAX' },
        ],
        overall: amount(Math.floor(gmv * 0.95)),
      },
      items_sold: figures.unitsSold,
      orders_count: orders,
      refunds: amount(figures.refunds),
      sku_orders_count: figures.skuOrders,
    },
    start_date: dateOf(from),
    traffic: {
      avg_conversation_rate: visitors === 0 ? '0' : (figures.buyers / visitors).toFixed(4),
      avg_page_views: figures.pageViews,
      avg_visitors: visitors,
    },
  };
}

/** An interval [from, until) of days in the shape of version 202405: counts are numbers, money is text. */
export function oldInterval(figures: Figures, from: number, until: number, amount: Amount): object {
  const { gmv, orders, visitors, pageViews, impressions } = figures;
  return {
    avg_order_value: amount(orders === 0 ? 0 : Math.round(gmv / orders)),
    avg_product_page_visitor_breakdowns: [{ amount: visitors, type: 'VIDEO' }],
    avg_product_page_visitors: visitors,
    buyer_breakdowns: CHANNELS.map((type) => ({ amount: figures.buyersBy[type], type })),
    buyers: figures.buyers,
    cancellations_and_returns: figures.cancelled,
    end_date: dateOf(until),
    gmv: amount(gmv),
    gmv_breakdowns: CHANNELS.map((type) => ({ ...amount(figures.gmvBy[type]), type })),
    orders,
    product_impression_breakdowns: [{ amount: impressions, type: 'VIDEO' }],
    product_impressions: impressions,
    product_page_view_breakdowns: [{ amount: pageViews, type: 'VIDEO' }],
    product_page_views: pageViews,
    refunds: amount(figures.refunds),
    sku_orders: figures.skuOrders,
    start_date: dateOf(from),
    units_sold: figures.unitsSold,
  };
}
