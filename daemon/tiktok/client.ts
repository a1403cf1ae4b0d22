import { AppError } from '../errors.ts';
import { ApiError } from './api-error.ts';
import type { Answer, ApiRequest, CallOptions } from './api.ts';
import type { ShopBudget } from './budget.ts';
import { type Classification, classify } from './classify.ts';
import { endpointOf } from './endpoint.ts';
import { readEnvelope } from './envelope.ts';
import { redact } from './redact.ts';
import { askedMs, decide, freshTally, retryAfterMs } from './retry.ts';
import { namingScope } from './scopes.ts';
import type { ServerClock } from './server-clock.ts';
import { sign } from './sign.ts';
import { sleep, type Timers } from './timers.ts';
import type { Tokens } from './tokens.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

const KEEPS_TOKEN_MS = 24 * 3600_000;

/** One attempt, as metrics and logs see it: no query, no body, no secret. */
export interface Attempt {
  /** The path with ids taken out. */
  readonly endpoint: string;
  /** HTTP status; 0 when there was no answer. */
  readonly http: number;
  /** TikTok's code; undefined when the answer carried none. */
  readonly code: number | undefined;
  /** Milliseconds from sending to the end of the answer. */
  readonly ms: number;
  readonly outcome: 'success' | Classification['class'];
}

export interface ClientOptions {
  readonly transport: Transport;
  readonly tokens: Tokens;
  readonly clock: ServerClock;
  readonly budget: ShopBudget;
  readonly timers: Timers;
  /** In [0, 1). */
  readonly random: () => number;
  /** Next position in the order of asking. */
  readonly nextAsked: () => number;
  readonly appKey: string;
  readonly secret: string;
  /** The cipher of the shop the calls are for; undefined for calls about the account, which must carry none. */
  readonly cipher: () => string | undefined;
  /** Reads the shops again; true when the cipher is no longer the one that was refused, so that another try has sense. */
  readonly rereadShops: (refused: string | undefined, signal: AbortSignal) => Promise<boolean>;
  readonly onAttempt: (attempt: Attempt) => void;
}

interface Failed {
  readonly failure: Classification;
  /** The error for the caller, with the wait that was learned, in milliseconds. */
  readonly error: (retryAfterMs?: number) => AppError;
  readonly date: string | undefined;
  /** What the attempt was sent with. */
  readonly token: string;
  readonly cipher: string | undefined;
}

type Outcome<T> = { readonly answer: Answer<T> } | Failed;

/**
 * Calls of the API: a place in the budget, then signed, sent, read and checked; after a failure what the tables of codes
 * say. Every attempt is signed anew, because TikTok takes a timestamp for 5 minutes only and a wait may be longer.
 */
export class Client {
  readonly #options: ClientOptions;
  /**
   * Until this monotonic millisecond a refusal asks for no new token: one that TikTok had just given was refused as well,
   * so that the fault lies with the shop, whose other streams and next runs would ask for one each.
   */
  #keepsTokenUntil = Number.NEGATIVE_INFINITY;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Rejects with an AppError (ApiError when TikTok answered), or with the signal's reason. */
  async call<T>(request: ApiRequest<T>, options: CallOptions): Promise<Answer<T>> {
    const { tokens, clock, budget, timers, random } = this.#options;
    const { priority, signal } = options;
    const endpoint = endpointOf(request.path);
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    let tally = freshTally;
    for (;;) {
      // Before the place is taken: a refresh may last, and the budget counts the moment of sending.
      await tokens.ready(signal);
      const lease = await budget.acquire(endpoint, priority, signal);
      let outcome: Outcome<T>;
      try {
        outcome = await this.#attempt(request, endpoint, body, options);
        if ('answer' in outcome) lease.succeeded();
        else if (outcome.failure.reaction === 'throttle') lease.throttled(askedMs(outcome.failure, clock.signingNow()));
      } finally {
        lease.release();
      }
      if ('answer' in outcome) {
        this.#keepsTokenUntil = Number.NEGATIVE_INFINITY;
        return outcome.answer;
      }

      const decision = decide(tally, outcome.failure, random(), clock.signingNow(), options.attempts?.());
      if (decision.kind === 'give-up') {
        if (outcome.failure.reaction === 'refresh-token') this.#keepsTokenUntil = timers.now() + KEEPS_TOKEN_MS;
        throw outcome.error(decision.retryAfterMs);
      }
      tally = decision.tally;
      if (outcome.failure.reaction === 'retry') options.onRetry?.(outcome.error().message);
      if (decision.first === 'refresh-token' && !(await this.#renewed(outcome, signal))) throw outcome.error();
      // A Date that was refused itself is no better the second time: the machine's own clock then.
      if (decision.first === 'resync-clock') clock.resync(tally.resynced === 1 ? outcome.date : undefined);
      if (decision.first === 'reread-shops' && !(await this.#options.rereadShops(outcome.cipher, signal)))
        throw outcome.error();
      if (decision.afterMs > 0) await sleep(timers, decision.afterMs, signal);
    }
  }

  /** Whether another token than the refused one is in use now. */
  async #renewed({ token }: Failed, signal: AbortSignal): Promise<boolean> {
    const { tokens, timers } = this.#options;
    if (timers.now() < this.#keepsTokenUntil) return tokens.adopt(token);
    await tokens.renew(token, signal);
    return true;
  }

  async #attempt<T>(
    request: ApiRequest<T>,
    endpoint: string,
    body: string | undefined,
    { signal, onAttempt: onSent }: CallOptions,
  ): Promise<Outcome<T>> {
    const { transport, tokens, clock, timers, nextAsked, onAttempt } = this.#options;
    const token = tokens.accessToken;
    const cipher = this.#options.cipher();
    const signed = this.#sign(request, body, token, cipher);
    const asked = nextAsked();
    const sentAt = clock.now();
    const started = timers.now();
    signal.throwIfAborted();
    onSent?.();
    const report = (http: number, code: number | undefined, outcome: Attempt['outcome']) =>
      onAttempt({ endpoint, http, code, ms: timers.now() - started, outcome });

    let answer: HttpAnswer;
    try {
      answer = await transport.send(signed, signal);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      report(0, undefined, error.class);
      return { failure: classify({ http: 503 }), error: () => error, date: undefined, token, cipher };
    }
    const fail = (failure: Classification, said: string): Failed => {
      report(answer.status, failure.code, failure.class);
      const clean = redact(said, [this.#options.secret, cipher, token, ...tokens.secrets]);
      const error = (retryMs?: number) => new ApiError(endpoint, failure, clean, retryMs, { sentAt, asked });
      return { failure, error, date: answer.date, token, cipher };
    };
    const envelope = readEnvelope(answer, request.idsAreText);
    // A page of a proxy has the proxy's time.
    if (envelope.kind === 'success' || envelope.code !== undefined) clock.observe(answer.date);
    if (envelope.kind === 'failure') {
      const { code, message } = envelope;
      const paging = request.query?.['page_token'] !== undefined;
      const wait = retryAfterMs(answer.retryAfter, clock.signingNow());
      // A page of HTML says nothing to a person, and may show anything.
      return fail(
        namingScope(classify({ http: answer.status, code, message, retryAfterMs: wait, paging }), request.path),
        code === undefined ? '' : message,
      );
    }
    const data = request.data.safeParse(envelope.data);
    if (!data.success) {
      const places = data.error.issues.slice(0, 3).map(({ path, code }) => `${path.join('.')} (${code})`);
      const failure = {
        ...classify({ http: 200 }),
        words: `the answer has not the expected shape: ${places.join(', ')}`,
      };
      return fail(failure, '');
    }
    report(answer.status, 0, 'success');
    return { answer: { data: data.data, sentAt, asked } };
  }

  #sign(
    request: ApiRequest<unknown>,
    body: string | undefined,
    token: string,
    cipher: string | undefined,
  ): HttpRequest {
    const { appKey, secret, clock } = this.#options;
    const query: Record<string, string> = {
      ...request.query,
      app_key: appKey,
      timestamp: String(clock.signingNow()),
      ...(cipher !== undefined && { shop_cipher: cipher }),
    };
    query['sign'] = sign(secret, request.path, query, body);
    return {
      method: request.method,
      path: request.path,
      query,
      headers: { 'content-type': 'application/json', 'x-tts-access-token': token },
      ...(body !== undefined && { body }),
    };
  }
}
