import {
  type Envelope,
  type FramingError,
  type FramingFault,
  type Message,
  serverLimits,
} from '../../shared/framing.ts';
import { BodyReader } from './body.ts';

/** Characters of all headers of one message. */
const maxHeader = 4096;

const lengthLine = /^content-length[ \t]*:[ \t]*(\d{1,15})[ \t]*$/i;

const envelope: Envelope = { wrap: (json) => `Content-Length: ${json.length}\r\n\r\n${json}`, isKnown: true };

/** `header` is a head without a usable length: where the next message begins cannot be known. */
export type LspFault = FramingFault | 'header';
type LspFramed = Message<Envelope> | FramingError<Envelope, LspFault>;

/**
 * Cuts a stream of bytes into messages by `Content-Length` headers, as editors send them. Headers may come in any case
 * and order, other headers are passed over. After a length that is missing, bad or too large nothing more is read.
 */
export class LspFramer {
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  #line = '';
  #headerLength = 0;
  #length: number | undefined;
  #body: BodyReader | undefined;
  #left = 0;
  #isOver = false;

  /** Whether a message has begun that has not ended yet. */
  get inside(): boolean {
    return !this.#isOver && (this.#headerLength > 0 || this.#body !== undefined);
  }

  /** Gives more bytes, which must not change until `next` has given undefined. */
  push(bytes: Uint8Array): void {
    const rest = this.#chunk.subarray(this.#at);
    this.#chunk = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    this.#at = 0;
  }

  /** The next message or fault in the bytes given so far. */
  next(): LspFramed | undefined {
    while (!this.#isOver && this.#at < this.#chunk.length) {
      const framed = this.#body === undefined ? this.#readHeader() : this.#readBody(this.#body);
      if (framed !== undefined) return framed;
    }
    if (this.#isOver) this.#at = this.#chunk.length;
    return undefined;
  }

  /** Says that no byte follows: gives the fault of a message cut off. */
  finish(): LspFramed | undefined {
    return this.inside ? this.#stop('eof') : undefined;
  }

  #readHeader(): LspFramed | undefined {
    const end = this.#chunk.indexOf(0x0a, this.#at);
    const piece = this.#chunk.subarray(this.#at, end < 0 ? this.#chunk.length : end + 1);
    this.#at += piece.length;
    this.#headerLength += piece.length;
    if (this.#headerLength > maxHeader) return this.#stop('header');
    this.#line += Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1');
    if (end < 0) return undefined;
    const line = this.#line.replace(/\r?\n$/, '');
    this.#line = '';
    return line === '' ? this.#endHeader() : this.#takeLine(line);
  }

  #takeLine(line: string): LspFramed | undefined {
    if (!/^content-length\b/i.test(line)) return line.includes(':') ? undefined : this.#stop('header');
    const length = Number(lengthLine.exec(line)?.[1] ?? Number.NaN);
    if (Number.isNaN(length) || (this.#length ?? length) !== length) return this.#stop('header');
    this.#length = length;
    return undefined;
  }

  #endHeader(): LspFramed | undefined {
    // White space between messages, which nobody should send, hurts nobody.
    const isBlank = this.#headerLength <= 2 && this.#length === undefined;
    const length = this.#length;
    this.#headerLength = 0;
    this.#length = undefined;
    if (isBlank) return undefined;
    if (length === undefined) return this.#stop('header');
    if (length > serverLimits.bytes) return this.#stop('bytes');
    this.#body = new BodyReader();
    this.#left = length;
    return length === 0 ? this.#endBody(this.#body) : undefined;
  }

  #readBody(body: BodyReader): LspFramed | undefined {
    const piece = this.#chunk.subarray(this.#at, this.#at + this.#left);
    this.#at += piece.length;
    this.#left -= piece.length;
    body.push(piece);
    return this.#left === 0 ? this.#endBody(body) : undefined;
  }

  #endBody(body: BodyReader): LspFramed {
    this.#body = undefined;
    return { ...body.finish(), ending: envelope };
  }

  #stop(fault: LspFault): LspFramed {
    this.#isOver = true;
    return { kind: 'error', fault, offset: this.#headerLength, ending: envelope };
  }
}
