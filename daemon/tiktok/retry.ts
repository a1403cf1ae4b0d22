import type { Classification } from './classify.ts';

/** Attempts of one call in all, while its failures are transient. TikTok: at most 5. */
const ATTEMPTS = 5;
/** How long one call waits for a crowded API, all waits together. */
export const PATIENCE_MS = 10 * 60_000;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** Clocks that are tried after a `timestamp` was refused: that of the refusal, then the machine's own. */
const CLOCKS = 2;

/** What one call has been through so far. */
export interface Tally {
  readonly transient: number;
  readonly throttled: number;
  readonly throttledMs: number;
  readonly refreshed: boolean;
  readonly resynced: number;
  readonly reread: boolean;
}

export const freshTally: Tally = {
  transient: 0,
  throttled: 0,
  throttledMs: 0,
  refreshed: false,
  resynced: 0,
  reread: false,
};

/** `first` is done before the attempt, `afterMs` (milliseconds) is waited. */
export type Decision =
  | {
      readonly kind: 'again';
      readonly first: 'nothing' | 'refresh-token' | 'resync-clock' | 'reread-shops';
      readonly afterMs: number;
      readonly tally: Tally;
    }
  | { readonly kind: 'give-up'; readonly retryAfterMs: number | undefined };

/** TikTok's recipe: min(1 s × 2ⁿ + 0–500 ms, 60 s). `n` counts from 0, `random` lies in [0, 1). */
export const backoffMs = (n: number, random: number): number => Math.min(1000 * 2 ** n + random * 500, 60_000);

/**
 * Pure: whether a failed attempt is followed by another, when, and after what. Transient failures get 5 attempts with
 * backoff; a crowded API is waited for (that is no failure) until 10 minutes are used up; a token is refreshed once, the
 * clock set twice, the shops read again once. `now` is the server's time in unix seconds, for quotas that open on the
 * hour or at midnight UTC; `most` the attempts for a caller with less patience.
 */
export function decide(
  tally: Tally,
  failure: Classification,
  random: number,
  now: number,
  most: number = ATTEMPTS,
): Decision {
  const again = (
    first: 'nothing' | 'refresh-token' | 'resync-clock' | 'reread-shops',
    afterMs: number,
    change: Partial<Tally>,
  ): Decision => ({ kind: 'again', first, afterMs, tally: { ...tally, ...change } });
  const giveUp: Decision = { kind: 'give-up', retryAfterMs: failure.retryAfterMs };

  switch (failure.reaction) {
    case 'retry': {
      if (tally.transient + 1 >= Math.min(failure.attempts ?? ATTEMPTS, most)) return giveUp;
      const afterMs = Math.max(failure.retryAfterMs ?? 0, backoffMs(tally.transient, random));
      return afterMs > PATIENCE_MS ? giveUp : again('nothing', afterMs, { transient: tally.transient + 1 });
    }
    case 'throttle': {
      const afterMs = Math.max(askedMs(failure, now) ?? 0, backoffMs(tally.throttled, random));
      const throttledMs = tally.throttledMs + afterMs;
      if (throttledMs > PATIENCE_MS) return { kind: 'give-up', retryAfterMs: afterMs };
      return again('nothing', afterMs, { throttled: tally.throttled + 1, throttledMs });
    }
    case 'refresh-token':
      return tally.refreshed ? giveUp : again('refresh-token', 0, { refreshed: true });
    case 'resync-clock':
      return tally.resynced >= CLOCKS ? giveUp : again('resync-clock', 0, { resynced: tally.resynced + 1 });
    case 'reread-shops':
      return tally.reread ? giveUp : again('reread-shops', 0, { reread: true });
    case 'stop':
    case 'pause-shop':
    case 'split-window':
    case 'restart-window':
    case 'fall-back-version':
    case 'skip':
      return giveUp;
  }
}

/** Milliseconds that a throttling answer asks to wait, by its header or by the quota it names; undefined if it does not. */
export function askedMs(failure: Classification, now: number): number | undefined {
  if (failure.wait === undefined) return failure.retryAfterMs;
  const period = failure.wait === 'next-hour' ? HOUR : DAY;
  return Math.max(failure.retryAfterMs ?? 0, (period - (now % period)) * 1000);
}

/** Milliseconds of a Retry-After header (seconds, or a date as seen from `now`, unix seconds); at most one day. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000 - now;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), DAY) * 1000;
}
