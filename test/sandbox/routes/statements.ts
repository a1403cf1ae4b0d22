import type { Reply } from '../envelope.ts';
import { renderStatement } from '../world/finance/statements.ts';
import { pageOf } from '../world/records.ts';
import { keyOf } from '../world/time-index.ts';
import { badParameter, cursorOf, writePage, type ShopCall } from './call.ts';

const PAYMENTS = ['PAID', 'FAILED', 'PROCESSING'];

/**
 * `GET /finance/202309/statements`. TikTok: sort_field=statement_time is required, pages hold 1 to 100 and 20 unless
 * told otherwise, the order is ascending unless told otherwise, and there is no total.
 */
export function statementsRoute(call: ShopCall): Reply {
  const { parameter } = call;
  const refuse = (name: string, why: string): Reply => badParameter(call, name, why);
  if (parameter('sort_field') !== 'statement_time') return refuse('sort_field', 'must be statement_time');
  const order = parameter('sort_order') || 'ASC';
  if (order !== 'ASC' && order !== 'DESC') return refuse('sort_order', 'must be ASC or DESC');
  const size = parameter('page_size') || '20';
  if (!/^\d{1,3}$/.test(size) || Number(size) < 1 || Number(size) > 100) {
    return refuse('page_size', 'must be between 1 and 100');
  }
  const payment = parameter('payment_status');
  if (payment !== undefined && !PAYMENTS.includes(payment)) {
    return refuse('payment_status', `must be one of ${PAYMENTS.join(', ')}`);
  }
  const ge = parameter('statement_time_ge') || '0';
  const lt = parameter('statement_time_lt');
  if (!/^\d{1,10}$/.test(ge)) return refuse('statement_time_ge', 'must be unix seconds');
  if (lt !== undefined && !/^\d{1,10}$/.test(lt)) return refuse('statement_time_lt', 'must be unix seconds');
  const from = cursorOf(call);
  if (!from) return refuse('page_token', 'is invalid');

  const found = call.world.streams.statements
    .between(Number(ge), lt === undefined ? Infinity : Number(lt))
    .filter(({ paymentStatus }) => payment === undefined || paymentStatus === payment);
  const asked = { descending: order === 'DESC', limit: Number(size), from };
  const page = pageOf(found, ({ statementTime }) => keyOf(statementTime, 0), asked);
  const texts = page.records.map((statement) => Buffer.from(renderStatement(statement)));
  return writePage(call, { ...page, name: 'statements', texts, total: undefined });
}
