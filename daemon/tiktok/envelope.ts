import { z } from 'zod';

import type { HttpAnswer } from './transport.ts';

const schema = z.object({
  code: z.int(),
  message: z.string().nullish(),
  data: z.unknown().optional(),
});

export type Envelope =
  | { readonly kind: 'success'; readonly data: unknown }
  | { readonly kind: 'failure'; readonly code: number | undefined; readonly message: string };

/**
 * What an answer says. Code 0 is the only success, whatever the HTTP status; a broken or cut-off body has no
 * code. Integers that JavaScript cannot hold come as text.
 * @param idsAreText see ApiRequest: nothing is looked for.
 */
export function readEnvelope(answer: HttpAnswer, idsAreText = false): Envelope {
  const envelope = schema.safeParse(parseJson(answer.text, idsAreText));
  if (!envelope.success) return { kind: 'failure', code: undefined, message: answer.text.slice(0, 200) };
  const { code, message, data } = envelope.data;
  return code === 0 ? { kind: 'success', data } : { kind: 'failure', code, message: message ?? '' };
}

/** Where an integer of 16 digits or more may stand outside of strings; a normal answer has none. */
const longInteger = /[:[,]\s*-?\d{16}/;
/** The strings and the numbers of a JSON text. */
const literals = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** TikTok: some lists have ids as integers of 64 bits, which JavaScript would round: those become text. */
const exact = (text: string): string =>
  text.replace(literals, (literal) =>
    /^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal)) ? `"${literal}"` : literal,
  );

function parseJson(text: string, idsAreText: boolean): unknown {
  try {
    return JSON.parse(!idsAreText && longInteger.test(text) ? exact(text) : text);
  } catch {
    // Not JSON is an answer too: a proxy's page, or a body cut short.
    return undefined;
  }
}
