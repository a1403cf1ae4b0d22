import { type Framed, Framer, type FramingFault, serverLimits } from '../../shared/framing.ts';

/** What stands in a body: the text of one message, which is valid JSON, or what is wrong with it. */
export type Body =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'error'; readonly fault: FramingFault; readonly offset: number };

/** Reads the one message of a body whose end is known from elsewhere. Bytes after a fault are passed over. */
export class BodyReader {
  readonly #framer = new Framer(serverLimits);
  #found: Body | undefined;

  push(bytes: Uint8Array): void {
    this.#framer.push(bytes);
    for (let framed = this.#framer.next(); framed !== undefined; framed = this.#framer.next()) this.#note(framed);
  }

  /** Says that the body ends here. An empty one is cut off at byte 0. */
  finish(): Body {
    const last = this.#framer.finish();
    if (last !== undefined) this.#note(last);
    return this.#found ?? { kind: 'error', fault: 'eof', offset: 0 };
  }

  #note(framed: Framed): void {
    if (this.#found === undefined) this.#found = framed;
    else if (this.#found.kind === 'message')
      this.#found = { kind: 'error', fault: 'syntax', offset: this.#found.text.length };
  }
}
