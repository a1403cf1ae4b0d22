import type { Estimate } from '../../shared/views.ts';
import { AppError } from '../errors.ts';
import { type Span, gaps } from '../spans.ts';
import type { Store } from '../store/store.ts';
import type { ReadContext } from '../streams/stream.ts';
import type { Account } from '../tiktok/account.ts';
import type { ShopApi } from '../tiktok/api.ts';
import { Allowance } from './allowance.ts';
import { type Counted, estimateOf } from './estimate.ts';
import { countLeft } from './left.ts';
import { goingOn } from './unfinished.ts';
import type { Unit } from './unit.ts';

/** Requests for single records that no run needs. */
const findsAMinute = 60;

type GoesOn = NonNullable<Estimate['goesOn']>[number];
type Unknown = NonNullable<Estimate['unknown']>[number];

/** What people ask the API beside any run. Nothing of it is stored. */
export class Questions {
  readonly #api: Account['api'];
  readonly #store: Store;
  readonly #signal: AbortSignal;
  readonly #finds: Allowance;

  /** @param options `monotonic` in milliseconds. */
  constructor(
    options: {
      readonly account: Pick<Account, 'api'>;
      readonly store: Store;
      readonly monotonic: () => number;
    },
    signal: AbortSignal,
  ) {
    this.#api = (shop) => options.account.api(shop);
    this.#store = options.store;
    this.#signal = signal;
    this.#finds = new Allowance(findsAMinute, options.monotonic);
  }

  /**
   * What a full resync would cost at the present rates and daily quotas. One request for each stream of each shop,
   * side by side. What cannot be told of a stream is named and left out.
   * @param whole unix seconds.
   * @throws AppError when nothing of it can be told.
   */
  async estimate<R>(units: readonly Unit<R>[], whole: Span, anew: boolean): Promise<Estimate> {
    const counted: Counted[] = [];
    const goesOn: GoesOn[] = [];
    const unknown: Unknown[] = [];
    const results = await Promise.allSettled(units.map((unit) => this.#count(unit, whole, anew)));
    for (const [at, result] of results.entries()) {
      const unit = units[at];
      if (unit === undefined) continue;
      if (result.status === 'fulfilled') {
        counted.push(result.value.counted);
        goesOn.push(...result.value.goesOn);
        continue;
      }
      const error: unknown = result.reason;
      if (!(error instanceof AppError) || this.#signal.aborted || results.length === 1) throw error;
      unknown.push({ shop: unit.shop.id, stream: unit.stream.name, message: error.message });
    }
    const refused = results.find((result) => result.status === 'rejected');
    if (counted.length === 0 && refused !== undefined) throw refused.reason;
    return {
      ...estimateOf(counted),
      ...(goesOn.length > 0 && { goesOn }),
      ...(unknown.length > 0 && { unknown }),
    };
  }

  async #count<R>({ stream, shop, sync }: Unit<R>, whole: Span, anew: boolean) {
    const api = this.#api(shop);
    const before = anew ? undefined : await sync.unfinished();
    const left = gaps(whole, before?.read ?? []);
    const records = await countLeft(left, { stream, store: this.#store }, this.#context(api));
    const requests = Math.ceil(records / stream.pageSize) + 1;
    return {
      counted: { shop: shop.id, stream: stream.name, records, requests, pace: api.pace(stream.path) },
      goesOn: before === undefined ? [] : [goingOn(before, records)],
    };
  }

  /**
   * Asks shops for one record by its id; one request a shop.
   * @returns the shop that has it and its place on the axis, unix seconds; null when the record cannot be read.
   * @throws AppError `limit`: whoever may read may ask, and what the API takes is for the runs.
   */
  async find<R>(
    units: readonly Unit<R>[],
    id: string,
  ): Promise<{ readonly shop: string; readonly time: number | null } | undefined> {
    for (const { shop, stream } of units) {
      const waitMs = this.#finds.take();
      if (waitMs > 0)
        throw new AppError('throttled', 'limit', `more than ${findsAMinute} questions a minute for records by id`, {
          retryAfterMs: waitMs,
          hint: `ask again in ${Math.ceil(waitMs / 1000)} s; what is stored is told at once`,
        });
      for await (const page of stream.readIds([id], this.#context(this.#api(shop)))) {
        const [record] = page.records;
        if (record !== undefined) return { shop: shop.id, time: stream.table.timeOf(record) };
        if (page.rejected.length > 0) return { shop: shop.id, time: null };
      }
    }
    return undefined;
  }

  #context(api: ShopApi): ReadContext {
    return { api, priority: 'live', signal: this.#signal, proof: {}, odd: () => undefined };
  }
}
