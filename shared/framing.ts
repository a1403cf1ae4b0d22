import { JsonScanner } from './json-scanner.ts';

export interface FramerLimits {
  /** Bytes of one message. */
  readonly bytes: number;
  /** Objects and arrays inside each other. */
  readonly depth: number;
  /** Characters of one number. */
  readonly number: number;
}

/** What a daemon takes from a client it does not know. */
export const serverLimits: FramerLimits = { bytes: 1024 * 1024, depth: 64, number: 1024 };
/** What a client takes from its own daemon: stored API answers may be large and deep. */
export const clientLimits: FramerLimits = { bytes: 64 * 1024 * 1024, depth: 1024, number: 4096 };

/** What a reply is put into, so that the one who asked can tell where it ends. */
export interface Envelope {
  /** `json` is ASCII; the whole of what goes out in one piece. */
  wrap(json: string): string;
  /** Whether bytes that may still be on their way cannot change it. */
  readonly isKnown: boolean;
}

/** How the sender ends its messages. It may still be learnt after the message was handed out, so ask late. */
export class Ending implements Envelope {
  lineFeeds = 0;

  /** What a reply must end in: exactly one LF is mirrored; a sender that ends in none or in two waits for two. */
  get text(): '\n' | '\n\n' {
    return this.lineFeeds === 1 ? '\n' : '\n\n';
  }

  wrap(json: string): string {
    return json + this.text;
  }

  get isKnown(): boolean {
    return this.lineFeeds > 0;
  }
}

export interface Message<E extends Envelope = Ending> {
  readonly kind: 'message';
  /** Valid JSON. */
  readonly text: string;
  readonly ending: E;
}

/** `syntax` is no JSON, `utf8` no UTF-8, `eof` a message cut off by the end; the others are limits passed. */
export type FramingFault = 'syntax' | 'utf8' | 'eof' | 'bytes' | 'depth' | 'number';

export interface FramingError<E extends Envelope = Ending, F extends string = FramingFault> {
  readonly kind: 'error';
  readonly fault: F;
  /** Byte of the message, counted from 0, that was refused. */
  readonly offset: number;
  readonly ending: E;
}

export type Framed = Message | FramingError;

const empty = new Uint8Array(0);
const LF = 0x0a;
const RS = 0x1e;
const byteOrderMark = [0xef, 0xbb, 0xbf];
const isBlank = (byte: number): boolean =>
  byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09 || byte === RS;
const isOpening = (byte: number | undefined): boolean => byte === 0x7b || byte === 0x5b;

/**
 * Cuts a stream of bytes into JSON messages by their structure: compact or pretty-printed, back to back, in any pieces,
 * with or without newlines. Give it bytes by `push`, then take what is in them by `next` until that is undefined.
 * After a fault it goes on at the next line, or at once where a fresh line opens a new message; after `bytes` never.
 */
export class Framer {
  readonly #limits: FramerLimits;
  readonly #scanner: JsonScanner;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #chunk: Uint8Array = empty;
  #at = 0;
  #held: Uint8Array = empty;
  #heldLength = 0;
  #mode: 'between' | 'inside' | 'skipping' | 'ended' = 'between';
  #markAt = 0;
  #ending: Ending | undefined;

  constructor(limits: FramerLimits) {
    this.#limits = limits;
    this.#scanner = new JsonScanner(limits);
  }

  /** Whether a message has begun that has not ended yet. */
  get inside(): boolean {
    return this.#mode === 'inside';
  }

  /** Bytes set aside for a message that has not ended yet. */
  get held(): number {
    return this.#held.length;
  }

  /** Gives more bytes. They are copied only as far as a message stays open, so the caller may reuse them after `next`. */
  push(bytes: Uint8Array): void {
    const left = this.#chunk.length - this.#at;
    if (left === 0) this.#chunk = bytes;
    else {
      const joined = new Uint8Array(left + bytes.length);
      joined.set(this.#chunk.subarray(this.#at));
      joined.set(bytes, left);
      this.#chunk = joined;
    }
    this.#at = 0;
  }

  /** The next message or fault in the bytes given so far. */
  next(): Framed | undefined {
    if (this.#mode !== 'inside') this.#skip();
    if (this.#at === this.#chunk.length) return undefined;
    const framed = this.#mode === 'inside' || this.#begin() ? this.#read() : this.#fault('syntax', 0);
    if (framed !== undefined) this.#skip();
    return framed;
  }

  /** Says that no byte follows: gives the number that only the end could end, or the fault of a message cut off. */
  finish(): Framed | undefined {
    if (this.#mode !== 'inside') return undefined;
    const framed = this.#scanner.endsHere ? this.#message(this.#at) : this.#fault('eof', this.#heldLength);
    this.#mode = 'ended';
    return framed;
  }

  /** Passes over what lies between messages, and counts how the last one ended. */
  #skip(): void {
    if (this.#mode === 'ended') this.#at = this.#chunk.length;
    if (this.#mode === 'skipping') {
      const end = this.#chunk.indexOf(LF, this.#at);
      this.#at = end < 0 ? this.#chunk.length : end;
      if (end >= 0) this.#mode = 'between';
    }
    if (this.#mode !== 'between') return;
    for (; this.#at < this.#chunk.length; this.#at++) {
      const byte = this.#chunk[this.#at] ?? 0;
      if (!isBlank(byte) && !this.#isMark(byte)) return;
      if (byte === LF && this.#ending !== undefined) this.#ending.lineFeeds++;
    }
  }

  #isMark(byte: number): boolean {
    if (byte !== byteOrderMark[this.#markAt]) return false;
    this.#markAt++;
    return true;
  }

  #read(): Framed | undefined {
    const start = this.#at;
    const verdict = this.#scanner.scan(this.#chunk, start);
    this.#at = this.#scanner.at;
    const length = this.#heldLength + this.#at - start;
    if (length > this.#limits.bytes) return this.#fault('bytes', this.#limits.bytes);
    if (verdict === 'more') {
      this.#keep(start);
      return undefined;
    }
    return verdict === 'complete' ? this.#message(start) : this.#fault(verdict, length);
  }

  /** Opens a message; false when what stands there is the beginning of a byte order mark and nothing more. */
  #begin(): boolean {
    this.#mode = 'inside';
    this.#ending = undefined;
    this.#scanner.reset();
    const isMarkCutShort = this.#markAt > 0 && this.#markAt < byteOrderMark.length;
    this.#markAt = byteOrderMark.length;
    return !isMarkCutShort;
  }

  #message(start: number): Framed {
    let bytes = this.#chunk.subarray(start, this.#at);
    if (this.#heldLength > 0) {
      this.#keep(start);
      bytes = this.#held.subarray(0, this.#heldLength);
    }
    try {
      const ending = new Ending();
      const message: Message = { kind: 'message', text: this.#decoder.decode(bytes), ending };
      this.#between(ending);
      return message;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return this.#fault('utf8', bytes.length);
    }
  }

  #fault(fault: FramingFault, offset: number): FramingError {
    const ending = new Ending();
    const opensLine = this.#scanner.lineFeeds > 0 && isOpening(this.#chunk[this.#at]);
    if (fault === 'syntax' && opensLine) {
      ending.lineFeeds = this.#scanner.lineFeeds;
      this.#between(undefined);
    } else {
      this.#between(ending);
      if (fault !== 'utf8') this.#mode = fault === 'bytes' ? 'ended' : 'skipping';
    }
    return { kind: 'error', fault, offset, ending };
  }

  #between(ending: Ending | undefined): void {
    this.#mode = 'between';
    this.#ending = ending;
    this.#held = empty;
    this.#heldLength = 0;
  }

  /** Sets aside the open message's bytes from `start` to where reading stands, in a buffer that doubles as it grows. */
  #keep(start: number): void {
    const needed = this.#heldLength + this.#at - start;
    if (needed > this.#held.length) {
      const grown = new Uint8Array(Math.min(this.#limits.bytes, Math.max(needed, 2 * this.#held.length, 1024)));
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    // A view of one byte would cost ten times the byte.
    if (this.#at - start === 1) this.#held[this.#heldLength] = this.#chunk[start] ?? 0;
    else this.#held.set(this.#chunk.subarray(start, this.#at), this.#heldLength);
    this.#heldLength = needed;
  }
}
