import type { Failure } from '../../shared/run-views.ts';
import type { Log } from '../log.ts';
import { saveShops } from '../store/learned.ts';
import type { Store } from '../store/store.ts';
import type { Shop } from '../tiktok/api.ts';
import { describe } from './failures.ts';
import { Retries, type RetriesOptions } from './retries.ts';
import { ShopList, type ShopListOptions, listEveryMs } from './shop-list.ts';

export interface DiscoveryOptions extends ShopListOptions, RetriesOptions {
  readonly store: Pick<Store, 'change'>;
  readonly log: Log;
  /** Begins what is missing of a shop, one promise for each of its streams. */
  readonly open: (shop: Shop) => readonly Promise<void>[];
  /** Aborted when the daemon stops. */
  readonly signal: AbortSignal;
}

/** Learns which shops there are, once a day and whenever it failed, and opens them. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #retries: Retries;
  readonly #shops: ShopList;
  #reading: Promise<void> | undefined;
  #problem: Failure | null = null;
  #cancelDaily: () => void = () => undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#retries = new Retries(options);
    this.#shops = new ShopList(options);
  }

  /** Why the shops are not known, or null. */
  get problem(): Failure | null {
    return this.#problem;
  }

  /** As in ShopList. */
  gone(shop: string): Failure | null {
    return this.#shops.gone(shop);
  }

  /** One reading of the shops at a time; whoever needs them waits for the same one. @throws AppError why it failed. */
  run(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await this.#reading?.catch(() => undefined);
  }

  close(): void {
    this.#retries.close();
    this.#cancelDaily();
  }

  async #read(): Promise<void> {
    const { store, log, now, setTimer, open, signal } = this.#options;
    const again = (): void => void this.run().catch(() => undefined);
    try {
      const { shops, missing } = await this.#shops.read(signal);
      await store.change(saveShops, shops, now());
      signal.throwIfAborted();
      // One that cannot begin keeps no other from it (rule 9); it is tried again with the shops.
      const refused = (await Promise.allSettled(shops.flatMap(open))).find((one) => one.status === 'rejected');
      if (refused !== undefined) throw refused.reason;
      signal.throwIfAborted();
      if (missing !== undefined) throw missing;
      this.#problem = null;
      this.#retries.recovered('full');
      this.#cancelDaily();
      this.#cancelDaily = setTimer(again, listEveryMs);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#problem = describe(error, 'full', now(), this.#retries.plan('full', error, again), this.#problem);
      log.error({ err: error, failure: this.#problem }, `the shops cannot be followed: ${this.#problem.message}`);
      throw error;
    }
  }
}
