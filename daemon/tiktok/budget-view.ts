import type { Usage } from './daily-usage.ts';

/** What a shop's budget has learned, to be kept over restarts. */
export interface SavedBudget {
  /** Requests per second by endpoint. */
  readonly levels: Readonly<Record<string, number>>;
  readonly usage: Usage;
}

/** How a shop's budget stands, for a person to look at. Times in unix seconds. */
export interface BudgetView {
  readonly requestsPerSecond: number;
  readonly ceiling: number;
  readonly usedToday: number;
  readonly throttledUntil: number | null;
  readonly tokenExpiresAt: number | null;
}
