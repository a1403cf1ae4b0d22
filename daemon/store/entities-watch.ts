import { defineEntity, p } from '@mikro-orm/core';

import { counter, datetime, id, seconds } from './columns.ts';

/** Records set aside, keyed by their content, so that reading one again adds no row. */
export const RejectedRecord = defineEntity({
  name: 'RejectedRecord',
  tableName: 'rejected_records',
  properties: {
    id: id().primary(),
    shopId: id(),
    stream: p.text(),
    reason: p.text(),
    payload: p.text(),
    runId: id(),
    seenAt: datetime(),
    /** The record's own id where it has one: then each run asks for it again. */
    recordId: id().nullable(),
    /** Position of the request that brought it last: an older answer does not undo it. */
    asked: p.integer(),
  },
  indexes: [{ name: 'rejected_records_record', properties: ['shopId', 'stream', 'recordId'] }],
});

/** Records whose newest answer looked older than the stored one, to be asked again by id once that can be trusted. */
export const Doubt = defineEntity({
  name: 'Doubt',
  tableName: 'doubts',
  properties: {
    shopId: id().primary(),
    stream: p.text().primary(),
    recordId: id().primary(),
    /** Unix seconds of server time from which the question is asked. */
    dueTime: seconds(),
    reason: p.text(),
  },
});

/** Rows that lie in a span a full run has read, and that the API did not show there. */
export const Unseen = defineEntity({
  name: 'Unseen',
  tableName: 'unseen',
  properties: { runId: id().primary(), recordId: id().primary(), updateTime: seconds() },
});

/** Rule 14: what contradicts the assumptions, counted by name. */
export const OddityCount = defineEntity({
  name: 'OddityCount',
  tableName: 'oddities',
  properties: {
    shopId: id().primary(),
    stream: p.text().primary(),
    what: p.text().primary(),
    count: counter(),
    lastSeenAt: datetime(),
  },
});

/** How late records showed, in powers of two of seconds. */
export const Lateness = defineEntity({
  name: 'Lateness',
  tableName: 'lateness',
  properties: {
    shopId: id().primary(),
    stream: p.text().primary(),
    upToSeconds: p.integer().primary(),
    count: counter(),
  },
});

/** What records look like, learned from them: statuses as `status=…`, fields as `path:kind`. */
export const ShapeTable = defineEntity({
  name: 'Shape',
  tableName: 'shapes',
  properties: {
    shopId: id().primary(),
    stream: p.text().primary(),
    shape: p.text().primary(),
    firstSeenAt: datetime(),
  },
});

/** The rungs of the ladder (rule 10) that changed what is read again, and when each was last reached. */
export const RungTable = defineEntity({
  name: 'Rung',
  tableName: 'rungs',
  properties: {
    shopId: id().primary(),
    stream: p.text().primary(),
    rung: p.text().primary(),
    reason: p.text(),
    reachedAt: datetime(),
    leftAt: datetime().nullable(),
  },
});
