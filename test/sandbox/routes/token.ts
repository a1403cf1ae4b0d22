import { plain, tokenAnswer, type Reply } from '../envelope.ts';
import type { Refused, Tokens } from '../tokens.ts';

export interface TokenCall {
  readonly method: string;
  readonly path: string;
  readonly parameter: (name: string) => string | undefined;
  readonly tokens: Tokens;
  readonly appKey: string;
  readonly appSecret: string;
  readonly seller: { readonly name: string; readonly region: string };
  readonly requestId: string;
}

const CONSENT = '/oauth/authorize';

export const isTokenPath = (path: string): boolean =>
  path === '/api/v2/token/get' || path === '/api/v2/token/refresh' || path === CONSENT;

const REFUSALS: Readonly<Record<Refused, readonly [code: number, message: string]>> = {
  unknown: [36004005, 'no auth record for this refresh token'],
  expired: [36004001, 'refresh token expired'],
  code: [36004004, 'invalid auth code'],
};

/** The seller opens the consent page and agrees at once: sent on to the app's own address, with more than the code. */
function consent({ parameter, tokens, appKey, seller }: TokenCall): Reply {
  if (parameter('app_key') !== appKey) return plain(404, 'service does not exist');
  const state = parameter('state');
  const query = new URLSearchParams({
    code: tokens.authorize(),
    ...(state !== undefined && { state }),
    locale: 'en',
    shop_region: seller.region,
  });
  return plain(302, '', { location: `https://app.example/redirect?${query.toString()}` });
}

/** `/api/v2/token/get` and `/refresh`: unsigned, GET only (anything else is a plain 404), HTTP 200 for failures too. */
export function tokenRoute(call: TokenCall): Reply {
  const { parameter, tokens, requestId } = call;
  if (call.method !== 'GET') return plain(404, '404 page not found');
  if (call.path === CONSENT) return consent(call);
  const wrong = (message: string): Reply => tokenAnswer(36009004, message, null, requestId);
  if (parameter('app_key') !== call.appKey) return wrong("invalid credentials: 'app_key'");
  if (parameter('app_secret') !== call.appSecret) return wrong("invalid credentials: 'app_secret'");
  const refreshing = call.path.endsWith('/refresh');
  if (parameter('grant_type') !== (refreshing ? 'refresh_token' : 'authorized_code')) {
    return wrong("'grant_type' is invalid");
  }
  const result = refreshing
    ? tokens.refresh(parameter('refresh_token') ?? '')
    : tokens.exchange(parameter('auth_code') ?? '');
  if (typeof result === 'string') {
    const [code, message] = REFUSALS[result];
    return tokenAnswer(code, message, null, requestId);
  }
  const data = {
    access_token: result.accessToken,
    access_token_expire_in: result.accessExpiresAt,
    refresh_token: result.refreshToken,
    refresh_token_expire_in: result.refreshExpiresAt,
    open_id: 'sandboxOpenId-0001',
    seller_name: call.seller.name,
    seller_base_region: call.seller.region,
    user_type: 0,
    granted_scopes: result.scopes,
  };
  return tokenAnswer(0, 'success', data, requestId);
}
