import type { Random } from '../random.ts';

/** TikTok: the words of `return_status` that the sandbox's returns pass through. */
export const RETURN_STATUSES = [
  'RETURN_OR_REFUND_REQUEST_PENDING',
  'REFUND_OR_RETURN_REQUEST_REJECT',
  'AWAITING_BUYER_SHIP',
  'BUYER_SHIPPED_ITEM',
  'REJECT_RECEIVE_PACKAGE',
  'RETURN_OR_REFUND_REQUEST_SUCCESS',
  'RETURN_OR_REFUND_REQUEST_CANCEL',
  'RETURN_OR_REFUND_REQUEST_COMPLETE',
  'AWAITING_BUYER_RESPONSE',
] as const;
export const RETURN_TYPES = ['REFUND', 'RETURN_AND_REFUND', 'REPLACEMENT'] as const;

export type ReturnStatus = (typeof RETURN_STATUSES)[number];
export type ReturnType = (typeof RETURN_TYPES)[number];

export interface ReturnStep {
  readonly status: ReturnStatus;
  /** Seconds after the step before. */
  readonly after: number;
}

export interface ReturnPlan {
  readonly type: ReturnType;
  /** Seconds from the delivery to the request. */
  readonly wait: number;
  readonly steps: readonly ReturnStep[];
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The whole life of a return from its request on; `pace` divides every span. */
export function planOf(random: Random, pace: number): ReturnPlan {
  const span = (low: number, high: number): number => Math.max(1, Math.floor(random.between(low, high) / pace));
  const kind = random.next();
  const type = kind < 0.35 ? 'REFUND' : kind < 0.95 ? 'RETURN_AND_REFUND' : 'REPLACEMENT';
  const wait = span(6 * HOUR, 6 * DAY);
  const answered = span(HOUR, 40 * HOUR);
  const fate = random.next();
  const steps: ReturnStep[] = [];
  if (fate < 0.12) steps.push({ status: 'REFUND_OR_RETURN_REQUEST_REJECT', after: answered });
  else if (fate < 0.2) steps.push({ status: 'RETURN_OR_REFUND_REQUEST_CANCEL', after: answered });
  else {
    if (type !== 'REFUND') {
      steps.push({ status: 'AWAITING_BUYER_SHIP', after: answered });
      steps.push({ status: 'BUYER_SHIPPED_ITEM', after: span(4 * HOUR, 4 * DAY) });
    }
    if (type !== 'REFUND' && random.chance(0.05)) {
      steps.push({ status: 'REJECT_RECEIVE_PACKAGE', after: span(DAY, 7 * DAY) });
    } else {
      steps.push({ status: 'RETURN_OR_REFUND_REQUEST_SUCCESS', after: span(HOUR, 5 * DAY) });
      steps.push({ status: 'RETURN_OR_REFUND_REQUEST_COMPLETE', after: span(HOUR, DAY) });
    }
  }
  return { type, wait, steps };
}
