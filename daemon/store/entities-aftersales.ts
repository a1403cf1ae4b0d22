import { defineEntity, p } from '@mikro-orm/core';

import { counter, id, provenance, seconds } from './columns.ts';
import { countTriggers } from './counts.ts';

export const ReturnTable = defineEntity({
  name: 'Return',
  tableName: 'returns',
  properties: {
    shopId: id().primary(),
    id: id().primary(),
    orderId: id().nullable(),
    status: p.text(),
    type: p.text().nullable(),
    createTime: seconds(),
    updateTime: seconds(),
    currency: p.text().nullable(),
    refundTotal: p.text().nullable(),
    ...provenance(),
  },
  indexes: [
    { name: 'returns_shop_update', properties: ['shopId', 'updateTime'] },
    { name: 'returns_shop_order', properties: ['shopId', 'orderId'] },
  ],
  triggers: countTriggers('returns', 'returns', 'row.status'),
});

export const CancellationTable = defineEntity({
  name: 'Cancellation',
  tableName: 'cancellations',
  properties: {
    shopId: id().primary(),
    id: id().primary(),
    orderId: id().nullable(),
    status: p.text(),
    type: p.text().nullable(),
    createTime: seconds(),
    updateTime: seconds(),
    /** Both null for an order that was never paid. */
    currency: p.text().nullable(),
    refundTotal: p.text().nullable(),
    ...provenance(),
  },
  indexes: [
    { name: 'cancellations_shop_update', properties: ['shopId', 'updateTime'] },
    { name: 'cancellations_shop_order', properties: ['shopId', 'orderId'] },
  ],
  triggers: countTriggers('cancellations', 'cancellations', 'row.status'),
});

export const StatementTable = defineEntity({
  name: 'Statement',
  tableName: 'statements',
  properties: {
    shopId: id().primary(),
    id: id().primary(),
    /** 00:00 UTC of the day after the one that it covers. */
    statementTime: seconds(),
    currency: p.text().nullable(),
    settlementAmount: p.text().nullable(),
    revenueAmount: p.text().nullable(),
    feeAmount: p.text().nullable(),
    adjustmentAmount: p.text().nullable(),
    paymentStatus: p.text().nullable(),
    paymentId: id().nullable(),
    /** How often other figures have replaced the first ones. */
    restated: counter(),
    ...provenance(),
  },
  indexes: [{ name: 'statements_shop_time', properties: ['shopId', 'statementTime'] }],
  triggers: countTriggers('statements', 'statements', "coalesce(row.payment_status, 'UNKNOWN')"),
});
