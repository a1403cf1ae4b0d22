import type { Db } from './database.ts';
import { fromDatetime, toDatetime } from './time.ts';

/** What a person has set at the daemon itself and that lasts over restarts. */
export type SettingName = 'paused_at' | `schedule.${string}`;

export interface StoredSetting {
  readonly name: string;
  readonly value: string;
  /** Local milliseconds. */
  readonly changedAt: number;
}

/** Undefined when it is not set. */
export async function findSetting(db: Db, name: SettingName): Promise<string | undefined> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}

/** Those whose names begin so. */
export async function listSettings(db: Db, prefix: string): Promise<StoredSetting[]> {
  const rows = await db
    .selectFrom('settings')
    .select(['name', 'value', 'changed_at'])
    .where((eb) => eb(eb.fn('substr', ['name', eb.lit(1), eb.lit(prefix.length)]), '=', prefix))
    .orderBy('name')
    .execute();
  return rows.map((row) => ({ name: row.name, value: row.value, changedAt: fromDatetime(row.changed_at) }));
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

/** All of them or none: `change` of the store is one transaction. */
export async function saveSettings(
  db: Db,
  settings: readonly { readonly name: SettingName; readonly value: string | undefined }[],
  now: number,
): Promise<void> {
  for (const { name, value } of settings) await saveSetting(db, name, value, now);
}
