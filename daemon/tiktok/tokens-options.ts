import type { Timers } from './timers.ts';
import type { TokenEndpoint } from './token-endpoint.ts';

/** Tokens given by the operator. */
export interface GivenTokens {
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
}

/** Until when the tokens in use hold, unix seconds; null when nobody told. */
export interface Expiries {
  readonly accessExpiresAt: number | null;
  /** The end of the authorization itself. */
  readonly refreshExpiresAt: number | null;
}

export interface TokensOptions {
  /** Path of the token file. */
  readonly path: string;
  readonly appKey: string;
  readonly given: GivenTokens;
  readonly endpoint: TokenEndpoint;
  /** Unix seconds. */
  readonly now: () => number;
  readonly timers: Timers;
  /** Aborted when the program ends: no attempt follows then. A request under way is never cut, it may bring the only pair. */
  readonly lifetime: AbortSignal;
  /** Told, in words without secrets, what went wrong without stopping anything. */
  readonly warn: (message: string) => void;
}
