import { createHmac } from 'node:crypto';

export interface Signed {
  readonly path: string;
  /** Decoded pairs, in the order received. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The bytes as received; empty when there was no body. */
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
}

/** The media type of a content-type header in lower case, without parameters such as charset. */
export const mediaTypeOf = (contentType: string | undefined): string | undefined =>
  contentType?.split(';')[0]?.trim().toLowerCase();

/**
 * The signature that a request must carry, lower-case hex: HMAC-SHA256 over secret + path + sorted query pairs + body +
 * secret. `sign` and `access_token` do not count, a multipart body does not either.
 */
export function signatureOf({ path, query, body, contentType }: Signed, secret: string): string {
  const pairs = query
    .filter(([name]) => name !== 'sign' && name !== 'access_token')
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, value]) => name + value);
  const hmac = createHmac('sha256', secret).update(secret + path + pairs.join(''));
  if (mediaTypeOf(contentType) !== 'multipart/form-data') hmac.update(body);
  return hmac.update(secret).digest('hex');
}
