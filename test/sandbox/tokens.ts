import type { KnownToken } from './checks.ts';

export interface TokenOptions {
  readonly scopes: readonly string[];
  /** Lifetimes in seconds. */
  readonly accessTtl: number;
  readonly refreshTtl: number;
  /** Seconds for which the previous refresh token is still accepted after it was replaced. */
  readonly refreshGrace: number;
  /** Whether a refresh ends the access tokens given before; else they live until they expire. */
  readonly refreshEndsAccess: boolean;
}

/** What the token host hands out. `*ExpiresAt` in unix seconds. */
export interface Grant {
  readonly accessToken: string;
  readonly accessExpiresAt: number;
  readonly refreshToken: string;
  readonly refreshExpiresAt: number;
  readonly scopes: readonly string[];
}

export type Refused = 'unknown' | 'expired' | 'code';

const CODE_TTL = 1800;

/** The authorization of one seller: codes, access tokens, and a refresh token that changes with each use. */
export class Tokens {
  readonly #options: TokenOptions;
  readonly #shops: KnownToken['shops'];
  readonly #now: () => number;
  readonly #codes = new Map<string, number>();
  readonly #refresh = new Map<string, number>();
  #access: KnownToken[] = [];
  #grant: Grant;
  #serial = 0;

  constructor(options: TokenOptions, shops: KnownToken['shops'], now: () => number) {
    this.#options = options;
    this.#shops = shops;
    this.#now = now;
    this.#grant = this.#issue(now() + options.refreshTtl);
  }

  /** The newest tokens. */
  get grant(): Grant {
    return this.#grant;
  }

  /** Every access token that was not revoked. Expired ones stay, because they are answered differently. */
  get known(): readonly KnownToken[] {
    return this.#access;
  }

  /** The seller consents: a code, good once and for 30 minutes. */
  authorize(): string {
    this.#serial += 1;
    const code = `ROW_sandboxCode${this.#serial}`;
    this.#codes.set(code, this.#now() + CODE_TTL);
    return code;
  }

  exchange(code: string): Grant | Refused {
    const until = this.#codes.get(code);
    this.#codes.delete(code);
    if (until === undefined || this.#now() >= until) return 'code';
    this.#refresh.clear();
    this.#grant = this.#issue(this.#now() + this.#options.refreshTtl);
    return this.#grant;
  }

  refresh(refreshToken: string): Grant | Refused {
    const until = this.#refresh.get(refreshToken);
    if (until === undefined) return 'unknown';
    const now = this.#now();
    if (now >= until) return 'expired';
    if (this.#options.refreshEndsAccess) this.#access = [];
    const { refreshGrace } = this.#options;
    if (refreshGrace > 0) this.#refresh.set(refreshToken, Math.min(until, now + refreshGrace));
    else this.#refresh.delete(refreshToken);
    // The seller chose how long the authorization lasts; refreshing does not lengthen it.
    this.#grant = this.#issue(this.#grant.refreshExpiresAt);
    return this.#grant;
  }

  /** All access tokens expire now; they can be refreshed. */
  expire(): void {
    const now = this.#now();
    this.#access = this.#access.map((token) => ({ ...token, expiresAt: Math.min(token.expiresAt, now) }));
  }

  /** The seller withdraws the authorization: nothing works until a new code is exchanged. */
  revoke(): void {
    this.#access = [];
    this.#refresh.clear();
    this.#codes.clear();
  }

  /** Changes the scopes of the tokens given so far and later. */
  setScopes(scopes: readonly string[]): void {
    this.#access = this.#access.map((token) => ({ ...token, scopes }));
    this.#grant = { ...this.#grant, scopes };
  }

  #issue(refreshExpiresAt: number): Grant {
    this.#serial += 1;
    const serial = String(this.#serial).padStart(4, '0');
    const scopes = this.#serial === 1 ? this.#options.scopes : this.#grant.scopes;
    const grant: Grant = {
      accessToken: `ROW_sandboxAccess${serial}`,
      accessExpiresAt: Math.floor(this.#now()) + this.#options.accessTtl,
      refreshToken: `ROW_sandboxRefresh${serial}`,
      refreshExpiresAt: Math.floor(refreshExpiresAt),
      scopes,
    };
    this.#refresh.set(grant.refreshToken, grant.refreshExpiresAt);
    const known = { accessToken: grant.accessToken, expiresAt: grant.accessExpiresAt, scopes, shops: this.#shops };
    // A long test refreshes often; tokens expired for long are answered like unknown ones.
    this.#access = [...this.#access.slice(-20), known];
    return grant;
  }
}
