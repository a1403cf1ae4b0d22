import { at } from './random.ts';

/** Order statuses in the order of an order's life; the position in this list is how columns store them. */
export const STATUSES = [
  'UNPAID',
  'ON_HOLD',
  'AWAITING_SHIPMENT',
  'PARTIALLY_SHIPPING',
  'AWAITING_COLLECTION',
  'IN_TRANSIT',
  'DELIVERED',
  'COMPLETED',
  'CANCELLED',
] as const;

export type Status = (typeof STATUSES)[number];

export const isStatus = (text: string): text is Status => STATUSES.some((status) => status === text);
export const codeOf = (status: Status): number => STATUSES.indexOf(status);
export const statusOf = (code: number): Status => at(STATUSES, code);
/** From here an order moves no more by itself. */
export const isTerminal = (status: Status): boolean => status === 'COMPLETED' || status === 'CANCELLED';
