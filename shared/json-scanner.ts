/** What one byte did to the text read so far. */
export type Verdict = 'more' | 'complete' | 'syntax' | 'depth' | 'number';

export interface ScannerLimits {
  /** Containers inside each other. */
  readonly depth: number;
  /** Characters of one number. */
  readonly number: number;
}

const value = 0;
const itemOrEnd = 1;
const keyOrEnd = 2;
const key = 3;
const colon = 4;
const after = 5;
const string = 6;
const escape = 7;
const hex = 8;
const literal = 9;
const minus = 10;
const zero = 11;
const digits = 12;
const point = 13;
const fraction = 14;
const exponent = 15;
const exponentSign = 16;
const exponentDigits = 17;

const byte = {
  tab: 0x09,
  lf: 0x0a,
  cr: 0x0d,
  space: 0x20,
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  point: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  upperE: 0x45,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  lowerE: 0x65,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

const letters = (text: string): readonly number[] => text.split('').map((letter) => letter.charCodeAt(0));
const escapable = new Set(letters('"\\/bfnrt'));
const literals = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), letters(word.slice(1))]));

const isDigit = (at: number): boolean => at >= byte.zero && at <= byte.nine;
const isHex = (at: number): boolean => isDigit(at) || (at >= 0x41 && at <= 0x46) || (at >= 0x61 && at <= 0x66);
const isE = (at: number): boolean => at === byte.lowerE || at === byte.upperE;

/** The state that a number is in after `at`, or -1 when `at` is no part of it. */
const numberStep = (state: number, at: number): number => {
  switch (state) {
    case minus:
      return at === byte.zero ? zero : isDigit(at) ? digits : -1;
    case zero:
      return at === byte.point ? point : isE(at) ? exponent : -1;
    case digits:
      return isDigit(at) ? digits : at === byte.point ? point : isE(at) ? exponent : -1;
    case point:
      return isDigit(at) ? fraction : -1;
    case fraction:
      return isDigit(at) ? fraction : isE(at) ? exponent : -1;
    case exponent:
      return isDigit(at) ? exponentDigits : at === byte.plus || at === byte.minus ? exponentSign : -1;
    default:
      return isDigit(at) ? exponentDigits : -1;
  }
};

const isWhole = (state: number): boolean =>
  state === zero || state === digits || state === fraction || state === exponentDigits;

/**
 * Reads one JSON value byte by byte. Each byte either keeps the text a prefix of some valid JSON or is refused at once;
 * nothing is ever read twice and nothing is kept but the kind of each open container.
 */
export class JsonScanner {
  /** LFs in the white space just read; above zero only while nothing else stood since the last of them. */
  lineFeeds = 0;
  readonly #limits: ScannerLimits;
  readonly #isArray: Uint8Array;
  #state = value;
  #depth = 0;
  #inKey = false;
  #word: readonly number[] = [];
  #length = 0;
  #at = 0;

  constructor(limits: ScannerLimits) {
    this.#limits = limits;
    this.#isArray = new Uint8Array(limits.depth + 1);
  }

  /** Makes ready for the next value. */
  reset(): void {
    this.#state = value;
    this.#depth = 0;
    this.lineFeeds = 0;
  }

  /** Index after the last byte that `scan` made part of the value; on a refusal, that of the byte refused. */
  get at(): number {
    return this.#at;
  }

  /** Whether the bytes so far are a whole value if no other follows: true only for a number outside of containers. */
  get endsHere(): boolean {
    return this.#depth === 0 && isWhole(this.#state);
  }

  /** Reads from `from` until the value is complete, a byte is refused, or the bytes are used up (`more`). */
  scan(bytes: Uint8Array, from: number): Verdict {
    this.#at = from;
    for (;;) {
      if (this.#state === string) this.#skipText(bytes);
      if (this.#at >= bytes.length) return 'more';
      const current = bytes[this.#at] ?? 0;
      if (this.#state >= minus) {
        const next = numberStep(this.#state, current);
        if (next >= 0) {
          this.#state = next;
          this.#at++;
          if (++this.#length > this.#limits.number) return 'number';
          continue;
        }
        if (!isWhole(this.#state)) return 'syntax';
        this.#state = after;
        if (this.#depth === 0) return 'complete';
      }
      const verdict = this.#step(current);
      if (verdict !== 'more' && verdict !== 'complete') return verdict;
      this.#at++;
      if (current > byte.space) this.lineFeeds = 0;
      if (verdict === 'complete') return verdict;
    }
  }

  #skipText(bytes: Uint8Array): void {
    let at = this.#at;
    for (; at < bytes.length; at++) {
      const current = bytes[at] ?? 0;
      if (current === byte.quote || current === byte.backslash || current < byte.space) break;
    }
    this.#at = at;
  }

  #step(at: number): Verdict {
    const state = this.#state;
    if (state < string && (at === byte.space || at === byte.lf || at === byte.cr || at === byte.tab)) {
      if (at === byte.lf) this.lineFeeds++;
      return 'more';
    }
    switch (state) {
      case value:
        return this.#open(at);
      case itemOrEnd:
        return at === byte.closeArray ? this.#close() : this.#open(at);
      case keyOrEnd:
        return at === byte.closeObject ? this.#close() : this.#openKey(at);
      case key:
        return this.#openKey(at);
      case colon:
        return at === byte.colon ? this.#go(value) : 'syntax';
      case after:
        return this.#separate(at);
      case string:
        return this.#inString(at);
      case escape:
        if (at === 0x75) return this.#count(hex, 4);
        return escapable.has(at) ? this.#go(string) : 'syntax';
      case hex:
        if (!isHex(at)) return 'syntax';
        return this.#go(--this.#length === 0 ? string : hex);
      default:
        if (at !== this.#word[this.#length]) return 'syntax';
        return ++this.#length === this.#word.length ? this.#valueEnds() : 'more';
    }
  }

  #go(state: number): Verdict {
    this.#state = state;
    return 'more';
  }

  #count(state: number, length: number): Verdict {
    this.#length = length;
    return this.#go(state);
  }

  #open(at: number): Verdict {
    if (at === byte.quote) {
      this.#inKey = false;
      return this.#go(string);
    }
    if (at === byte.openObject || at === byte.openArray) {
      if (this.#depth === this.#limits.depth) return 'depth';
      this.#isArray[++this.#depth] = at === byte.openArray ? 1 : 0;
      return this.#go(at === byte.openArray ? itemOrEnd : keyOrEnd);
    }
    if (at === byte.minus || isDigit(at)) return this.#count(at === byte.minus ? minus : numberStep(minus, at), 1);
    this.#word = literals.get(at) ?? [];
    return this.#word.length === 0 ? 'syntax' : this.#count(literal, 0);
  }

  #openKey(at: number): Verdict {
    if (at !== byte.quote) return 'syntax';
    this.#inKey = true;
    return this.#go(string);
  }

  #inString(at: number): Verdict {
    if (at === byte.backslash) return this.#go(escape);
    if (at !== byte.quote) return 'syntax';
    return this.#inKey ? this.#go(colon) : this.#valueEnds();
  }

  #separate(at: number): Verdict {
    const inArray = this.#isArray[this.#depth] === 1;
    if (at === byte.comma) return this.#go(inArray ? value : key);
    return at === (inArray ? byte.closeArray : byte.closeObject) ? this.#close() : 'syntax';
  }

  #close(): Verdict {
    this.#depth--;
    return this.#valueEnds();
  }

  #valueEnds(): Verdict {
    this.#state = after;
    return this.#depth === 0 ? 'complete' : 'more';
  }
}
