import type { Failure } from '../../shared/run-views.ts';
import { AppError } from '../errors.ts';
import type { Shop } from '../tiktok/api.ts';
import { ShopsMissing } from '../tiktok/shops.ts';
import { describe } from './failures.ts';

export interface ShopListOptions {
  readonly account: { readonly shops: (signal: AbortSignal) => Promise<readonly Shop[]> };
  /** Local milliseconds. */
  readonly now: () => number;
  /** Whether a shop is to be synced, by its id; default: each that the token may see. */
  readonly isWanted?: ((shop: string) => boolean) | undefined;
}

/** How often it is asked which shops there are, milliseconds. */
export const listEveryMs = 24 * 3600 * 1000;

/** Which shops the token may see, by the newest list. */
export class ShopList {
  readonly #options: ShopListOptions;
  #newest: { readonly at: number; readonly shops: ReadonlySet<string> } | undefined;

  constructor(options: ShopListOptions) {
    this.#options = options;
  }

  /**
   * Reads the list anew.
   * @returns the shops, and what is to be told of those that are missing: they keep the others from nothing (rule 9).
   * @throws AppError when there is none at all.
   */
  async read(signal: AbortSignal): Promise<{ readonly shops: readonly Shop[]; readonly missing?: ShopsMissing }> {
    const { account, now } = this.#options;
    const list = await account.shops(signal).then(
      (shops) => ({ shops }),
      (error: unknown) => {
        if (error instanceof ShopsMissing && error.seen.length > 0) return { shops: error.seen, missing: error };
        throw error;
      },
    );
    this.#newest = { at: now(), shops: new Set(list.shops.map(({ id }) => id)) };
    return list;
  }

  /** Of a shop that was synced once and is still wanted: that the token may see it no more; else null. */
  gone(shop: string): Failure | null {
    const { isWanted = () => true } = this.#options;
    if (this.#newest === undefined || this.#newest.shops.has(shop) || !isWanted(shop)) return null;
    const error = new AppError('token', 'not_authorized', `the token may see the shop ${shop} no more`, {
      hint: 'authorize again with the account of its seller: shopsync auth url',
    });
    return describe(error, 'full', this.#newest.at, listEveryMs);
  }
}
