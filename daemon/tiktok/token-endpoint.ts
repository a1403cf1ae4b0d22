import { z } from 'zod';

import { AppError } from '../errors.ts';
import { ApiError } from './api-error.ts';
import { classify } from './classify.ts';
import { readEnvelope } from './envelope.ts';
import { redact } from './redact.ts';
import { decide, freshTally, retryAfterMs } from './retry.ts';
import { sleep, type Timers } from './timers.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

/** A person waits for the end of an exchange, and can do it again. */
const EXCHANGE_ATTEMPTS = 3;

/** Tokens as the token host hands them out. Expiries in unix seconds, null when it told none. */
export interface TokenPair {
  readonly accessToken: string;
  readonly accessExpiresAt: number | null;
  /** Null: the answer had none, the one in use stays. */
  readonly refreshToken: string | null;
  readonly refreshExpiresAt: number | null;
}

export interface TokenEndpoint {
  /**
   * Trades a refresh token for a new pair. The old one may be dead as soon as TikTok has the request, so `signal` ends
   * the waits between attempts but cuts no attempt off.
   */
  refresh(refreshToken: string, signal: AbortSignal): Promise<TokenPair>;
  /** Trades the code of a consent (single use, 30 minutes) for the first pair. */
  exchange(authCode: string, signal: AbortSignal): Promise<TokenPair>;
}

const seconds = z.int().nonnegative().optional();
const schema = z.object({
  access_token: z.string().min(1),
  access_token_expire_in: seconds,
  refresh_token: z.string().min(1).optional(),
  refresh_token_expire_in: seconds,
  user_type: z.int().optional(),
});

/**
 * The token host. TikTok: GET only, not signed, failures come with HTTP 200. Transient failures are tried again with
 * backoff; a refusal rejects with an AppError of class `token`. Its URLs hold the app secret, so no error names one.
 * `now` is unix seconds.
 */
export function createTokenEndpoint(deps: {
  readonly transport: Transport;
  readonly appKey: string;
  readonly secret: string;
  readonly timers: Timers;
  readonly random: () => number;
  readonly now: () => number;
}): TokenEndpoint {
  const uncut = new AbortController().signal;
  const secrets = [deps.secret, deps.appKey];

  /** One attempt: the pair, or why there is none. Failures of the network count like an overloaded server. */
  async function attempt(request: HttpRequest, given: string) {
    let answer: HttpAnswer;
    try {
      answer = await deps.transport.send(request, uncut);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { failure: classify({ http: 503 }), error };
    }
    const envelope = readEnvelope(answer);
    const data = envelope.kind === 'success' ? schema.safeParse(envelope.data) : undefined;
    if (data?.success === true) return { pair: pairOf(data.data, deps.now()) };
    const said = envelope.kind === 'success' ? { message: 'its data is not a pair of tokens' } : envelope;
    const failure = classify({
      http: answer.status,
      code: envelope.kind === 'failure' ? envelope.code : undefined,
      message: said.message,
      retryAfterMs: retryAfterMs(answer.retryAfter, deps.now()),
    });
    return { failure, error: new ApiError(request.path, failure, redact(said.message, [...secrets, given])) };
  }

  async function ask(
    path: string,
    query: Record<string, string>,
    given: string,
    signal: AbortSignal,
    attempts?: number,
  ): Promise<TokenPair> {
    const request: HttpRequest = {
      method: 'GET',
      path,
      query: { app_key: deps.appKey, app_secret: deps.secret, ...query },
      headers: {},
    };
    let tally = freshTally;
    for (;;) {
      const { pair, failure, error } = await attempt(request, given);
      if (pair !== undefined) return pair;
      const decision = decide(tally, failure, deps.random(), deps.now(), attempts);
      // Nothing can be refreshed, resynced or read again for this host.
      if (decision.kind === 'give-up' || decision.first !== 'nothing') throw error;
      tally = decision.tally;
      await sleep(deps.timers, decision.afterMs, signal);
    }
  }

  return {
    refresh: (refreshToken, signal) =>
      ask('/api/v2/token/refresh', { refresh_token: refreshToken, grant_type: 'refresh_token' }, refreshToken, signal),
    // The grant really is spelled so.
    exchange: (authCode, signal) =>
      ask(
        '/api/v2/token/get',
        { auth_code: authCode, grant_type: 'authorized_code' },
        authCode,
        signal,
        EXCHANGE_ATTEMPTS,
      ),
  };
}

function pairOf(data: z.infer<typeof schema>, now: number): TokenPair {
  if (data.user_type !== undefined && data.user_type !== 0)
    throw new AppError('token', 'not_authorized', 'the token does not belong to a seller', {
      hint: 'authorize with the account of the shop’s seller: shopsync auth url',
    });
  return {
    accessToken: data.access_token,
    accessExpiresAt: absolute(data.access_token_expire_in, now),
    refreshToken: data.refresh_token ?? null,
    refreshExpiresAt: absolute(data.refresh_token_expire_in, now),
  };
}

/** The last second that ISO 8601 writes with four digits of the year. */
const END_OF_TIME = 253_402_300_799;

/** TikTok: `*_expire_in` are absolute unix seconds, whatever the name says; a few notes show durations. */
const absolute = (value: number | undefined, now: number): number | null => {
  if (value === undefined) return null;
  return Math.min(value > 1_000_000_000 ? value : now + value, END_OF_TIME);
};
