import { takesOneOfItsOwn } from './group.ts';
import { ordersCounts } from './orders-counts.ts';
import { ordersList } from './orders-list.ts';
import { ordersShow } from './orders-show.ts';
import { ordersWhy } from './orders-why.ts';
import { type Verb, example } from './verb.ts';

export const orders: Verb = (program, session) => {
  const group = program
    .command('orders')
    .description('Orders as stored: list, show ID, why ID, counts')
    .argument('[what]')
    .addHelpText('after', example('orders list --status IN_TRANSIT'));
  for (const verb of [ordersList, ordersShow, ordersWhy, ordersCounts]) verb(group, session);
  takesOneOfItsOwn(group, { needs: 'list, show ID, why ID, counts' });
};
