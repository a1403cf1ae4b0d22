import { check, type Credentials } from './checks.ts';
import type { Consent } from './consent.ts';
import type { Counters } from './counters.ts';
import { failure, plain, requestId, success, type Reply } from './envelope.ts';
import { statusOf } from './faults-codes.ts';
import type { RequestFault } from './faults-kinds.ts';
import { PageFaults } from './faults-page.ts';
import { dateErrorOf, wireOf } from './faults-wire.ts';
import type { Faults } from './faults.ts';
import type { RateLimit } from './rate-limit.ts';
import { adminRoute, isAdminPath } from './routes/admin.ts';
import type { Knobs, ShopCall } from './routes/call.ts';
import { SHOP_ROUTES } from './routes/shop-routes.ts';
import { isTokenPath, tokenRoute } from './routes/token.ts';
import type { IncomingCall, Timed } from './server.ts';
import { mediaTypeOf } from './sign.ts';
import type { Tokens } from './tokens.ts';
import type { World } from './world/world.ts';

export interface SandboxShop {
  readonly id: string;
  readonly name: string;
  /** ISO alpha-2. */
  readonly region: string;
  readonly cipher: string;
  readonly code: string;
  readonly world: World;
}

export interface GatewayParts {
  readonly appKey: string;
  readonly appSecret: string;
  readonly lenientEmptyBody: boolean;
  readonly latencyMs: number;
  readonly knobs: Knobs;
  readonly shops: readonly SandboxShop[];
  readonly tokens: Tokens;
  readonly faults: Faults;
  readonly counters: Counters;
  readonly limit: RateLimit;
  readonly analyticsLimit: RateLimit;
  readonly consent: Consent;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Where every request goes through: faults, then checks, then the rate limit, then the content type, then the endpoint. */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #pageFaults = new Map<string, PageFaults>();
  #serial = 0;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  /** Answers a request. Admin routes are not counted and cost no latency. */
  answer(call: IncomingCall): Timed {
    const { shops, faults, counters, now, latencyMs } = this.#parts;
    const parameter = (name: string): string | undefined => call.query.find(([key]) => key === name)?.[1];
    if (isAdminPath(call.path)) {
      const { method, path, body } = call;
      return { reply: adminRoute({ method, path, parameter, body, faults, counters, shops }), delayMs: 0 };
    }
    const cipher = parameter('shop_cipher');
    const shop = shops.find((known) => known.cipher === cipher)?.id;
    counters.arrived(call.path, now(), shop);
    const struck = faults.strike(call.path, shop, Number(parameter('page_size') ?? 0));
    const reply = this.#reply(call, parameter, struck);
    const wire = wireOf(struck);
    const code = wire === undefined || wire.kind === 'drip' ? reply.code : undefined;
    counters.answered(call.path, reply.http, code, shop);
    const slow = struck.reduce((total, fault) => total + (fault.kind === 'slow' ? fault.ms : 0), 0);
    const dateError = dateErrorOf(struck);
    return { reply: { ...reply, dateError, ...(wire !== undefined && { wire }) }, delayMs: latencyMs + slow };
  }

  #reply(call: IncomingCall, parameter: ShopCall['parameter'], struck: readonly RequestFault[]): Reply {
    const { tokens, appKey, appSecret, shops, consent, now } = this.#parts;
    this.#serial += 1;
    const id = requestId(now(), this.#serial);
    for (const fault of struck) {
      if (fault.kind === 'expire' || fault.kind === 'revoke') tokens[fault.kind]();
      const instead = insteadOfAnswer(fault, id);
      if (instead) return instead;
    }
    if (isTokenPath(call.path)) {
      const seller = { name: 'Sandbox Seller Ltd', region: shops[0]?.region ?? 'GB' };
      const { method, path } = call;
      const reply = tokenRoute({ method, path, parameter, tokens, appKey, appSecret, seller, requestId: id });
      // A seller who consents anew does so for every shop.
      if (reply.code === 0 && path.endsWith('/get')) consent.restore();
      return reply;
    }
    return this.#checked(call, parameter, struck, id);
  }

  #checked(call: IncomingCall, parameter: ShopCall['parameter'], struck: readonly RequestFault[], id: string): Reply {
    const { appKey, appSecret, lenientEmptyBody, tokens, shops, knobs, consent, now } = this.#parts;
    const credentials: Credentials = { appKey, appSecret, tokens: tokens.known, lenientEmptyBody };
    const contentType = call.headers['content-type'];
    const header = call.headers['x-tts-access-token'];
    const accessToken = typeof header === 'string' ? header : undefined;
    const verdict = check({ ...call, contentType, accessToken }, credentials, now());
    if (!verdict.ok) return failure(verdict.http, verdict.code, verdict.message, id);

    const { name } = verdict.endpoint;
    const withdrawn = consent.codeOf(verdict.shopId);
    if (withdrawn !== undefined) {
      return failure(statusOf(withdrawn), withdrawn, 'the authorization of this shop was revoked', id);
    }
    const key = `${verdict.shopId ?? ''} ${name}`;
    const wait = (name.startsWith('analytics.') ? this.#parts.analyticsLimit : this.#parts.limit).take(key);
    if (wait > 0) return throttled(id, Math.max(1, Math.ceil(wait)));
    // TikTok: content-type application/json is required on every API call, also on GET.
    if (mediaTypeOf(contentType) !== 'application/json') {
      return failure(400, 36009023, "'content-type' must be application/json", id);
    }
    if (name === 'shops') {
      const granted = shops.filter((shop) => consent.codeOf(shop.id) === undefined);
      return shopList(granted, id);
    }
    const world = shops.find((shop) => shop.id === verdict.shopId)?.world;
    if (!world) throw new Error(`the gateway admitted a call for the unknown shop ${verdict.shopId}`);
    const pageFaults = this.#pageFaults.get(key) ?? new PageFaults(name.startsWith('orders.'));
    this.#pageFaults.set(key, pageFaults);
    const shopCall: ShopCall = {
      world,
      worlds: shops.map((shop) => shop.world),
      path: call.path,
      parameter,
      body: call.body,
      knobs,
      now: now(),
      requestId: id,
      struck,
      pageFaults,
    };
    return SHOP_ROUTES[name](shopCall);
  }
}

function throttled(id: string, retryAfter: number | null): Reply {
  const reply = failure(429, 36009002, 'too many requests', id);
  return retryAfter === null ? reply : { ...reply, headers: { 'retry-after': String(retryAfter) } };
}

/** The answer that a fault puts in place of the true one, if it does. */
function insteadOfAnswer(fault: RequestFault, id: string): Reply | undefined {
  switch (fault.kind) {
    case '429':
      return throttled(id, fault.retryAfter);
    case '500':
      return plain(500, 'Internal Server Error');
    case '503':
      return plain(503, 'Service Unavailable');
    case 'code':
      return failure(fault.http ?? statusOf(fault.code), fault.code, fault.message, id, {});
    case 'plain':
      return plain(fault.http, fault.text);
    case 'cut':
    case 'truncate':
    case 'hang':
    case 'stall':
    case 'drip':
    case 'slow':
    case 'date':
    case 'partial':
    case 'missing':
    case 'double':
    case 'token':
    case 'expire':
    case 'revoke':
      return undefined;
    case 'version':
      return failure(statusOf(fault.code), fault.code, 'the API version is invalid', id);
  }
}

/** `GET /authorization/202309/shops`. */
function shopList(shops: readonly SandboxShop[], id: string): Reply {
  const list = shops.map(({ cipher, code, id: shopId, name, region }) => ({
    cipher,
    code,
    id: shopId,
    name,
    region,
    seller_type: shops.length > 1 ? 'CROSS_BORDER' : 'LOCAL',
  }));
  return success([Buffer.from(JSON.stringify({ shops: list }))], id);
}
