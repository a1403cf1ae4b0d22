import type { OrderDetail } from '../../shared/views.ts';
import { instant } from '../format.ts';
import { plainTable } from '../plain-table.ts';
import type { Paint } from '../theme.ts';
import { type Verb, example } from './verb.ts';

const money = (amount: string | null, currency: string | null): string =>
  amount === null ? '–' : `${amount} ${currency ?? ''}`.trimEnd();

const report = (order: OrderDetail, paint: Paint): readonly string[] => [
  `${paint('strong', order.id)}  ${order.status}  ${money(order.totalAmount, order.currency)}  shop ${order.shop}`,
  `created ${instant(order.createTime)}, updated ${instant(order.updateTime)}, ` +
    (order.paidTime === null ? 'not paid' : `paid ${instant(order.paidTime)}`),
  `first seen ${instant(order.firstSeenAt)}, last changed ${instant(order.changedAt)} by run ${order.runId}`,
  '',
  ...plainTable(
    [
      { title: 'ITEM', cell: (item) => item.id },
      { title: 'PRODUCT', cell: (item) => item.productName ?? '–' },
      { title: 'SELLER SKU', cell: (item) => item.sellerSku ?? '–' },
      { title: 'PRICE', cell: (item) => money(item.salePrice, order.currency), align: 'right' },
      { title: 'STATUS', cell: (item) => item.displayStatus ?? '–' },
    ],
    order.lineItems,
    paint,
  ),
  '',
  ...plainTable(
    [
      { title: 'STATUS', cell: (event) => event.status },
      { title: 'SINCE', cell: (event) => instant(event.updateTime) },
      { title: 'SEEN', cell: (event) => instant(event.seenAt) },
      { title: 'RUN', cell: (event) => event.runId },
    ],
    order.events,
    paint,
  ),
];

export const ordersShow: Verb = (group, session) => {
  group
    .command('show')
    .argument('<id>', 'an order id')
    .description('One order with its line items and every status that was seen')
    .option('--shop <shop>', 'the shop, by its id or exact name, where two have the same id')
    .addHelpText('after', example('orders show 576461413038785752'))
    .action(async (id: string, options: { readonly shop?: string }) => {
      const result = await session.ask('orders.get', { id, ...options });
      session.print(result, (order) => report(order, session.paint));
    });
};
