import { p } from '@mikro-orm/core';

/**
 * Columns of every table. API times (`*_time`, spans, `from`, `to`) are integer unix seconds as the API gives them; our
 * own moments are DATETIME text in UTC, which sqlite3's date functions read; money is exact decimal text; ids are text.
 */
export const datetime = () => p.string().columnType('datetime');
export const id = () => p.text();
export const seconds = () => p.integer();
export const counter = () => p.integer().default(0);
