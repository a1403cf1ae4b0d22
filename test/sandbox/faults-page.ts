import type { RequestFault } from './faults-kinds.ts';

/** A page of a search before it is written down. */
export interface Shown {
  readonly texts: readonly Buffer[];
  /** The next page's token; empty at the end. */
  readonly token: string;
}

const STRIPPED = Buffer.from('{"has_updated_recipient_address":false,"packages":[]}');

/** What faults make of the orders of an answer, with the memory that some of them need. */
export class PageFaults {
  #lastText: Buffer | undefined;
  #askedBefore = '';

  /** Strips orders of their id and status. */
  static strip(texts: readonly Buffer[], struck: readonly RequestFault[]): readonly Buffer[] {
    const partial = struck.find((fault) => fault.kind === 'partial');
    if (partial === undefined) return texts;
    return texts.map((text, index) => (index === 0 || partial.orders === 'all' ? STRIPPED : text));
  }

  /** A page of a search that was asked for with the token `asked`, empty for the first. */
  bend(page: Shown, asked: string, struck: readonly RequestFault[]): Shown {
    const lastText = this.#lastText;
    const askedBefore = this.#askedBefore;
    this.#lastText = page.texts.at(-1);
    this.#askedBefore = asked;
    let { texts, token } = page;
    for (const fault of struck) {
      if (fault.kind === 'missing') texts = [];
      if (fault.kind === 'double' && fault.across && lastText !== undefined) texts = [lastText, ...texts];
      if (fault.kind === 'double' && !fault.across) texts = [...texts, ...texts.slice(-1)];
      if (fault.kind !== 'token') continue;
      if (fault.how === 'repeat') token = asked || token;
      if (fault.how === 'cycle') token = (asked === '' ? '' : askedBefore) || token;
      if (fault.how === 'empty' && (token || asked) !== '') {
        token = token || asked;
        texts = [];
      }
    }
    return { texts: PageFaults.strip(texts, struck), token };
  }
}
