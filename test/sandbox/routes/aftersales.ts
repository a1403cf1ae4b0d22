import { z } from 'zod';

import { failure, type Reply } from '../envelope.ts';
import { RETURN_STATUSES, RETURN_TYPES } from '../world/aftersales/return-life.ts';
import { pageOf } from '../world/records.ts';
import { keyOf } from '../world/time-index.ts';
import { cursorOf, filtersOf, versionOf, writePage, type ShopCall } from './call.ts';

const common = {
  order_ids: z.array(z.string()).optional(),
  create_time_ge: z.int().optional(),
  create_time_lt: z.int().optional(),
  update_time_ge: z.int().optional(),
  update_time_lt: z.int().optional(),
};

const returnFilters = z.object({
  ...common,
  return_ids: z.array(z.string()).optional(),
  return_types: z.array(z.enum(RETURN_TYPES)).optional(),
  return_status: z.array(z.enum(RETURN_STATUSES)).optional(),
});

const CANCEL_STATUSES = ['PENDING', 'SUCCESS', 'CANCEL', 'COMPLETE'] as const;
const cancelFilters = z.object({
  ...common,
  cancel_ids: z.array(z.string()).optional(),
  cancel_types: z.array(z.enum(['CANCEL', 'BUYER_CANCEL'])).optional(),
  cancel_status: z.array(z.enum(CANCEL_STATUSES.map((word) => `CANCELLATION_REQUEST_${word}` as const))).optional(),
});

interface Timed {
  readonly position: number;
  readonly orderId: string;
  readonly created: number;
  readonly updated: number;
}

type Common = z.output<z.ZodObject<typeof common>>;

const refusal = (call: ShopCall) => (name: string, why: string) =>
  failure(200, 25001001, `'${name}' ${why}`, call.requestId, {});

const listed = (list: readonly string[] | undefined, value: string): boolean => list?.includes(value) ?? true;

/** TikTok: the start of a span is included, the end is not. */
const fits = (record: Timed, body: Common): boolean =>
  listed(body.order_ids, record.orderId) &&
  record.created >= (body.create_time_ge ?? -Infinity) &&
  record.created < (body.create_time_lt ?? Infinity) &&
  record.updated >= (body.update_time_ge ?? -Infinity) &&
  record.updated < (body.update_time_lt ?? Infinity);

/** `POST /return_refund/{version}/returns/search`. TikTok: pages of 10 to 50, ascending unless told otherwise. */
export function returnSearchRoute(call: ShopCall): Reply {
  const read = filtersOf(call, returnFilters, refusal(call));
  if ('refused' in read) return read.refused;
  const { filters: body } = read;
  const { returns } = call.world.streams.claims;
  const matching = returns.list.filter(
    (record) =>
      fits(record, body) &&
      listed(body.return_ids, record.id) &&
      listed(body.return_types, record.type) &&
      listed(body.return_status, record.status),
  );
  return answer(call, matching, { name: 'return_orders', least: 10 }, (record) =>
    returns.payload(record, versionOf(call)),
  );
}

/** `POST /return_refund/{version}/cancellations/search`. TikTok: pages of 1 to 50, ascending unless told otherwise. */
export function cancellationSearchRoute(call: ShopCall): Reply {
  const read = filtersOf(call, cancelFilters, refusal(call));
  if ('refused' in read) return read.refused;
  const { filters: body } = read;
  const { cancellations } = call.world.streams.claims;
  const matching = cancellations.list.filter(
    (record) =>
      fits(record, body) &&
      listed(body.cancel_ids, record.id) &&
      listed(body.cancel_types, record.role === 'BUYER' ? 'BUYER_CANCEL' : 'CANCEL') &&
      listed(body.cancel_status, record.status.replace(/CANCELLED$/, 'CANCEL')),
  );
  return answer(call, matching, { name: 'cancellations', least: 1 }, (record) => cancellations.payload(record));
}

function answer<T extends Timed>(
  call: ShopCall,
  matching: readonly T[],
  { name, least }: { readonly name: string; readonly least: number },
  payload: (record: T) => Buffer,
): Reply {
  const refuse = refusal(call);
  const { parameter } = call;
  const size = parameter('page_size') || '10';
  if (!/^\d{1,2}$/.test(size) || Number(size) < least || Number(size) > 50) {
    return refuse('page_size', `must be between ${least} and 50`);
  }
  const field = parameter('sort_field') || 'create_time';
  if (field !== 'create_time' && field !== 'update_time') {
    return refuse('sort_field', 'must be create_time or update_time');
  }
  const order = parameter('sort_order') || 'ASC';
  if (order !== 'ASC' && order !== 'DESC') return refuse('sort_order', 'must be ASC or DESC');
  const from = cursorOf(call);
  if (!from) return refuse('page_token', 'is invalid');
  const page = pageOf(
    matching,
    (record) => keyOf(field === 'create_time' ? record.created : record.updated, record.position),
    { descending: order === 'DESC', limit: Number(size), from },
  );
  return writePage(call, { ...page, name, texts: page.records.map(payload) });
}
