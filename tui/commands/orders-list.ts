import { Option } from 'commander';

import type { Params } from '../../shared/contract.ts';
import type { OrderRow } from '../../shared/views.ts';
import { commaSeparated } from '../comma-separated.ts';
import { instant, number } from '../format.ts';
import { type PlainColumn, plainTable } from '../plain-table.ts';
import { typedInstant, typedLimit } from '../times.ts';
import { type Verb, example } from './verb.ts';

type List = NonNullable<Params<'orders.list'>>;
type Filter = NonNullable<List['filter']>;
type Options = Filter & Pick<List, 'sort' | 'limit' | 'cursor'>;

const columns: readonly PlainColumn<OrderRow>[] = [
  { title: 'ORDER', cell: (order) => order.id },
  { title: 'STATUS', cell: (order) => order.status },
  { title: 'CREATED', cell: (order) => instant(order.createTime) },
  { title: 'UPDATED', cell: (order) => instant(order.updateTime) },
  { title: 'TOTAL', cell: (order) => order.totalAmount ?? '–', align: 'right' },
  { title: 'CURRENCY', cell: (order) => order.currency ?? '–' },
  { title: 'ITEMS', cell: (order) => number(order.itemCount), align: 'right' },
  { title: 'SHOP', cell: (order) => order.shop },
];

const fields = ['createTime', 'updateTime', 'totalAmount', 'id'];
const sorts = fields.flatMap((field) => [field, `-${field}`]);

export const ordersList: Verb = (group, session) => {
  group
    .command('list')
    .description('Orders, newest change first, by pages')
    .option('--shop <shop>', 'only this shop, by its id or exact name')
    .option('--status <status>', 'only these, separated by commas or given again', commaSeparated('--status'))
    .option('--created-from <time>', 'created at or after', typedInstant)
    .option('--created-to <time>', 'created before', typedInstant)
    .option('--updated-from <time>', 'updated at or after', typedInstant)
    .option('--updated-to <time>', 'updated before', typedInstant)
    .option('--query <text>', 'part of an order id, or of a product name')
    .addOption(new Option('--sort <field>', 'a leading - descends, as in --sort=-createTime').choices(sorts))
    .option('--limit <number>', '1 to 500', typedLimit)
    .option('--cursor <cursor>', 'go on where a page ended')
    .addHelpText('after', example('orders list --status AWAITING_SHIPMENT --sort=-createTime'))
    .action(async ({ sort, limit, cursor, ...filter }: Options) => {
      const page = { ...(sort && { sort }), ...(limit && { limit }), ...(cursor && { cursor }) };
      const result = await session.ask('orders.list', { filter, ...page });
      session.print(result, ({ orders, nextCursor }) => [
        ...plainTable(columns, orders, session.paint),
        ...(nextCursor === null ? [] : ['', `More with --cursor ${nextCursor}`]),
      ]);
    });
};
