import type { ReturnStatus, ReturnType } from './return-life.ts';

/** A return in the shop's own books; times are unix seconds. */
export interface Return {
  readonly position: number;
  readonly id: string;
  readonly order: number;
  readonly orderId: string;
  readonly type: ReturnType;
  readonly created: number;
  updated: number;
  status: ReturnStatus;
}

export interface VisibleReturn {
  readonly id: string;
  readonly orderId: string;
  readonly type: ReturnType;
  readonly status: ReturnStatus;
  /** Unix seconds. */
  readonly createTime: number;
  readonly updateTime: number;
  readonly refundTotal: string;
  readonly currency: string;
}
