import type { Run } from '../../shared/views.ts';
import type { Log } from '../log.ts';
import type { Span } from '../spans.ts';
import { streamCounts } from '../store/pending.ts';
import type { StreamState } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import { contradiction, impossible, rewindSeconds } from './contradictions.ts';
import { type Policy, firstLiveStart, historyGaps, liveWindows, windowEnd } from './plan.ts';
import type { RunPlan } from './run.ts';

/** What is asked for. Spans and `since` in unix seconds. */
export type Ask =
  | { readonly what: 'sync' }
  | { readonly what: 'span'; readonly span: Span }
  | { readonly what: 'resync'; readonly since?: number | undefined };

export interface PlannerOptions {
  readonly store: Store;
  readonly log: Log;
  /** Server time, unix seconds (rule 6). */
  readonly serverNow: () => number;
  /** Local milliseconds. */
  readonly now: () => number;
  /** Seconds; `overlap` is the least, the stream's own may have been widened. */
  readonly policy: Policy;
  readonly since: number;
}

export type PlannedKind = 'partial' | 'full' | 'incremental';

/** A plan that lacks only its run; `new`: a full resync that opens a ledger of its own. */
export type Draft = Omit<RunPlan, 'runId' | 'resync'> & {
  readonly resync?: RunPlan['resync'] | 'new';
};

/** The newest full run, and the ledger it writes to. */
interface LastFull {
  readonly run: Run;
  readonly ledger: string;
}

/** How long the ledger of a full resync that did not end is worth going on from, milliseconds. */
const ledgerLifeMs = 24 * 3600 * 1000;

/** The top rung of the ladder is taken by itself at most this often, milliseconds. */
const fallbackEveryMs = 7 * 24 * 3600 * 1000;

/** Decides what a run of one shop's stream has to do, from what is covered. */
export class Planner {
  readonly #shop: string;
  readonly #stream: string;
  readonly #options: PlannerOptions;

  constructor(shop: string, stream: string, options: PlannerOptions) {
    this.#shop = shop;
    this.#stream = stream;
    this.#options = options;
  }

  /**
   * The kind of run that an ask needs, and a function that works out the rest; who joins a run has no need of it.
   * @param full the full run under way, if there is one.
   */
  async plan(
    ask: Ask,
    full: { readonly liveRead: boolean } | undefined,
  ): Promise<{ readonly kind: PlannedKind; readonly fallback: boolean; readonly draft: () => Promise<Draft> }> {
    const { serverNow, store, policy, since } = this.#options;
    const now = serverNow();
    const at = { shop: this.#shop, stream: this.#stream };
    const first = { ...at, liveStart: firstLiveStart(now, policy), since, overlap: 0 };
    await this.#mend(await store.ensureState(first), now);
    const state = await store.ensureState(first);
    const known = { ...state, coverage: await store.coverage(this.#shop, this.#stream) };
    const missing = historyGaps(known);
    const { kind, fallback } = await this.#kindOf(ask, missing, full, now);
    const base = {
      kind,
      known: ask.what === 'resync' && ask.since !== undefined ? { ...known, since: ask.since } : known,
      policy: { settle: policy.settle, overlap: Math.max(policy.overlap, state.overlap) },
      serverNow: now,
      already: 0,
    };
    const end = windowEnd(now);
    const whole = { ...base, span: { from: base.known.since, to: end } };
    return {
      kind,
      fallback,
      draft: async () => {
        if (ask.what === 'span') return { ...base, span: ask.span };
        if (kind === 'incremental')
          return { ...base, span: { from: liveWindows(known, end)[0]?.from ?? end, to: end } };
        if (ask.what === 'resync' || missing.length === 0) return { ...whole, ...(await this.#ledger()) };
        const { total } = await store.query(streamCounts, this.#shop, this.#stream);
        return { ...whole, already: total };
      },
    };
  }

  /**
   * A full resync that the last daemon could not end: it was killed, or waited for its next attempt. Nothing but its
   * ledger tells of it, because everything is covered.
   */
  async hasOpenResync(): Promise<boolean> {
    const last = await this.#lastFull();
    if (last === undefined) return false;
    const { state, error } = last.run;
    return state === 'interrupted' || (state === 'failed' && typeof error?.nextAttemptAt === 'string');
  }

  /**
   * The lower rungs of the ladder (rule 10) for a stored state that cannot be true: the watermark and coverage go back a
   * day, and what lies above is read again.
   */
  async #mend(state: StreamState, now: number): Promise<void> {
    const { store, log } = this.#options;
    const reason = impossible(state, await store.coverage(this.#shop, this.#stream), now);
    if (reason === null) return;
    const to = Math.floor(now) - rewindSeconds;
    log.warn({ reason, to: new Date(to * 1000).toISOString() }, `${reason}: going back a day`);
    await store.rewind(this.#shop, this.#stream, to);
  }

  /** A stream whose history has a gap, or whose metadata was deleted by hand or contradicts the store, is read in full. */
  async #kindOf(
    ask: Ask,
    missing: readonly Span[],
    full: { readonly liveRead: boolean } | undefined,
    now: number,
  ): Promise<{ readonly kind: PlannedKind; readonly fallback: boolean }> {
    const plain = (kind: PlannedKind) => ({ kind, fallback: false });
    if (ask.what === 'span') return plain('partial');
    if (ask.what === 'resync') return plain('full');
    if (full !== undefined) return plain(full.liveRead ? 'incremental' : 'full');
    if (missing.length > 0) return plain('full');
    const { store, log } = this.#options;
    const metadata = await store.metadata(this.#shop, this.#stream);
    if (metadata === undefined) return plain('full');
    const { total } = await store.query(streamCounts, this.#shop, this.#stream);
    const reason = contradiction(metadata, total, now);
    if (reason === null) return plain('incremental');
    const last = await this.#lastFull();
    const recently =
      last?.run.trigger === 'fallback' && this.#options.now() - Date.parse(last.run.startedAt) < fallbackEveryMs;
    log.warn(
      { reason, recently },
      recently ? `${reason}; the last full run for it is too recent` : `${reason}: full run`,
    );
    return recently ? plain('incremental') : { kind: 'full', fallback: true };
  }

  #lastFull(): Promise<LastFull | undefined> {
    return this.#options.store.lastFullRun(this.#shop, this.#stream);
  }

  /** Where a full resync begins: at the ledger of one that did not end, or anew. */
  async #ledger(): Promise<Pick<Draft, 'resync' | 'already'>> {
    const { store, now } = this.#options;
    const last = await this.#lastFull();
    if (last === undefined || last.run.state === 'succeeded') return { resync: 'new', already: 0 };
    if (now() - Date.parse(last.run.startedAt) >= ledgerLifeMs) return { resync: 'new', already: 0 };
    const { ledger } = last;
    return { resync: { ledger, read: await store.ledger(ledger) }, already: await store.ledgerSeen(ledger) };
  }
}
