import { p } from '@mikro-orm/core';

/**
 * Columns of every table. API times (`*_time`, spans, `from`, `to`) are integer unix seconds as the API gives them; our
 * own moments are DATETIME text in UTC, which sqlite3's date functions read; money is exact decimal text; ids are text.
 */
export const datetime = () => p.string().columnType('datetime');
export const id = () => p.text();
export const seconds = () => p.integer();
export const counter = () => p.integer().default(0);

/** What every table of records has beside its own columns: since when and by which run a row is as it is. */
export const provenance = () => ({
  firstSeenAt: datetime(),
  changedAt: datetime(),
  runId: id(),
  /** Position in the order of asking: decides between equal versions. */
  asked: p.integer(),
  /** Of the payload where that is not kept: tells whether the content changed. */
  hash: p.text(),
  /** Position of the request that confirmed a version which looked older; earlier requests are refused. */
  confirmedAsked: p.integer().default(0),
  /** Last, so that reading the other columns never touches its overflow pages. */
  payload: p.text().nullable(),
});
