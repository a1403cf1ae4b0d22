import type { z } from 'zod';

/** A shop as `GET /authorization/202309/shops` tells it; `cipher` goes into the query of every call for that shop. */
export interface Shop {
  readonly id: string;
  readonly name: string;
  /** ISO alpha-2, `GB`, `VN`, `DE` … */
  readonly region: string;
  readonly cipher: string;
}

/** Live work (strips, nudges, what an operator asked for) is served before history. */
export type Priority = 'live' | 'history';

/** One call of the API, unsigned. Everything in `query` and the exact bytes of `body` are signed at each attempt. */
export interface ApiRequest<T> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /**
   * TikTok: this endpoint writes ids as text, so that its long answers need not be looked through for integers that
   * JavaScript would round.
   */
  readonly idsAreText?: true;
  /** Checks `data` of an answer with code 0. A mismatch is a transient failure: the request is tried again. */
  readonly data: z.ZodType<T>;
}

/** An answer with code 0, with what the engine must know of the attempt that brought it. */
export interface Answer<T> {
  readonly data: T;
  /** Server time at which the attempt was sent, unix seconds, never later than true server time was. */
  readonly sentAt: number;
  /** Position of the attempt in the order of asking; grows over restarts. Decides between equal versions. */
  readonly asked: number;
}

export interface CallOptions {
  readonly priority: Priority;
  /** Aborts waiting and the request under way; the call then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called for each attempt that is sent, the failed ones included. */
  readonly onAttempt?: (() => void) | undefined;
  /** Attempts at most while failures are transient, where it is fewer than usual. */
  readonly attempts?: (() => number | undefined) | undefined;
  /** Called when a transient failure is about to be followed by another attempt, with what failed in words. */
  readonly onRetry?: ((reason: string) => void) | undefined;
}

/** What a daily quota leaves to history. */
export interface HistoryShare {
  /** Requests of a whole day. */
  readonly perDay: number;
  readonly leftToday: number;
  /** Until the next day of UTC, by the server’s clock. */
  readonly nextDayMs: number;
}

/** How fast an endpoint may be asked at present, and how fast it answers. */
export interface Pace {
  readonly requestsPerSecond: number;
  /** Smoothed; undefined before the first answer. */
  readonly latencyMs: number | undefined;
  /** Undefined without a daily quota. */
  readonly history?: HistoryShare | undefined;
}

/** The API of one shop. Rejects with an AppError whose class says what the caller does next (rule 9). */
export interface ShopApi {
  readonly shop: Shop;
  /** Left out where nothing holds requests back. */
  pace?(path: string): Pace;
  call<T>(request: ApiRequest<T>, options: CallOptions): Promise<Answer<T>>;
}
