import { createHash } from 'node:crypto';

import { AppError } from '../errors.ts';
import { SingleFlight } from './single-flight.ts';
import type { Timers } from './timers.ts';
import type { TokenEndpoint, TokenPair } from './token-endpoint.ts';
import { readTokenFile, type StoredTokens, tokenFileStamp, writeTokenFile } from './token-file.ts';

const DAY = 86_400;
/** After a refusal TikTok is asked at most three times an hour. */
const REFUSED_PAUSE_MS = 20 * 60_000;
const FIRST_PAUSE_MS = 10_000;
const AUTHORIZE = 'authorize again: shopsync auth url';

/** Tokens given by the operator. */
export interface GivenTokens {
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
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
  /** Received, not yet on disk. */
  #unsaved: StoredTokens | undefined;
  readonly #refreshing = new SingleFlight();
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
   * To be awaited before `accessToken` is read. Refreshes ahead of time: under 24 hours before the expiry, or in the
   * second half of a shorter life. A token that still lives stays in use when that fails.
   */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.#tokens === undefined || this.#tokens.accessToken === '') return this.renew('', signal);
    const { accessToken, accessExpiresAt, refreshToken, savedAt } = this.#tokens;
    if (accessExpiresAt === null || refreshToken === null) return;
    const left = accessExpiresAt - this.#options.now();
    if (left >= Math.min(DAY, (accessExpiresAt - savedAt) / 2)) return;
    if (left > 0 && this.#options.timers.now() < this.#closedUntil) return;
    try {
      await this.renew(accessToken, signal);
    } catch (error) {
      if (left <= 0 || signal.aborted) throw error;
      this.#options.warn(`the access token could not be refreshed ahead of time: ${message(error)}`);
    }
  }

  /**
   * After `refused` (the access token as it was sent) was refused: takes a newer one that is there already, or
   * refreshes. However many call, one request is made. Rejects with a token AppError when TikTok wants a new consent;
   * then nothing is sent for 20 minutes unless the token file changes.
   */
  renew(refused: string, signal: AbortSignal): Promise<void> {
    return this.#refreshing.join(() => this.#renew(refused), signal);
  }

  /** Trades the code of a consent for the first pair of tokens, and uses it from now on. */
  async exchange(authCode: string): Promise<void> {
    await this.#save(this.#stored(await this.#options.endpoint.exchange(authCode, this.#options.lifetime), null));
  }

  /** Resolves when no refresh is under way. */
  settled(): Promise<void> {
    return this.#refreshing.settled();
  }

  async #renew(refused: string): Promise<void> {
    if (this.#unsaved !== undefined) return this.#save(this.#unsaved);
    await this.#adopt();
    if (this.#tokens !== undefined && this.#tokens.accessToken !== refused) return;
    if (this.#failure !== undefined && this.#options.timers.now() < this.#closedUntil) throw this.#failure;
    if (this.#tokens === undefined) throw notAuthorized('no tokens were given, and none are stored');
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

  async #save(tokens: StoredTokens): Promise<void> {
    this.#unsaved = tokens;
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

const notAuthorized = (words: string) => new AppError('token', 'not_authorized', words, { hint: AUTHORIZE });

const message = (error: unknown): string => (error instanceof Error ? error.message : 'unknown failure');
