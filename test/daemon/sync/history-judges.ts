import { sql } from 'kysely';

import type { Store } from '../../../daemon/store/store.ts';
import { type FaultTable, tablesOf } from './history.ts';

const faultTables = [...new Set<FaultTable>(Object.values(tablesOf).flat())];

/** Rules 3 and 7 are judged by the database itself, at each write; faults break a transaction off at a table. */
const judges = [
  'create table fault (place text)',
  'create table violations (what text)',
  ...faultTables.flatMap((table) =>
    ['insert', 'update'].map(
      (event) => `create trigger fault_${table}_${event} before ${event} on ${table}
      when exists (select 1 from fault where place = '${table}') begin select raise(abort, 'fault'); end`,
    ),
  ),
  `create trigger rule_3 after update on orders when (new.update_time, new.asked) < (old.update_time, old.asked)
    and new.confirmed_asked <> new.asked
    begin insert into violations values ('rule 3: ' || old.id || ' went from ' || old.update_time || ' asked '
      || old.asked || ' to ' || new.update_time || ' asked ' || new.asked); end`,
  `create trigger rule_7 after update on stream_state when new.watermark is null and old.watermark is not null
    or new.watermark < old.watermark
    begin insert into violations values ('rule 7: the watermark went from ' || old.watermark || ' to '
      || coalesce(new.watermark, 'null')); end`,
];

/** Makes the database that each history begins with. */
export async function prepare(store: Store): Promise<void> {
  for (const text of judges) await store.change((db) => sql.raw(text).execute(db));
}

/** The next write to that table fails, and with it the transaction. */
export const arm = (store: Store, table: FaultTable): Promise<unknown> =>
  store.change((db) => sql`insert into fault values (${table})`.execute(db));

export const disarm = (store: Store): Promise<unknown> => store.change((db) => sql`delete from fault`.execute(db));
