import type { Progress, Run, RunKind } from '../../shared/views.ts';
import type { Log } from '../log.ts';
import { type Span, gaps } from '../spans.ts';
import { idsToAsk, streamCounts, unseenRecords } from '../store/pending.ts';
import type { Store } from '../store/store.ts';
import type { Oddity, Page, Policy, ReadContext, Stream } from '../streams/stream.ts';
import type { Priority, ShopApi } from '../tiktok/api.ts';
import { Board } from './board.ts';
import { Climb } from './climb.ts';
import type { Ladder } from './ladder.ts';
import { leftIn } from './left.ts';
import { Pace } from './pace.ts';
import { type Known, coverable, historyGaps, liveWindows, stripOf, windowEnd } from './plan.ts';
import { walk } from './walk.ts';

/** What a run is to do. All times are unix seconds. */
export interface RunPlan {
  readonly runId: string;
  readonly kind: RunKind;
  readonly known: Known;
  readonly policy: Policy;
  /** Server time when the run was planned: its windows end there, whatever happens meanwhile (rule 6). */
  readonly serverNow: number;
  /** What it is meant to read, as its record tells; a `partial` run reads exactly this. */
  readonly span: Span;
  /** For a full resync: re-read what is covered as well, but for the ledger's spans. */
  readonly resync?: { readonly ledger: string; readonly read: readonly Span[] } | undefined;
  /** Records that an interrupted run before this one has read; progress goes on from there. */
  readonly already: number;
}

export interface RunTools<R> {
  readonly stream: Stream<R>;
  readonly api: ShopApi;
  readonly store: Store;
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly walkers: () => number;
  readonly ladder: Ladder;
  /** Called after each commit. */
  readonly progressed: () => void;
}

/** What a whole run proves, or nothing for one that covers nothing. */
export type Outcome = Pick<Run, 'localOnly'> & {
  readonly proves?: { readonly watermark: number; readonly strip: number; readonly full: boolean };
};

/** Ids asked at most when a run ends, to tell rows that exist only here from rows that were overlooked. */
const unseenSample = 500;
const pendingPerRun = 100;
/** So many rows that a full run did not see may be anything; more, and more than a tenth of all, are suspicious. */
const fewUnseen = 10;

/** One piece of work with a beginning, an end and numbers. Knows neither who asked for it nor who watches. */
export class ActiveRun<R> {
  readonly plan: RunPlan;
  readonly #tools: RunTools<R>;
  readonly #signal: AbortSignal;
  readonly #pace: Pace;
  readonly #proof: ReadContext['proof'] = {};
  readonly #boards: Board[] = [];
  readonly #climb: Climb;
  #attempts = 0;
  #committed = 0;
  #earliestSent = Number.POSITIVE_INFINITY;
  /** The least of what the API has told of its own end, unix seconds. */
  #freshTo = Number.POSITIVE_INFINITY;
  #expected: number | null = null;
  #liveRead = false;
  #odd: Record<string, number> = {};
  #policy: Policy;

  constructor(plan: RunPlan, tools: RunTools<R>, signal: AbortSignal) {
    this.plan = plan;
    this.#policy = plan.policy;
    this.#climb = new Climb(tools.ladder);
    this.#tools = tools;
    this.#signal = signal;
    this.#pace = new Pace(tools.monotonic, {
      done: plan.already,
      // Only what a full run reads is held back by the days' quota.
      api: plan.kind === 'full' ? () => tools.api.pace?.(tools.stream.path) : undefined,
      requests: () => this.#attempts,
    });
  }

  /** Whether what is new has been read; from then on a full run is about history alone. */
  get liveRead(): boolean {
    return this.#liveRead;
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

  get progress(): Progress {
    const done = this.#done;
    const expected = this.#expected === null ? null : Math.max(this.#expected, done);
    const eta = this.#pace.etaSeconds(expected === null ? null : expected - done);
    return {
      runId: this.plan.runId,
      kind: this.plan.kind,
      done,
      expected,
      requests: this.#attempts,
      perSecond: round(this.#pace.perSecond),
      etaSeconds: eta === null ? null : round(eta),
    };
  }

  /** @throws AppError, or the signal's reason when it was stopped. */
  async execute(): Promise<Outcome> {
    const outcome = await this.#read();
    if (this.#climb.error !== undefined) throw this.#climb.error;
    return outcome;
  }

  async #read(): Promise<Outcome> {
    const { kind, known, serverNow, span, resync } = this.plan;
    if (kind === 'partial') {
      await this.#walk([span], 'live', 'partial');
      return {};
    }
    await this.#askPending();
    const live = liveWindows(known, windowEnd(serverNow));
    await this.#walk(live, 'live', 'live');
    this.#liveRead = true;
    const now = Math.min(serverNow, this.#earliestSent);
    const watermark = Math.min(Math.floor(now) - this.#policy.settle, this.#freshTo);
    const proves = { watermark, strip: watermark - this.#policy.overlap, full: kind === 'full' };
    if (kind === 'incremental') return { proves };
    // Live before history: what is new counts from here on, however long history takes.
    await this.#tools.store.moveWatermark(this.#tools.api.shop.id, this.#tools.stream.name, proves);
    const goal =
      resync === undefined
        ? historyGaps(known)
        : gaps({ from: known.since, to: live[0]?.from ?? known.liveStart }, resync.read);
    const left = await leftIn(goal, this.#tools, this.#context('history'));
    if (left !== undefined) this.#expected = this.#done + left;
    await this.#walk(goal, 'history', 'history');
    return { proves, localOnly: this.#climb.error === undefined ? await this.#countLocalOnly() : undefined };
  }

  get #ledger(): string {
    return this.plan.resync?.ledger ?? this.plan.runId;
  }

  get #done(): number {
    return this.#boards.reduce((sum, board) => sum + board.done, this.plan.already);
  }

  async #walk(windows: readonly Span[], priority: Priority, phase: 'live' | 'history' | 'partial'): Promise<void> {
    const { stream } = this.#tools;
    const board = new Board(windows, stream.pageSize);
    this.#boards.push(board);
    await walk({
      stream: {
        ...stream,
        read: (window, context) => this.#climb.read(stream, window, context),
      },
      board,
      context: this.#context(priority),
      walkers: this.#tools.walkers,
      store: async (page) => {
        if (phase === 'live') {
          this.#earliestSent = Math.min(this.#earliestSent, page.sentAt);
          this.#freshTo = Math.min(this.#freshTo, page.freshTo ?? this.#freshTo);
        }
        await this.#store(page, { covers: phase !== 'partial', live: phase === 'live', settles: false });
      },
      advanced: () => {
        // A full run knows its total only once history has told it: the strip says nothing about it.
        if (board.expected !== null && board.isCounted && (this.plan.kind !== 'full' || phase === 'history'))
          this.#expected = Math.max(this.#expected ?? 0, this.#done + board.left);
        this.#pace.mark(this.#done);
        this.#tools.progressed();
      },
    });
  }

  #context(priority: Priority): ReadContext {
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
        this.#note(what);
        this.#tools.log.warn({ runId: this.plan.runId, what, detail }, 'the API did something odd');
      },
    };
  }

  #note(what: Oddity): void {
    this.#odd[what] = (this.#odd[what] ?? 0) + 1;
  }

  async #store(
    page: Page<R>,
    how: { readonly covers: boolean; readonly live: boolean; readonly settles: boolean },
  ): Promise<void> {
    const { stream, store, api, log } = this.#tools;
    const { runId, kind, resync, already } = this.plan;
    const policy = this.#policy;
    const read = page.coveredTo === undefined ? null : { from: page.from, to: page.coveredTo };
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
        covered: read === null || !how.covers ? null : coverable(read, page.sentAt, policy),
        // A first sync into an empty store has nothing that the API could fail to show.
        ledger: kind === 'full' && (resync !== undefined || already > 0) ? this.#ledger : null,
        doubtsDue: Math.floor(page.sentAt) + stripOf(policy),
        settles: how.settles,
        sentAt: page.sentAt,
        overlap: policy.overlap,
        settle: policy.settle,
        live: how.live,
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

  /** Records set aside and doubts that have come due are asked by id before anything else. */
  async #askPending(): Promise<void> {
    const { stream, store, api } = this.#tools;
    const pending = await store.query(idsToAsk, api.shop.id, stream.name, this.plan.serverNow, pendingPerRun);
    for (const [ids, settles] of [[pending.doubts, true] as const, [pending.rejected, false] as const])
      for await (const page of stream.readIds(ids, this.#context('live')))
        await this.#store(page, { covers: false, live: false, settles });
  }

  /** Rule 13: rows in the spans read that the API did not show are asked by id, counted when absent, never touched. */
  async #countLocalOnly(): Promise<number> {
    const { stream, store, api, log } = this.#tools;
    const ids = await store.query(unseenRecords, stream.table, api.shop.id, this.#ledger, unseenSample + 1);
    const { total } = await store.query(streamCounts, api.shop.id, stream.name);
    if (ids.length > Math.min(unseenSample, Math.max(fewUnseen, total / 10))) {
      this.#note('far fewer shown than stored');
      log.warn(
        { runId: this.plan.runId, unseen: ids.length, stored: total },
        'suspicious: the API showed far fewer records than are stored; nothing stored was touched',
      );
    }
    let absent = 0;
    for await (const page of stream.readIds(ids.slice(0, unseenSample), this.#context('history'))) {
      absent += page.absent?.length ?? 0;
      await this.#store(page, { covers: false, live: false, settles: false });
    }
    return absent;
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;
