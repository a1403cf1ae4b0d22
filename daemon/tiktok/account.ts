import { join } from 'node:path';

import type { Pace, Shop, ShopApi } from './api.ts';
import type { BudgetView, SavedBudget } from './budget-view.ts';
import { ShopBudget } from './budget.ts';
import { type Attempt, Client } from './client.ts';
import { ClockWatch } from './clock-watch.ts';
import { DailyQuota } from './daily-quota.ts';
import { DailyUsage } from './daily-usage.ts';
import { endpointOf } from './endpoint.ts';
import { ServerClock } from './server-clock.ts';
import { readShops, ShopsMissing } from './shops.ts';
import { SingleFlight } from './single-flight.ts';
import { sinceBoot, systemTimers, type Timers } from './timers.ts';
import { createTokenEndpoint } from './token-endpoint.ts';
import type { Expiries, GivenTokens } from './tokens-options.ts';
import { Tokens } from './tokens.ts';
import { createTransport, type Transport } from './transport.ts';

const CEILING = 10;
const START = 3;
/** TikTok: analytics bear far less than orders and products. */
const START_ANALYTICS = 0.5;

export interface AccountOptions {
  readonly baseUrl: string;
  readonly authUrl: string;
  readonly appKey: string;
  readonly secret: string;
  readonly tokens: GivenTokens;
  /** Ids to sync; undefined: all that the token may see. */
  readonly shops?: readonly string[] | undefined;
  /** Ceiling per shop and endpoint, where it starts too. Undefined: from 3 (analytics 0.5) up to 10. */
  readonly requestsPerSecond?: number | undefined;
  /** Per shop and day of UTC; history leaves a fifth of them to live work. Undefined: no end. */
  readonly requestsPerDay?: number | undefined;
  /** Requests under way per shop. */
  readonly concurrency: number;
  /** For one request, milliseconds. */
  readonly timeoutMs: number;
  /** Folder of the token file. */
  readonly stateDir: string;
  /** By shop id, as `saved()` told before a restart. */
  readonly saved?: Readonly<Record<string, SavedBudget>> | undefined;
  /** Next position in the order of asking; grows over restarts. */
  readonly nextAsked: () => number;
  /** Told, in words without secrets, what went wrong without stopping anything. */
  readonly warn: (message: string) => void;
  /** Told of every attempt. `shop` is undefined for calls about the account. */
  readonly onAttempt?: ((attempt: Attempt, shop: string | undefined) => void) | undefined;
  /** The machine's clock, unix milliseconds. */
  readonly localNow?: () => number;
  readonly timers?: Timers;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** The API of one shop, with how fast a path may be asked at present and how fast it answers. */
export interface PacedShopApi extends ShopApi {
  pace(path: string): Pace;
}

interface ShopState {
  shop: Shop;
  readonly budget: ShopBudget;
  readonly usage: DailyUsage;
  readonly api: PacedShopApi;
}

/** Opens one token's account. Rejects with an AppError when its token file is refused; no request is sent. */
export async function openAccount(options: AccountOptions): Promise<Account> {
  const { authUrl, appKey, secret, timeoutMs, timers = systemTimers, random = Math.random } = options;
  const { localNow = Date.now } = options;
  const clock = new ServerClock({ localNow, monotonic: options.timers?.now ?? sinceBoot });
  const now = () => clock.signingNow();
  const lifetime = new AbortController();
  const authHost = createTransport({ baseUrl: authUrl, timeoutMs });
  const tokens = await Tokens.open({
    path: join(options.stateDir, 'tokens.json'),
    appKey,
    given: options.tokens,
    endpoint: createTokenEndpoint({ transport: authHost, appKey, secret, timers, random, now }),
    now,
    timers,
    lifetime: lifetime.signal,
    warn: options.warn,
  });
  return new Account(options, { tokens, authHost, clock, timers, random, lifetime });
}

interface Parts {
  readonly tokens: Tokens;
  readonly clock: ServerClock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly authHost: Transport;
  readonly lifetime: AbortController;
}

/** One token, the shops it may see, and a budget for each of them. */
export class Account {
  readonly serverClock: ServerClock;
  readonly #options: AccountOptions;
  readonly #parts: Parts;
  readonly #transport;
  readonly #client: Client;
  readonly #shops = new Map<string, ShopState>();
  readonly #rereading = new SingleFlight();
  readonly #clockWatch: ClockWatch;

  constructor(options: AccountOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.serverClock = parts.clock;
    this.#clockWatch = new ClockWatch(() => parts.clock.aheadSeconds(), options.warn);
    this.#transport = createTransport({ baseUrl: options.baseUrl, timeoutMs: options.timeoutMs });
    this.#client = this.#newClient(this.#newBudget(), {
      cipher: () => undefined,
      rereadShops: async () => false,
      onAttempt: (attempt) => options.onAttempt?.(attempt, undefined),
    });
  }

  /** Asks which shops there are; to be repeated daily, ciphers change. Rejects as readShops does. */
  async shops(signal: AbortSignal): Promise<Shop[]> {
    try {
      const shops = await readShops(this.#client, this.#options.shops, signal);
      this.#renew(shops);
      return shops;
    } catch (error) {
      if (error instanceof ShopsMissing) this.#renew(error.seen);
      throw error;
    }
  }

  /** The API of one shop, the same object for the same id: its budget is one. */
  api(shop: Shop): PacedShopApi {
    return this.#state(shop).api;
  }

  /** Undefined before `api` was asked for the shop. */
  budget(shopId: string): BudgetView | undefined {
    const state = this.#shops.get(shopId);
    if (state === undefined) return undefined;
    const { clock, timers, tokens } = this.#parts;
    const { pausedUntil } = state.budget;
    return {
      requestsPerSecond: state.budget.requestsPerSecond ?? this.#start(''),
      ceiling: this.#ceiling,
      usedToday: state.usage.today.requests,
      throttledUntil:
        pausedUntil === undefined ? null : clock.signingNow() + Math.ceil((pausedUntil - timers.now()) / 1000),
      tokenExpiresAt: tokens.accessExpiresAt,
    };
  }

  /** What the budgets have learned, by shop id, for the next start. */
  saved(): Record<string, SavedBudget> {
    return Object.fromEntries(
      [...this.#shops].map(([id, { budget, usage }]) => [id, { levels: budget.levels(), usage: usage.today }]),
    );
  }

  /** Trades the code of a consent for tokens, which are used from now on. Rejects as Tokens.exchange does. */
  exchange(authCode: string): Promise<Expiries> {
    return this.#parts.tokens.exchange(authCode);
  }

  /** Ends connections. Callers abort their calls before; a token refresh under way is waited for, it must not be lost. */
  async close(): Promise<void> {
    const { lifetime, tokens, authHost } = this.#parts;
    lifetime.abort();
    await this.#transport.close();
    await tokens.settled();
    await authHost.close();
  }

  async #reread(): Promise<void> {
    await this.shops(this.#parts.lifetime.signal).catch((error: unknown) => {
      // Whoever was refused knows by its cipher whether it is one of them.
      if (!(error instanceof ShopsMissing)) throw error;
    });
  }

  #renew(shops: readonly Shop[]): void {
    for (const shop of shops) {
      const state = this.#shops.get(shop.id);
      if (state !== undefined) state.shop = shop;
    }
  }

  get #ceiling(): number {
    return this.#options.requestsPerSecond ?? CEILING;
  }

  #start(endpoint: string): number {
    return this.#options.requestsPerSecond ?? (endpoint.startsWith('/analytics/') ? START_ANALYTICS : START);
  }

  #newBudget(levels?: Readonly<Record<string, number>>, quota?: DailyQuota): ShopBudget {
    const { concurrency } = this.#options;
    const { timers } = this.#parts;
    const start = (endpoint: string) => this.#start(endpoint);
    return new ShopBudget({ ceiling: this.#ceiling, start, concurrency, timers, quota }, levels);
  }

  #newClient(
    budget: ShopBudget,
    rest: {
      readonly cipher: () => string | undefined;
      readonly rereadShops: (refused: string | undefined, signal: AbortSignal) => Promise<boolean>;
      readonly onAttempt: (attempt: Attempt) => void;
    },
  ): Client {
    const { appKey, secret, nextAsked } = this.#options;
    const { tokens, clock, timers, random } = this.#parts;
    const transport = this.#transport;
    const shared = { transport, tokens, clock, budget, timers, random, nextAsked, appKey, secret };
    const onAttempt = (attempt: Attempt): void => {
      this.#clockWatch.check();
      rest.onAttempt(attempt);
    };
    return new Client({ ...shared, ...rest, onAttempt });
  }

  #state(shop: Shop): ShopState {
    const known = this.#shops.get(shop.id);
    if (known !== undefined) return known;
    const saved = this.#options.saved?.[shop.id];
    const now = () => this.serverClock.signingNow();
    const usage = new DailyUsage(now, saved?.usage);
    const { requestsPerDay } = this.#options;
    const quota = requestsPerDay === undefined ? undefined : new DailyQuota(requestsPerDay, usage, now);
    const budget = this.#newBudget(saved?.levels, quota);
    const client = this.#newClient(budget, {
      cipher: () => state.shop.cipher,
      rereadShops: async (refused, signal) => {
        // Others that were refused together with this call may have read them already, or be about to.
        if (state.shop.cipher === refused) await this.#rereading.join(() => this.#reread(), signal);
        return state.shop.cipher !== refused;
      },
      onAttempt: (attempt) => {
        usage.count();
        this.#options.onAttempt?.(attempt, shop.id);
      },
    });
    const state: ShopState = {
      shop,
      budget,
      usage,
      api: {
        get shop() {
          return state.shop;
        },
        call: (request, options) => client.call(request, options),
        pace: (path) => budget.pace(endpointOf(path)),
      },
    };
    this.#shops.set(shop.id, state);
    return state;
  }
}
