import { stripVTControlCharacters } from 'node:util';

const breaks = /[\t\n\r\p{Zl}\p{Zp}]+/gu;
/** Control characters, and the invisible ones that reorder or hide text. The zero-width joiner stays: emoji need it. */
const unsafe = /[\p{Cc}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0001}-\u{e007f}]/gu;

/** One line of text that cannot steer a terminal: escape sequences, control and bidi characters are gone. */
export const clean = (text: string): string =>
  stripVTControlCharacters(text.replace(breaks, ' ')).replace(unsafe, '').trim();

/** A JSON value with every string and key in it cleaned. Everything from the daemon passes here before it is shown. */
export const cleanAll = <T>(value: T): T => {
  const text = JSON.stringify(value);
  if (text === undefined) return value;
  return JSON.parse(text, (_key, part: unknown) => {
    if (typeof part === 'string') return clean(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [clean(key), inner]));
  });
};

/** JSON for a terminal or a pipe: the same document, with characters that could steer a terminal escaped. */
export const json = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, null, indent) ?? 'null').replace(
    /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
