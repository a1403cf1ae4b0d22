import { Option } from 'commander';

import type { Params } from '../../shared/contract.ts';
import { number } from '../format.ts';
import { plainTable } from '../plain-table.ts';
import { callNamed, idAndName } from '../shop-names.ts';
import { type Verb, example } from './verb.ts';

interface Options {
  readonly by: NonNullable<Params<'orders.counts'>['groupBy']>;
  readonly shop?: string;
}

export const ordersCounts: Verb = (group, session) => {
  group
    .command('counts')
    .description('How many orders are stored')
    .addOption(new Option('--by <group>', 'grouped by').choices(['status', 'shop', 'day']).default('status'))
    .option('--shop <shop>', 'only this shop, by its id or exact name')
    .addHelpText('after', example('orders counts --by day'))
    .action(async ({ by, ...options }: Options) => {
      const { result, shops } = await callNamed(session, 'reading', 'orders.counts', { groupBy: by, ...options });
      session.print(result, ({ total, groups }) =>
        plainTable(
          [
            { title: by.toUpperCase(), cell: ({ key }) => (by === 'shop' ? idAndName(shops, key) : key) },
            { title: 'ORDERS', cell: ({ count }) => number(count), align: 'right' },
          ],
          [...groups, { key: 'total', count: total }],
          session.paint,
        ),
      );
    });
};
