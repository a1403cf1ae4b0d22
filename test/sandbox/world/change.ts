import type { Status } from './status.ts';

/** An order as the API shows it now. Times are unix seconds. */
export interface VisibleOrder {
  readonly id: string;
  readonly createTime: number;
  readonly updateTime: number;
  readonly status: Status;
}

export interface Change {
  /** The update_time that the change carries, unix seconds; default now. May lie in the past. */
  readonly at?: number | undefined;
  /** Seconds until the change is visible; default 0, or what a `late` fault says. */
  readonly lateBy?: number | undefined;
  /** The order then moves no more by itself. */
  readonly still?: boolean | undefined;
}

export interface Placing extends Change {
  readonly status?: Status | undefined;
  /** Unix seconds; default `at`. */
  readonly createTime?: number | undefined;
}
