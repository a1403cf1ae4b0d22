import { defineEntity, p } from '@mikro-orm/core';

import { counter, datetime, id, provenance, seconds } from './columns.ts';
import { RecordCount, countTriggers } from './counts.ts';
import { CancellationTable, ReturnTable, StatementTable } from './entities-aftersales.ts';
import { ProductSku, ProductTable, ShopPerformance } from './entities-catalogue.ts';
import { Doubt, Lateness, OddityCount, RejectedRecord, RungTable, ShapeTable, Unseen } from './entities-watch.ts';

export const ShopTable = defineEntity({
  name: 'Shop',
  tableName: 'shops',
  properties: { id: id().primary(), name: p.text(), region: p.text(), seenAt: datetime() },
});

/** Written only in the transaction that ends a successful full or incremental run. */
export const SyncMetadata = defineEntity({
  name: 'SyncMetadata',
  tableName: 'sync_metadata',
  properties: {
    shopId: id().primary(),
    syncType: p.text().primary(),
    lastSyncTime: datetime(),
    lastRecordTime: datetime().nullable(),
    recordsSynced: counter(),
    isFullSync: p.integer().default(0),
    createdAt: datetime(),
    updatedAt: datetime(),
  },
});

/** What the engine must know of a shop's stream between runs. */
export const StreamState = defineEntity({
  name: 'StreamState',
  tableName: 'stream_state',
  properties: {
    shopId: id().primary(),
    stream: p.text().primary(),
    liveStart: seconds(),
    since: seconds(),
    watermark: seconds().nullable(),
    /** Widened by late arrivals to this; the configured one holds while it is greater. */
    overlap: seconds(),
    lastRecordTime: seconds().nullable(),
    lastAsked: counter(),
    lastError: p.text().nullable(),
    /** What the last audit found that came to its end, as JSON. */
    lastAudit: p.text().nullable(),
  },
});

/** Merged, half-open spans of the axis whose every record is stored or set aside. */
export const Coverage = defineEntity({
  name: 'Coverage',
  tableName: 'coverage',
  properties: {
    shopId: id().primary(),
    stream: p.text().primary(),
    fromTime: seconds().primary(),
    toTime: seconds(),
  },
});

/** What each run has read: explains a row, and is the ledger from which an interrupted full resync goes on. */
export const RunSpan = defineEntity({
  name: 'RunSpan',
  tableName: 'run_spans',
  properties: { runId: id().primary(), fromTime: seconds().primary(), toTime: seconds(), readAt: datetime() },
});

export const SyncRun = defineEntity({
  name: 'SyncRun',
  tableName: 'sync_runs',
  properties: {
    id: id().primary(),
    stream: p.text(),
    shopId: id(),
    kind: p.text(),
    trigger: p.text(),
    state: p.text(),
    startedAt: datetime(),
    finishedAt: datetime().nullable(),
    from: seconds().nullable(),
    to: seconds().nullable(),
    requests: counter(),
    seen: counter(),
    inserted: counter(),
    updated: counter(),
    unchanged: counter(),
    rejected: counter(),
    localOnly: p.integer().nullable(),
    error: p.text().nullable(),
    /** The first run of a full resync that was interrupted and goes on in this one. */
    continues: id().nullable(),
    /** The statuses that alone were read, as a JSON list. */
    statuses: p.text().nullable(),
    /** What an audit found, as JSON. */
    audit: p.text().nullable(),
  },
  indexes: [
    { name: 'sync_runs_shop_stream', properties: ['shopId', 'stream', 'id'] },
    { name: 'sync_runs_kind', properties: ['shopId', 'stream', 'kind', 'id'] },
    { name: 'sync_runs_state', properties: ['state'] },
  ],
});

export const OrderTable = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: {
    shopId: id().primary(),
    id: id().primary(),
    status: p.text(),
    createTime: seconds(),
    updateTime: seconds(),
    paidTime: seconds().nullable(),
    currency: p.text().nullable(),
    totalAmount: p.text().nullable(),
    itemCount: p.integer(),
    /** 1 when the personal fields were filled; a blank answer at the same version never replaces them. */
    personal: p.integer(),
    ...provenance(),
  },
  indexes: [
    { name: 'orders_shop_update', properties: ['shopId', 'updateTime'] },
    { name: 'orders_shop_create', properties: ['shopId', 'createTime'] },
  ],
  triggers: countTriggers('orders', 'orders', 'row.status'),
});

export const OrderLineItem = defineEntity({
  name: 'OrderLineItem',
  tableName: 'order_line_items',
  properties: {
    shopId: id().primary(),
    orderId: id().primary(),
    id: id().primary(),
    skuId: id().nullable(),
    productId: id().nullable(),
    productName: p.text().nullable(),
    sellerSku: p.text().nullable(),
    salePrice: p.text().nullable(),
    displayStatus: p.text().nullable(),
  },
});

/** Each status that was seen. */
export const OrderEvent = defineEntity({
  name: 'OrderEvent',
  tableName: 'order_events',
  properties: {
    shopId: id().primary(),
    orderId: id().primary(),
    updateTime: seconds().primary(),
    status: p.text().primary(),
    seenAt: datetime(),
    runId: id(),
  },
});

/** The API budget as learned: requests a second per shop and endpoint, and what was spent on each UTC day. */
export const ApiLevel = defineEntity({
  name: 'ApiLevel',
  tableName: 'api_levels',
  properties: { shopId: id().primary(), endpoint: p.text().primary(), requestsPerSecond: p.double() },
});

export const ApiUsage = defineEntity({
  name: 'ApiUsage',
  tableName: 'api_usage',
  properties: { shopId: id().primary(), day: p.text().primary(), requests: counter() },
});

/** What a person has set at the daemon itself and that lasts over restarts, by name. */
export const Setting = defineEntity({
  name: 'Setting',
  tableName: 'settings',
  properties: { name: p.text().primary(), value: p.text(), changedAt: datetime() },
});

export const entities = [
  ShopTable,
  SyncMetadata,
  StreamState,
  Coverage,
  RunSpan,
  SyncRun,
  OrderTable,
  RecordCount,
  OrderLineItem,
  OrderEvent,
  ProductTable,
  ProductSku,
  ShopPerformance,
  ReturnTable,
  CancellationTable,
  StatementTable,
  RejectedRecord,
  Doubt,
  Unseen,
  OddityCount,
  Lateness,
  RungTable,
  ShapeTable,
  ApiLevel,
  ApiUsage,
  Setting,
] as const;
