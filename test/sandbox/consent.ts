/** Of which shops the seller has withdrawn the consent, while the authorization of the others stands. */
export class Consent {
  readonly #shops: readonly string[];
  readonly #withdrawn = new Map<string, number>();

  constructor(shops: readonly string[]) {
    this.#shops = shops;
  }

  /** From now on the shop is authorized no more; its calls get this code. Throws for an unknown shop. */
  withdraw(shop: string, code: number): void {
    if (!this.#shops.includes(shop)) throw new Error(`no shop ${shop}; known are ${this.#shops.join(', ')}`);
    this.#withdrawn.set(shop, code);
  }

  restore(): void {
    this.#withdrawn.clear();
  }

  /** The code that calls of a shop get, or undefined while it is authorized. */
  codeOf(shop: string | undefined): number | undefined {
    return shop === undefined ? undefined : this.#withdrawn.get(shop);
  }
}
