import { ENDPOINTS, type Endpoint } from './endpoints.ts';
import { signatureOf, type Signed } from './sign.ts';

/** All that the gateway knows of a request. */
export interface RequestFacts extends Signed {
  readonly method: string;
  /** The header `x-tts-access-token`. */
  readonly accessToken: string | undefined;
}

export interface KnownToken {
  readonly accessToken: string;
  /** Unix seconds; from then on the token is expired. */
  readonly expiresAt: number;
  readonly scopes: readonly string[];
  /** Shops that the token may see: cipher and id. */
  readonly shops: readonly { readonly cipher: string; readonly id: string }[];
}

export interface Credentials {
  readonly appKey: string;
  readonly appSecret: string;
  readonly tokens: readonly KnownToken[];
  /** Accept also a signature made without the body when the body is exactly `{}`, as some libraries make it. */
  readonly lenientEmptyBody: boolean;
}

export interface Refusal {
  readonly ok: false;
  readonly http: number;
  readonly code: number;
  readonly message: string;
}

export interface Admitted {
  readonly ok: true;
  readonly endpoint: Endpoint;
  readonly token: KnownToken;
  /** The shop that the cipher stands for, on shop-level endpoints. */
  readonly shopId: string | undefined;
}

const PAST = 300;
const FUTURE = 30;

const refuse = (http: number, code: number, message: string): Refusal => ({ ok: false, http, code, message });

/**
 * What the gateway says to a request, `now` in unix seconds: path, method, app key, timestamp, signature, token, scope,
 * cipher, in this order. TikTok: timestamps have 10 digits and are accepted from now − 5 min to now + 30 s, both ends
 * included. Where a parameter comes twice, the first counts, but all of them are signed.
 */
export function check(facts: RequestFacts, credentials: Credentials, now: number): Admitted | Refusal {
  const atPath = ENDPOINTS.filter(({ path }) => path.test(facts.path));
  if (atPath.length === 0) return refuse(404, 36009009, 'invalid path');
  const endpoint = atPath.find(({ method }) => method === facts.method);
  if (!endpoint) return refuse(405, 36009010, 'invalid method');

  const appKey = parameter(facts, 'app_key');
  if (!appKey) return refuse(400, 36009004, "missing 'app_key'");
  if (appKey !== credentials.appKey) return refuse(400, 36009004, "invalid credentials: 'app_key'");

  const late = checkTimestamp(parameter(facts, 'timestamp'), Math.floor(now));
  if (late) return late;

  const sign = parameter(facts, 'sign');
  if (!sign) return refuse(400, 36009004, "missing 'sign'");
  if (!isSigned(facts, sign, credentials)) return refuse(401, 106001, "'sign' is invalid");

  if (!facts.accessToken) return refuse(401, 36009004, "'x-tts-access-token' header is invalid");
  const token = credentials.tokens.find(({ accessToken }) => accessToken === facts.accessToken);
  if (!token) return refuse(401, 105001, 'access token is invalid, or the authorization was revoked');
  if (now >= token.expiresAt) return refuse(401, 105002, 'access token expired');
  if (!token.scopes.includes(endpoint.scope)) {
    return refuse(401, 105005, `access denied, scope '${endpoint.scope}' is not granted`);
  }
  return checkCipher(endpoint, token, parameter(facts, 'shop_cipher'));
}

const parameter = (facts: RequestFacts, name: string): string | undefined =>
  facts.query.find(([key]) => key === name)?.[1];

function checkTimestamp(text: string | undefined, now: number): Refusal | undefined {
  if (!text) return refuse(400, 36009004, "missing 'timestamp'");
  if (/^-\d+$/.test(text)) return refuse(400, 36009004, "'timestamp' is below 0");
  if (!/^\d{10}$/.test(text)) return refuse(400, 36009004, "'timestamp' is not 10 digits of unix seconds");
  const timestamp = Number(text);
  if (timestamp < now - PAST) return refuse(400, 36009004, "'timestamp' is earlier than 5 minutes ago");
  if (timestamp > now + FUTURE) return refuse(400, 36009004, "'timestamp' is more than 30 seconds ahead");
  return undefined;
}

function isSigned(facts: RequestFacts, sign: string, { appSecret, lenientEmptyBody }: Credentials): boolean {
  if (sign === signatureOf(facts, appSecret)) return true;
  const emptyObject = facts.body.length === 2 && Buffer.from(facts.body).toString('latin1') === '{}';
  return lenientEmptyBody && emptyObject && sign === signatureOf({ ...facts, body: new Uint8Array() }, appSecret);
}

function checkCipher(endpoint: Endpoint, token: KnownToken, cipher: string | undefined): Admitted | Refusal {
  if (endpoint.cipher === 'refused') {
    if (cipher !== undefined) return refuse(400, 36009004, "unexpected identifier 'shop_cipher'");
    return { ok: true, endpoint, token, shopId: undefined };
  }
  if (!cipher) return refuse(400, 106013, "'shop_cipher' is required");
  const shop = token.shops.find((known) => known.cipher === cipher);
  if (!shop) return refuse(401, 101000, "the access token does not match this 'shop_cipher'");
  return { ok: true, endpoint, token, shopId: shop.id };
}
