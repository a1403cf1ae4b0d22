/** What a peer speaks: JSON as it is, JSON behind `Content-Length` headers, or HTTP. */
export type Speech = 'json' | 'lsp' | 'http';

const beginnings: readonly (readonly [string, Speech])[] = [
  ['content-', 'lsp'],
  ...['GET ', 'POST ', 'PUT ', 'HEAD ', 'OPTIONS ', 'PATCH ', 'DELETE '].map((method) => [method, 'http'] as const),
];
const longest = Math.max(...beginnings.map(([beginning]) => beginning.length));
const blanks = new Set([0x20, 0x09, 0x0d, 0x0a, 0x1e]);

/** Where the first byte stands that is no white space, or the length when there is none. */
export const skipBlanks = (bytes: Uint8Array): number => {
  const at = bytes.findIndex((byte) => !blanks.has(byte));
  return at < 0 ? bytes.length : at;
};

const asSpeech = (text: string, speech: Speech): string => (speech === 'lsp' ? text.toLowerCase() : text);

/**
 * Tells by the first bytes, of which the very first is no white space, what the peer speaks; undefined as long as
 * that depends on what follows. What is nothing we know is taken for JSON, which then says what is wrong with it.
 */
export const sniff = (bytes: Uint8Array): Speech | undefined => {
  const text = String.fromCharCode(...bytes.subarray(0, longest));
  const whole = beginnings.find(([beginning, speech]) => asSpeech(text, speech).startsWith(beginning));
  if (whole !== undefined) return whole[1];
  const mayBecome = beginnings.some(([beginning, speech]) => beginning.startsWith(asSpeech(text, speech)));
  return mayBecome ? undefined : 'json';
};
