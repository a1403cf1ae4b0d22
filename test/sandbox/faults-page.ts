import type { RequestFault } from './faults-kinds.ts';

/** A page of a search before it is written down. */
export interface Shown {
  readonly texts: readonly Buffer[];
  /** The next page's token; empty at the end. */
  readonly token: string;
}

/** What is left of a record without id and status: of an order as it was once seen, of others nothing. */
const STRIPPED_ORDER = Buffer.from('{"has_updated_recipient_address":false,"packages":[]}');
const STRIPPED = Buffer.from('{}');

/** What faults make of the records of an answer, with the memory that some of them need. */
export class PageFaults {
  #lastText: Buffer | undefined;
  #askedBefore = '';
  readonly #orders: boolean;

  /** `orders`: whether the records are orders. */
  constructor(orders: boolean) {
    this.#orders = orders;
  }

  /** Strips records of their id and status. */
  strip(texts: readonly Buffer[], struck: readonly RequestFault[]): readonly Buffer[] {
    const partial = struck.find((fault) => fault.kind === 'partial');
    if (partial === undefined) return texts;
    const stripped = this.#orders ? STRIPPED_ORDER : STRIPPED;
    return texts.map((text, index) => (index === 0 || partial.orders === 'all' ? stripped : text));
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
    return { texts: this.strip(texts, struck), token };
  }
}
