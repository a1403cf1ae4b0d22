/** TikTok: the words of answers; a search asks for `…_CANCEL` where an answer says `…_CANCELLED`. */
export type CancelStatus =
  | 'CANCELLATION_REQUEST_PENDING'
  | 'CANCELLATION_REQUEST_CANCELLED'
  | 'CANCELLATION_REQUEST_COMPLETE';

/** A cancellation in the shop's own books; times are unix seconds. */
export interface Cancellation {
  readonly position: number;
  readonly id: string;
  readonly order: number;
  readonly orderId: string;
  readonly role: 'BUYER' | 'SELLER' | 'SYSTEM';
  readonly created: number;
  updated: number;
  status: CancelStatus;
  /** Whether money was paid that must be given back. */
  readonly paid: boolean;
}

export interface VisibleCancellation {
  readonly id: string;
  readonly orderId: string;
  readonly type: string;
  readonly status: CancelStatus;
  /** Unix seconds. */
  readonly createTime: number;
  readonly updateTime: number;
  /** Missing where nothing had been paid. */
  readonly refundTotal: string | undefined;
  readonly currency: string | undefined;
}
