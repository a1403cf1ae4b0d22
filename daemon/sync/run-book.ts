import type { RunKind } from '../../shared/run-views.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Oddity, Page, Policy, ReadContext, Stream } from '../streams/stream.ts';
import type { Priority, ShopApi } from '../tiktok/api.ts';
import type { Ladder } from './ladder.ts';
import { coverable, stripOf } from './plan.ts';

export interface BookTools<R> {
  readonly stream: Stream<R>;
  readonly api: ShopApi;
  readonly store: Store;
  readonly log: Log;
  readonly ladder: Ladder;
}

/** What is to become of a page beside its rows. */
export interface Kept {
  /** What it reads whole counts as covered, where it was asked late enough. */
  readonly covers?: boolean;
  /** Part of a live run's strip. */
  readonly live?: boolean;
  /** Asked by id to settle doubts: the time asked decides. */
  readonly settles?: boolean;
  /** Reads only a part of what lies in its span, so that its span is not read by it. */
  readonly partly?: boolean;
  /** Where a full run notes the rows that it did not see. */
  readonly ledger?: string | null;
}

/** The numbers of one run, and the way of its pages into the store. */
export class RunBook<R> {
  readonly #run: { readonly runId: string; readonly kind: RunKind };
  readonly #tools: BookTools<R>;
  readonly #signal: AbortSignal;
  readonly #proof: ReadContext['proof'] = {};
  #attempts = 0;
  #committed = 0;
  #odd: Record<string, number> = {};
  #policy: Policy;

  constructor(
    run: { readonly runId: string; readonly kind: RunKind; readonly policy: Policy },
    tools: BookTools<R>,
    signal: AbortSignal,
  ) {
    this.#run = run;
    this.#policy = run.policy;
    this.#tools = tools;
    this.#signal = signal;
  }

  /** Requests sent so far. */
  get requests(): number {
    return this.#attempts;
  }

  /** In force: late arrivals may have widened the overlap since the run began. */
  get policy(): Policy {
    return this.#policy;
  }

  /** Requests sent since the last commit; the end of the run takes them over. */
  takeRequests(): number {
    const requests = this.#attempts - this.#committed;
    this.#committed = this.#attempts;
    return requests;
  }

  /** What was odd since the last commit, likewise. */
  takeOdd(): Readonly<Record<string, number>> {
    const odd = this.#odd;
    this.#odd = {};
    return odd;
  }

  note(what: Oddity): void {
    this.#odd[what] = (this.#odd[what] ?? 0) + 1;
  }

  context(priority: Priority): ReadContext {
    return {
      api: this.#tools.api,
      priority,
      signal: this.#signal,
      proof: this.#proof,
      onAttempt: () => {
        this.#attempts += 1;
      },
      onRetry: (reason) => this.#tools.ladder.reach('page', reason),
      odd: (what, detail) => {
        this.note(what);
        this.#tools.log.warn({ runId: this.#run.runId, what, detail }, 'the API did something odd');
      },
    };
  }

  /** Commits a page with the numbers of the run so far. */
  async store(page: Page<R>, kept: Kept = {}): Promise<void> {
    const { stream, store, api, log } = this.#tools;
    const { runId } = this.#run;
    const policy = this.#policy;
    const read = page.coveredTo === undefined || kept.partly === true ? null : { from: page.from, to: page.coveredTo };
    const requests = this.takeRequests();
    const odd = this.takeOdd();
    try {
      const { widened } = await store.commitPage(stream.table, {
        runId,
        shop: api.shop.id,
        stream: stream.name,
        records: page.records,
        rejected: page.rejected,
        asked: page.asked,
        requests,
        read,
        before: page.before,
        absent: page.absent,
        covered: read === null || kept.covers !== true ? null : coverable(read, page.sentAt, policy),
        ledger: kept.ledger ?? null,
        doubtsDue: Math.floor(page.sentAt) + stripOf(policy),
        settles: kept.settles ?? false,
        sentAt: page.sentAt,
        overlap: policy.overlap,
        settle: policy.settle,
        live: kept.live ?? false,
        documented: stream.documented,
        odd,
      });
      if (widened !== null) {
        this.#policy = { ...policy, overlap: widened };
        log.warn(
          { runId, overlapSeconds: widened },
          'records arrive late: the overlap was widened, the strip is read again',
        );
      }
    } catch (error) {
      // Rolled back with the page, but sent and seen all the same: the end of the run tells them.
      this.#committed -= requests;
      for (const [what, times] of Object.entries(odd)) this.#odd[what] = (this.#odd[what] ?? 0) + times;
      throw error;
    }
  }
}
