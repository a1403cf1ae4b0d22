import { createHmac } from 'node:crypto';

const unsigned = new Set(['sign', 'access_token']);

/** By the bytes of UTF-8: upper case < underscore < lower case, `a10` < `a9`. No locale, no natural order. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Signature of one request, 64 lower-case hex digits, sent as the query parameter `sign`.
 *
 * TikTok: HMAC-SHA256 with the app secret as key over secret + path + each query key followed by its decoded value, in
 * byte order of the keys + the raw body + secret. `sign` and `access_token` are left out, nothing else is; a multipart
 * body is left out too. `body` has to be the very bytes that are sent: `{}` counts when it is sent.
 */
export function sign(
  secret: string,
  path: string,
  query: Readonly<Record<string, string>>,
  body?: string | Uint8Array,
  contentType = 'application/json',
): string {
  const mac = createHmac('sha256', secret).update(secret).update(path);
  const pairs = Object.entries(query).filter(([key]) => !unsigned.has(key));
  for (const [key, value] of pairs.sort(([a], [b]) => byBytes(a, b))) mac.update(key).update(value);
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (body !== undefined && mediaType !== 'multipart/form-data') mac.update(body);
  return mac.update(secret).digest('hex');
}
