import type { Knobs } from './routes/call.ts';
import type { TokenOptions } from './tokens.ts';
import type { Lag } from './world/evolution.ts';
import type { WorldOptions } from './world/history.ts';
import { STREAM_DEFAULTS } from './world/stream-options.ts';

export interface SandboxOptions extends Knobs, TokenOptions, Omit<WorldOptions, 'region' | 'shopIndex' | 'start'> {
  /** 0 = any free one. */
  readonly port: number;
  readonly shops: number;
  /** Markets of the shops in turn; default: all that the sandbox knows. */
  readonly regions: readonly string[];
  /** Requests per second and shop and endpoint; 0 = no limit. */
  readonly rate: number;
  /** Requests at once; default: one second's worth. */
  readonly burst: number | undefined;
  /** The same for analytics, which TikTok allows far fewer; one at once; 0 = no limit. */
  readonly analyticsRate: number;
  readonly latencyMs: number;
  readonly lenientEmptyBody: boolean;
  readonly lag: Lag;
  /** Prepare every order's text before listening. */
  readonly warm: boolean;
  /** Begin with the life of the shops stopped. */
  readonly frozen: boolean;
  /** Unix seconds, fractions allowed; used for everything, the Date header included. */
  readonly now: () => number;
}

export const SCOPES = [
  'seller.authorization.info',
  'seller.order.info',
  'seller.product.basic',
  'seller.return_refund.basic',
  'seller.finance.info',
  'data.shop_analytics.public.read',
] as const;

const DAY = 86_400;

/** What holds where a test says nothing: one small shop without limit and latency. */
export function withDefaults(given: Partial<SandboxOptions>): SandboxOptions {
  const orders = given.orders ?? 1000;
  return {
    port: 0,
    shops: 1,
    regions: [],
    rate: 0,
    burst: undefined,
    analyticsRate: 0,
    latencyMs: 0,
    lenientEmptyBody: false,
    lag: { fraction: 0.005, least: 1, most: 30 },
    warm: false,
    frozen: false,
    now: () => Date.now() / 1000,
    seed: 1,
    orders,
    days: 730,
    pace: 1,
    bursts: orders < 2000 ? 0 : Math.max(1, Math.floor(orders / 20_000)),
    burstSize: 250,
    blankAfterDays: 365,
    cachedOrders: given.warm ? 2 * orders + 10_000 : 20_000,
    ...STREAM_DEFAULTS,
    scopes: SCOPES,
    accessTtl: 7 * DAY,
    refreshTtl: 365 * DAY,
    refreshGrace: 0,
    refreshEndsAccess: false,
    defaultOrder: 'DESC',
    defaultPageSize: undefined,
    pageTokens: 'offset',
    endMarker: 'empty',
    badTokenCode: 36009004,
    pageTokenTtl: Infinity,
    foreignIds: 'absent',
    productHitCap: 10_000,
    productCap: 'count',
    productOrder: 'drift',
    untoldDays: 'absent',
    analyticsMaxDays: Infinity,
    ...given,
  };
}
