import { createHash } from 'node:crypto';

import { AppError } from '../errors.ts';
import { exchangeFailure } from './exchange-failure.ts';
import { SingleFlight } from './single-flight.ts';
import type { TokenPair } from './token-endpoint.ts';
import { readTokenFile, type StoredTokens, tokenFileStamp, writeTokenFile } from './token-file.ts';
import type { Expiries, TokensOptions } from './tokens-options.ts';

const DAY = 86_400;
/** After a refusal TikTok is asked at most three times an hour. */
const REFUSED_PAUSE_MS = 20 * 60_000;
const FIRST_PAUSE_MS = 10_000;
const AUTHORIZE = 'authorize again: shopsync auth url';
const AUTHORIZE_FIRST = 'run shopsync auth url, then shopsync auth exchange';

/**
 * The tokens in use. Refreshed ones lie in the state folder and win over the given ones as long as the operator gives
 * the same as when they were stored (the file holds a hash of them); when he gives others, those are newer and win.
 * A new pair is on disk before it is used, so a crash leaves one that works; when the disk refuses, it is kept in
 * memory and written at the next call instead of refreshing again.
 */
export class Tokens {
  readonly #options: TokensOptions;
  #tokens: StoredTokens | undefined;
  #former: StoredTokens | undefined;
  #stamp: string | undefined;
  /** Received, not yet on disk; with a hash of the code that brought them, if one did. */
  #unsaved: { readonly tokens: StoredTokens; readonly code: string | undefined } | undefined;
  readonly #refreshing = new SingleFlight();
  /** The refresh ahead of time that is under way; it never rejects. */
  #ahead: Promise<void> | undefined;
  /** The end of the last refresh or exchange that was asked for: none begins before the one before has ended. */
  #turn: Promise<unknown> = Promise.resolve();
  /** No refresh before this monotonic millisecond; calls meanwhile fail with `#failure`. */
  #closedUntil = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #failure: AppError | undefined;

  private constructor(options: TokensOptions) {
    this.#options = options;
  }

  /** Rejects with an AppError when the file is readable by others, or damaged while no tokens are given. */
  static async open(options: TokensOptions): Promise<Tokens> {
    const tokens = new Tokens(options);
    tokens.#stamp = await tokenFileStamp(options.path);
    const state = await readTokenFile(options.path);
    const given = tokens.#given();
    if (state.kind === 'damaged' && given === undefined) throw state.error;
    if (state.kind === 'damaged') options.warn(`${state.error.message}: going on with the tokens that were given`);
    if (state.kind === 'tokens' && tokens.#isOurs(state.tokens)) tokens.#tokens = state.tokens;
    else tokens.#tokens = given;
    return tokens;
  }

  /** The access token to send now. Throws a token AppError when there is none. */
  get accessToken(): string {
    if (this.#tokens === undefined || this.#tokens.accessToken === '') throw notAuthorized('there is no access token');
    return this.#tokens.accessToken;
  }

  /** Unix seconds; null when nobody told. */
  get accessExpiresAt(): number | null {
    return this.#tokens?.accessExpiresAt ?? null;
  }

  /** All that must never be seen in an error or a log line, the tokens of before among them. */
  get secrets(): readonly string[] {
    const { accessToken, refreshToken } = this.#options.given;
    const held = [this.#tokens, this.#former].flatMap((pair) => [pair?.accessToken, pair?.refreshToken]);
    return [accessToken, refreshToken, ...held].filter((secret) => typeof secret === 'string');
  }

  /**
   * To be awaited before `accessToken` is read. Begins to refresh ahead of time: under 24 hours before the expiry, or in
   * the second half of a shorter life. A token that still lives stays in use until then, and when that fails.
   */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.#tokens === undefined || this.#tokens.accessToken === '') return this.renew('', signal);
    const { accessToken, accessExpiresAt, refreshToken, savedAt } = this.#tokens;
    if (accessExpiresAt === null || refreshToken === null) return;
    const left = accessExpiresAt - this.#options.now();
    if (left <= 0) return this.renew(accessToken, signal);
    const isDue = left < Math.min(DAY, (accessExpiresAt - savedAt) / 2);
    if (isDue && this.#options.timers.now() >= this.#closedUntil) this.#renewAhead(accessToken);
  }

  /** Nobody waits for it: the token is good yet, and a token host that does not answer would hold up every shop. */
  #renewAhead(accessToken: string): void {
    const { lifetime, warn } = this.#options;
    this.#ahead ??= this.renew(accessToken, lifetime)
      .catch((error: unknown) => {
        if (!lifetime.aborted) warn(`the access token could not be refreshed ahead of time: ${message(error)}`);
      })
      .finally(() => {
        this.#ahead = undefined;
      });
  }

  /**
   * After `refused` (the access token as it was sent) was refused: takes a newer one that is there already, or
   * refreshes. However many call, one request is made. Rejects with a token AppError when TikTok wants a new consent;
   * then nothing is sent for 20 minutes unless the token file changes.
   */
  renew(refused: string, signal: AbortSignal): Promise<void> {
    return this.#refreshing.join(() => this.#alone(() => this.#renew(refused)), signal);
  }

  /**
   * Takes a newer token than the refused one where there is one already, and asks TikTok for none.
   * @returns whether there was one.
   */
  adopt(refused: string): Promise<boolean> {
    return this.#alone(async () => {
      await this.#adopt();
      return this.#tokens !== undefined && this.#tokens.accessToken !== refused;
    });
  }

  /**
   * Trades the code of a consent for a pair of tokens, stores it and uses it from now on, whatever was refused before.
   * Rejects with an AppError: `token` for a code that TikTok does not take, `transient` or `throttled` when it may still
   * hold, `store` when the pair could not be written; given the same code again, that alone is tried once more.
   */
  exchange(authCode: string): Promise<Expiries> {
    return this.#alone(() => this.#exchange(authCode));
  }

  /** Resolves when neither a refresh nor an exchange is under way. */
  async settled(): Promise<void> {
    await this.#ahead;
    await this.#refreshing.settled();
    await this.#turn;
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #exchange(authCode: string): Promise<Expiries> {
    const code = hash(authCode);
    try {
      const held = this.#unsaved?.code === code ? this.#unsaved.tokens : undefined;
      const { endpoint, lifetime } = this.#options;
      const tokens = held ?? this.#stored(await endpoint.exchange(authCode, lifetime), null);
      await this.#save(tokens, code);
      const { accessExpiresAt, refreshExpiresAt } = tokens;
      return { accessExpiresAt, refreshExpiresAt };
    } catch (error) {
      throw error instanceof AppError ? exchangeFailure(error) : error;
    }
  }

  async #renew(refused: string): Promise<void> {
    if (this.#unsaved !== undefined) return this.#save(this.#unsaved.tokens, this.#unsaved.code);
    await this.#adopt();
    if (this.#tokens !== undefined && this.#tokens.accessToken !== refused) return;
    if (this.#failure !== undefined && this.#options.timers.now() < this.#closedUntil) throw this.#failure;
    if (this.#tokens === undefined) throw notAuthorized('there is no token yet', AUTHORIZE_FIRST);
    const { refreshToken } = this.#tokens;
    if (refreshToken === null) throw notAuthorized('there is no refresh token');
    let pair: TokenPair;
    try {
      pair = await this.#options.endpoint.refresh(refreshToken, this.#options.lifetime);
    } catch (error) {
      throw error instanceof AppError ? this.#failed(error) : error;
    }
    await this.#save(this.#stored(pair, refreshToken));
  }

  /** Another process may have authorized anew, or refreshed. */
  async #adopt(): Promise<void> {
    const stamp = await tokenFileStamp(this.#options.path);
    if (stamp === undefined || stamp === this.#stamp) return;
    const state = await readTokenFile(this.#options.path);
    if (state.kind !== 'tokens' || state.tokens.app !== hash(this.#options.appKey)) return;
    // With our hash, so that it is still the newer one after a restart.
    if (state.tokens.given !== this.#givenHash()) return this.#save({ ...state.tokens, given: this.#givenHash() });
    this.#use(state.tokens, stamp);
  }

  async #save(tokens: StoredTokens, code?: string): Promise<void> {
    this.#unsaved = { tokens, code };
    await writeTokenFile(this.#options.path, tokens);
    this.#unsaved = undefined;
    this.#use(tokens, await tokenFileStamp(this.#options.path));
  }

  #use(tokens: StoredTokens, stamp: string | undefined): void {
    this.#former = this.#tokens;
    this.#tokens = tokens;
    this.#stamp = stamp;
    this.#failure = undefined;
    this.#failures = 0;
  }

  #stored(pair: TokenPair, refreshToken: string | null): StoredTokens {
    return {
      app: hash(this.#options.appKey),
      given: this.#givenHash(),
      ...pair,
      refreshToken: pair.refreshToken ?? refreshToken,
      savedAt: this.#options.now(),
    };
  }

  #failed(failure: AppError): AppError {
    const refused = failure.class === 'token';
    const pauseMs = refused ? REFUSED_PAUSE_MS : Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, REFUSED_PAUSE_MS);
    this.#failures += 1;
    this.#closedUntil = this.#options.timers.now() + pauseMs;
    this.#failure = refused ? notAuthorized(`TikTok refused to refresh the token: ${failure.message}`) : failure;
    return this.#failure;
  }

  #isOurs(stored: StoredTokens): boolean {
    const given = this.#givenHash();
    return stored.app === hash(this.#options.appKey) && (given === null || stored.given === given);
  }

  #given(): StoredTokens | undefined {
    const { accessToken = '', refreshToken = null } = this.#options.given;
    if (accessToken === '' && refreshToken === null) return undefined;
    const app = hash(this.#options.appKey);
    const unknown = { accessExpiresAt: null, refreshExpiresAt: null };
    return { app, given: this.#givenHash(), accessToken, refreshToken, ...unknown, savedAt: this.#options.now() };
  }

  #givenHash(): string | null {
    const { accessToken = '', refreshToken = '' } = this.#options.given;
    return accessToken === '' && refreshToken === '' ? null : hash(`${accessToken}\n${refreshToken}`);
  }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const notAuthorized = (words: string, hint = AUTHORIZE) => new AppError('token', 'not_authorized', words, { hint });

const message = (error: unknown): string => (error instanceof Error ? error.message : 'unknown failure');
