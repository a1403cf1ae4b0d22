import type { Columns } from './columns.ts';
import type { Traits } from './traits.ts';

/** How much of the buyer the API shows. Numbers, because they are part of the key of a cached text. */
export const PRIVACY = { open: 0, masked: 1, blank: 2 } as const;
export type Privacy = (typeof PRIVACY)[keyof typeof PRIVACY];

const DAY = 86_400;
const MASKED_AFTER_COMPLETION = 30 * DAY;

/**
 * TikTok: blank until an order may be fulfilled and again when it is old; orders that the seller ships are readable
 * from AWAITING_SHIPMENT until 30 days after COMPLETED; all others are masked. `now` in unix seconds.
 */
export function privacyOf(
  columns: Columns,
  position: number,
  traits: Traits,
  now: number,
  blankAfterDays: number,
): Privacy {
  const step = columns.shown[position] ?? 0;
  const status = columns.stepStatus(position, step);
  if (status === 'UNPAID' || status === 'ON_HOLD') return PRIVACY.blank;
  if (now - (columns.created[position] ?? 0) > blankAfterDays * DAY) return PRIVACY.blank;
  if (traits.shippingType === 'TIKTOK' || status === 'CANCELLED') return PRIVACY.masked;
  const age = now - columns.stepTime(position, step);
  return status === 'COMPLETED' && age > MASKED_AFTER_COMPLETION ? PRIVACY.masked : PRIVACY.open;
}
