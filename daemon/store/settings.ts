import type { Db } from './database.ts';
import { toDatetime } from './time.ts';

/** What a person has set at the daemon itself and that lasts over restarts. */
export type SettingName = 'paused_at';

/** Undefined when it is not set. */
export async function findSetting(db: Db, name: SettingName): Promise<string | undefined> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}

/** Undefined takes it away. `now` in local milliseconds. */
export async function saveSetting(db: Db, name: SettingName, value: string | undefined, now: number): Promise<void> {
  if (value === undefined) {
    await db.deleteFrom('settings').where('name', '=', name).execute();
    return;
  }
  const row = { value, changed_at: toDatetime(now) };
  await db
    .insertInto('settings')
    .values({ name, ...row })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute();
}
