import { defineEntity, p } from '@mikro-orm/core';

import { counter, id } from './columns.ts';

/** How many records of each status a shop's stream has, so that totals never cost a scan. */
export const RecordCount = defineEntity({
  name: 'RecordCount',
  tableName: 'record_counts',
  properties: {
    shopId: id().primary(),
    stream: p.text().primary(),
    status: p.text().primary(),
    count: counter(),
  },
});

/**
 * Keep `record_counts` true whoever writes to a table.
 * @param status SQL of a row's status; `row` stands for the row.
 */
export function countTriggers(table: string, stream: string, status: string) {
  const of = (row: 'new' | 'old'): string => status.replaceAll('row.', `${row}.`);
  const count = (row: 'new' | 'old', by: 1 | -1): string =>
    `insert into record_counts (shop_id, stream, status, count) values (${row}.shop_id, '${stream}', ${of(row)}, ${by}) ` +
    `on conflict (shop_id, stream, status) do update set count = record_counts.count + ${by};`;
  return [
    { name: `${table}_count_insert`, timing: 'after' as const, events: ['insert' as const], body: count('new', 1) },
    { name: `${table}_count_delete`, timing: 'after' as const, events: ['delete' as const], body: count('old', -1) },
    {
      name: `${table}_count_update`,
      timing: 'after' as const,
      events: ['update' as const],
      when: `${of('old')} <> ${of('new')} or old.shop_id <> new.shop_id`,
      body: `${count('old', -1)} ${count('new', 1)}`,
    },
  ];
}
