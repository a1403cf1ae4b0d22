import { z } from 'zod';

import { AppError } from '../errors.ts';
import type { Rejected } from '../store/rejected.ts';
import { type StatementRecord, statementTable } from '../store/statements.ts';
import type { CursorSpec, RawAnswer } from './cursor-spec.ts';
import { cursorStream } from './cursor-stream.ts';
import { listOf } from './listing.ts';
import { shapeOf, shapesKnown } from './shape.ts';
import type { ReadContext, Stream } from './stream.ts';
import { readWire, text } from './wire.ts';

const path = '/finance/202309/statements';
/** TikTok: page_size 1 to 100. One statement is made a day. */
const pageSize = 100;
const list = listOf('statements');
const newestFirst = { page_size: String(pageSize), sort_order: 'DESC' };

/** TikTok: a statement keeps its time while `payment_status` goes on, and adjustments come for weeks. */
const policy = { settle: 0, overlap: 30 * 86_400 };

/** TikTok: fields of a statement, as documented and as seen. */
const fields = `
  adjustment_amount currency fee_amount id net_sales_amount payment_id payment_status revenue_amount settlement_amount
  shipping_cost_amount statement_time
`;

/** What the columns need. The payload keeps the whole object, known to us or not. */
const wire = z.object({
  id: z.string().min(1),
  statement_time: z.int(),
  currency: text,
  settlement_amount: text,
  revenue_amount: text,
  fee_amount: text,
  adjustment_amount: text,
  payment_status: text,
  payment_id: text,
});

function toStatement(raw: unknown): { readonly record: StatementRecord } | { readonly rejected: Rejected } {
  const read = readWire(raw, wire, 'id');
  if ('rejected' in read) return read;
  const { data, payload } = read;
  return {
    record: {
      id: data.id,
      time: data.statement_time,
      currency: data.currency,
      settlementAmount: data.settlement_amount,
      revenueAmount: data.revenue_amount,
      feeAmount: data.fee_amount,
      adjustmentAmount: data.adjustment_amount,
      paymentStatus: data.payment_status,
      paymentId: data.payment_id,
      payload,
      shape: () => shapeOf(raw, 'payment_status'),
    },
  };
}

async function ask(
  query: Readonly<Record<string, string>>,
  token: string | undefined,
  context: ReadContext,
): Promise<RawAnswer> {
  const { data, sentAt, asked } = await context.api.call(
    {
      method: 'GET',
      path,
      query: { sort_field: 'statement_time', ...query, ...(token !== undefined && { page_token: token }) },
      data: list,
    },
    context,
  );
  return { ...data, sentAt, asked };
}

const identity = z.object({ id: z.string() });
/** At a statement a day these are centuries: an API that goes on pretends. */
const mostPages = 1000;

/**
 * TikTok: no statement can be asked for by its id, so they are looked for from the newest one back; the list only grows
 * at that end, which moves none past a page token. Live work looks at one page, where a statement that could not be
 * stored almost always is; one that lies further back is read again by a full resync, and tells nothing until then.
 * @throws AppError `transient` when the list does not end.
 */
async function find(ids: readonly string[], context: ReadContext): Promise<RawAnswer> {
  const wanted = new Set(ids);
  const newest = await ask(newestFirst, undefined, context);
  const items: unknown[] = [];
  const tokens = new Set<string>();
  let page = newest;
  for (;;) {
    for (const item of page.items) if (wanted.delete(identity.safeParse(item).data?.id ?? '')) items.push(item);
    const token = page.next;
    // Asked when the first page was: nothing may look newer than it is.
    if (token === undefined || wanted.size === 0 || context.priority === 'live')
      return { ...newest, items, next: token };
    if (tokens.has(token) || tokens.size === mostPages)
      throw new AppError('transient', 'api', 'the list of statements does not end', {
        hint: 'nothing was changed; it is read again with the next full run',
      });
    tokens.add(token);
    page = await ask(newestFirst, token, context);
  }
}

const spec: CursorSpec<StatementRecord> = {
  name: 'statements',
  table: statementTable,
  path,
  pageSize,
  documented: shapesKnown(['PROCESSING', 'PAID', 'FAILED'], fields),
  policy,
  axis: 'statement_time',
  counts: false,
  search: ({ from, to, token, size }, context) =>
    ask(
      {
        page_size: String(size),
        sort_order: 'ASC',
        statement_time_ge: String(from),
        statement_time_lt: String(to),
      },
      token,
      context,
    ),
  byIds: { perCall: Number.POSITIVE_INFINITY, ask: find },
  toRecord: toStatement,
  payloadOf: (statement) => statement.payload,
};

/** Settlements of a shop's days, on the axis of `statement_time`. */
export const statements: Stream<StatementRecord> = cursorStream(spec);
