import Database from 'better-sqlite3';
import { z } from 'zod';

import { AppError } from '../errors.ts';
import { storeError } from './open.ts';

const found = z.array(z.object({ quick_check: z.string() }));

/** Reads a database through, changing nothing, also beside a running daemon: what is wrong with it, or null. */
export function damageOf(path: string): AppError | null {
  try {
    const database = new Database(path, { readonly: true, timeout: 5000 });
    try {
      const [first] = found.parse(database.prepare('pragma quick_check(1)').all([]));
      if (first?.quick_check === 'ok') return null;
      return new AppError('store', 'store', `the database ${path} is damaged: ${first?.quick_check ?? 'no answer'}`, {
        hint: 'restore a backup, or move the file away: shopsyncd then reads everything again',
      });
    } finally {
      database.close();
    }
  } catch (error) {
    return storeError(`cannot read the database ${path}`, error);
  }
}
