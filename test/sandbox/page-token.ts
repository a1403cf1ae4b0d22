import { z } from 'zod';

/** Where the next page begins: at an offset of the result as it is then, or after a key. */
export type Cursor = { readonly offset: number } | { readonly after: number };

const sealed = z.union([
  z.strictObject({ offset: z.int().nonnegative(), at: z.number() }),
  z.strictObject({ after: z.number(), at: z.number() }),
]);

/** These bytes become "+//+": a client that does not escape the token sends another one. */
const MARK = Buffer.from([0xfb, 0xff, 0xfe]);

/** An opaque token, two layers of base64, with `+`, `/` and `=` in it. `now` in unix seconds. */
export function sealCursor(cursor: Cursor, now: number): string {
  let inner = JSON.stringify({ ...cursor, at: now });
  // The outer layer ends in "=" only when the inner length is not a multiple of three.
  while ((Math.ceil(Buffer.byteLength(inner) / 3) * 4) % 3 === 0) inner += ' ';
  return Buffer.concat([MARK, Buffer.from(Buffer.from(inner).toString('base64'))]).toString('base64');
}

/** The cursor in a token, or undefined when it is not one or older than `ttl` seconds. */
export function openCursor(token: string, now: number, ttl: number): Cursor | undefined {
  const outer = Buffer.from(token, 'base64');
  if (outer.toString('base64') !== token || !outer.subarray(0, MARK.length).equals(MARK)) return undefined;
  const text = Buffer.from(outer.subarray(MARK.length).toString('latin1'), 'base64').toString();
  const parsed = sealed.safeParse(parseJson(text));
  if (!parsed.success || now - parsed.data.at > ttl) return undefined;
  return 'offset' in parsed.data ? { offset: parsed.data.offset } : { after: parsed.data.after };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A token that is not ours is answered as a bad token; how it is bad concerns nobody.
    return undefined;
  }
}
