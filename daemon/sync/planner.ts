import type { RunKind } from '../../shared/run-views.ts';
import type { Rung } from '../../shared/views.ts';
import type { Log } from '../log.ts';
import type { Span } from '../spans.ts';
import { streamCounts } from '../store/pending.ts';
import { listRungs, showRung } from '../store/rungs.ts';
import type { StreamState } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import type { Policy } from '../streams/stream.ts';
import { type Ask, kindOf } from './asks.ts';
import { contradiction, impossible, rewinds } from './contradictions.ts';
import { firstLiveStart, historyGaps, liveWindows, windowEnd } from './plan.ts';
import type { RunPlan } from './run.ts';
import type { Unfinished } from './unfinished.ts';

export interface PlannerOptions {
  readonly store: Store;
  readonly log: Log;
  /** Server time, unix seconds (rule 6). */
  readonly serverNow: () => number;
  /** The best estimate of the same by the API's own word, which a local clock that is behind does not hold back. */
  readonly apiNow: () => number;
  /** Local milliseconds. */
  readonly now: () => number;
  /** Seconds; `overlap` is the least, the stream's own may have been widened. */
  readonly policy: Policy;
  readonly since: number;
  /** How young, in seconds by their creation, open records are read again by id; null: none. */
  readonly recheck?: number | null | undefined;
}

/** A plan that lacks only its run; `new`: a full resync that opens a ledger of its own. */
export type Draft = Omit<RunPlan, 'runId' | 'resync'> & {
  readonly resync?: RunPlan['resync'] | 'new';
};

/** How long the ledger of a full resync that did not end is worth going on from, milliseconds. */
const ledgerLifeMs = 24 * 3600 * 1000;

/** Within so long the same rung is not taken twice but the next one, and the highest not at all, milliseconds. */
const rungEveryMs = 7 * 24 * 3600 * 1000;

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
  ): Promise<{ readonly kind: RunKind; readonly fallback?: string; readonly draft: () => Promise<Draft> }> {
    const { serverNow, store, policy, since } = this.#options;
    const now = serverNow();
    const at = { shop: this.#shop, stream: this.#stream };
    const first = { ...at, liveStart: firstLiveStart(now, policy), since, overlap: 0 };
    const broken = await this.#mend(await store.ensureState(first), now);
    const state = await store.ensureState(first);
    const known = { ...state, coverage: await store.coverage(this.#shop, this.#stream) };
    const missing = historyGaps(known);
    const { kind, fallback } = await this.#kindOf(ask, missing, full, broken);
    const base = {
      kind,
      known: ask.what === 'resync' && ask.since !== undefined ? { ...known, since: ask.since } : known,
      policy: { ...policy, overlap: Math.max(policy.overlap, state.overlap) },
      serverNow: now,
      already: 0,
    };
    const end = windowEnd(now);
    const whole = { ...base, span: { from: base.known.since, to: end } };
    return {
      kind,
      ...(fallback !== undefined && { fallback }),
      draft: async () => {
        if (ask.what === 'span') return { ...base, span: ask.span, statuses: ask.statuses };
        if (ask.what === 'recheck') return { ...base, span: { from: end - (this.#options.recheck ?? 0), to: end } };
        if (ask.what === 'audit') return { ...whole, repair: ask.repair };
        if (kind === 'incremental')
          return { ...base, span: { from: liveWindows(known, end)[0]?.from ?? end, to: end } };
        if (ask.what === 'resync' || missing.length === 0)
          return { ...whole, ...(await this.#ledger(ask.what === 'resync' && ask.anew === true)) };
        const { total } = await store.query(streamCounts, this.#shop, this.#stream);
        return { ...whole, already: total };
      },
    };
  }

  /**
   * A full resync that the last daemon could not end: it was killed, or waited for its next attempt. Nothing but its
   * ledger tells of it, because everything is covered. It is asked for since the same day again.
   */
  async openResync(): Promise<Extract<Ask, { what: 'resync' }> | undefined> {
    const last = await this.#lastFull();
    if (last === undefined) return undefined;
    const { state, error, from } = last.run;
    const isOpen = state === 'interrupted' || (state === 'failed' && typeof error?.nextAttemptAt === 'string');
    if (!isOpen) return undefined;
    return { what: 'resync', ...(from !== null && { since: Date.parse(from) / 1000 }) };
  }

  /** What a full resync goes on from, unless it is to begin anew: one that did not end and is not a day old. */
  async unfinished(): Promise<Unfinished | undefined> {
    const { store, now } = this.#options;
    const last = await this.#lastFull();
    if (last === undefined || last.run.state === 'succeeded') return undefined;
    if (now() - Date.parse(last.run.startedAt) >= ledgerLifeMs) return undefined;
    return { ...last, read: await store.ledger(last.ledger), seen: await store.ledgerSeen(last.ledger) };
  }

  /**
   * Rule 10, for a stored state that cannot be true: the watermark and coverage go back a day, and what lies above is
   * read again; when that has not helped for long, seven days.
   * @returns why everything has to be read again, when neither has helped.
   */
  async #mend(state: StreamState, now: number): Promise<string | undefined> {
    const { store, log, apiNow } = this.#options;
    const latest = Math.max(now, apiNow());
    const reason = impossible(state, await store.coverage(this.#shop, this.#stream), latest);
    if (reason === null) return undefined;
    const taken = await this.#rungsTaken();
    const { rung, seconds } = taken.has('back_24h') ? rewinds.week : rewinds.day;
    const to = Math.floor(now) - seconds;
    log.warn({ reason, rung, to: new Date(to * 1000).toISOString() }, `${reason}: going back, ${rung}`);
    await store.rewind(this.#shop, this.#stream, to, { rung, reason });
    return taken.has('back_7d') ? `${reason}, for the third time in seven days` : undefined;
  }

  /** A stream whose history has a gap, or whose metadata was deleted by hand or contradicts the store, is read in full. */
  async #kindOf(
    ask: Ask,
    missing: readonly Span[],
    full: { readonly liveRead: boolean } | undefined,
    broken: string | undefined,
  ): Promise<{ readonly kind: RunKind; readonly fallback?: string }> {
    if (ask.what !== 'sync') return { kind: kindOf(ask) };
    if (full !== undefined) return { kind: full.liveRead ? 'incremental' : 'full' };
    const reason = broken ?? (await this.#contradiction(missing));
    if (reason === 'missing') return { kind: 'full' };
    if (reason === undefined) return { kind: 'incremental' };
    const { store, log } = this.#options;
    if (!(await this.#rungsTaken()).has('full')) {
      log.warn({ reason }, `${reason}: full run`);
      return { kind: 'full', fallback: reason };
    }
    const words = `${reason}; the last full run for such a reason is too recent: shopsync full-resync reads all again`;
    log.warn({ reason }, words);
    await store.change(showRung, this.#shop, this.#stream, 'full', words);
    return { kind: missing.length > 0 ? 'full' : 'incremental' };
  }

  /** Why only a full run can tell what is true: `missing` when there is no whole copy yet, or words for a person. */
  async #contradiction(missing: readonly Span[]): Promise<string | undefined> {
    if (missing.length > 0) return 'missing';
    const { store, serverNow, apiNow } = this.#options;
    const metadata = await store.metadata(this.#shop, this.#stream);
    if (metadata === undefined) return 'missing';
    const { total } = await store.query(streamCounts, this.#shop, this.#stream);
    return contradiction(metadata, total, Math.max(serverNow(), apiNow())) ?? undefined;
  }

  /** The rungs reached within the last seven days. */
  async #rungsTaken(): Promise<ReadonlySet<Rung>> {
    const { store, now } = this.#options;
    const rungs = await store.query(listRungs, this.#shop, this.#stream);
    return new Set(rungs.filter(({ reachedAt }) => now() - reachedAt < rungEveryMs).map(({ rung }) => rung));
  }

  /** The newest full run, and the ledger it writes to. */
  #lastFull(): Promise<Pick<Unfinished, 'run' | 'ledger'> | undefined> {
    return this.#options.store.lastFullRun(this.#shop, this.#stream);
  }

  /** Where a full resync begins: at the ledger of one that did not end, or anew. */
  async #ledger(anew: boolean): Promise<Pick<Draft, 'resync' | 'already'>> {
    const unfinished = anew ? undefined : await this.unfinished();
    if (unfinished === undefined) return { resync: 'new', already: 0 };
    const { ledger, read, seen } = unfinished;
    return { resync: { ledger, read }, already: seen };
  }
}
