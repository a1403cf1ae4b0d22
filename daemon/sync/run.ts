import type { Run, RunKind } from '../../shared/run-views.ts';
import type { Progress } from '../../shared/views.ts';
import { type Span, gaps } from '../spans.ts';
import { idsToAsk, streamCounts, unseenRecords } from '../store/pending.ts';
import type { Policy } from '../streams/stream.ts';
import type { Priority } from '../tiktok/api.ts';
import { Board } from './board.ts';
import { Climb } from './climb.ts';
import { leftIn } from './left.ts';
import { tenths } from './numbers.ts';
import { Pace } from './pace.ts';
import { type Known, historyGaps, liveWindows, windowEnd } from './plan.ts';
import { type BookTools, RunBook } from './run-book.ts';
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
  /** A `partial` run reads only records of these statuses. */
  readonly statuses?: readonly string[] | undefined;
  /** An audit stores what it finds. */
  readonly repair?: boolean | undefined;
}

export interface RunTools<R> extends BookTools<R> {
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly walkers: () => number;
  /** Called after each commit. */
  readonly progressed: () => void;
  /** Resolves when a live run that began after the call has ended well. @throws AppError why it did not. */
  readonly refresh: () => Promise<void>;
  /** 0 to 1. */
  readonly random: () => number;
  /** How young, in seconds by their creation, open records are read again by id; null: none. */
  readonly recheck?: number | null | undefined;
}

/** A run as its keeper sees it. */
export interface Work {
  readonly progress: Progress;
  /** Whether what is new has been read; from then on a full run is about history alone. */
  readonly liveRead: boolean;
  /** Resolves once that is so, or when the run has ended. */
  readonly live: Promise<void>;
  /** @throws AppError, or the signal's reason when it was stopped. */
  execute(): Promise<Outcome>;
  /** As in RunBook. */
  takeRequests(): number;
  takeOdd(): Readonly<Record<string, number>>;
}

/** What a whole run proves, or nothing for one that covers nothing. */
export type Outcome = Pick<Run, 'localOnly' | 'audit'> & {
  readonly proves?: { readonly watermark: number; readonly strip: number; readonly full: boolean };
};

/** Ids asked at most when a run ends, to tell rows that exist only here from rows that were overlooked. */
const unseenSample = 500;
const pendingPerRun = 100;
/** So many rows that a full run did not see may be anything; more, and more than a tenth of all, are suspicious. */
const fewUnseen = 10;

/** Reads spans of the axis: a full, an incremental or a partial run. Knows neither who asked for it nor who watches. */
export class ActiveRun<R> implements Work {
  readonly plan: RunPlan;
  readonly #tools: RunTools<R>;
  readonly #book: RunBook<R>;
  readonly #pace: Pace;
  readonly #boards: Board[] = [];
  readonly #climb: Climb;
  #earliestSent = Number.POSITIVE_INFINITY;
  /** The least of what the API has told of its own end, unix seconds. */
  #freshTo = Number.POSITIVE_INFINITY;
  #expected: number | null = null;
  #liveRead = false;
  readonly #live = Promise.withResolvers<void>();

  constructor(plan: RunPlan, tools: RunTools<R>, signal: AbortSignal) {
    this.plan = plan;
    this.#book = new RunBook(plan, tools, signal);
    this.#climb = new Climb(tools.ladder);
    this.#tools = tools;
    this.#pace = new Pace(tools.monotonic, {
      done: plan.already,
      // Only what a full run reads is held back by the days' quota.
      api: plan.kind === 'full' ? () => tools.api.pace?.(tools.stream.path) : undefined,
      requests: () => this.#book.requests,
    });
  }

  get liveRead(): boolean {
    return this.#liveRead;
  }

  get live(): Promise<void> {
    return this.#live.promise;
  }

  takeRequests(): number {
    return this.#book.takeRequests();
  }

  takeOdd(): Readonly<Record<string, number>> {
    return this.#book.takeOdd();
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
      requests: this.#book.requests,
      perSecond: tenths(this.#pace.perSecond),
      etaSeconds: eta === null ? null : tenths(eta),
    };
  }

  async execute(): Promise<Outcome> {
    const outcome = await this.#read().finally(() => this.#live.resolve());
    if (this.#climb.error !== undefined) throw this.#climb.error;
    return outcome;
  }

  async #read(): Promise<Outcome> {
    const { kind, known, serverNow, span, resync, statuses } = this.plan;
    if (kind === 'partial') {
      for (const status of statuses ?? [undefined]) await this.#walk([span], 'live', 'partial', status);
      return {};
    }
    await this.#askPending();
    const live = liveWindows(known, windowEnd(serverNow));
    await this.#walk(live, 'live', 'live');
    this.#liveRead = true;
    this.#live.resolve();
    const now = Math.min(serverNow, this.#earliestSent);
    const watermark = Math.min(Math.floor(now) - this.#book.policy.settle, this.#freshTo);
    const proves = { watermark, strip: watermark - this.#book.policy.overlap, full: kind === 'full' };
    if (kind === 'incremental') return { proves };
    // Live before history: what is new counts from here on, however long history takes.
    await this.#tools.store.moveWatermark(this.#tools.api.shop.id, this.#tools.stream.name, proves);
    const goal =
      resync === undefined
        ? historyGaps(known)
        : gaps({ from: known.since, to: live[0]?.from ?? known.liveStart }, resync.read);
    const left = await leftIn(goal, this.#tools, this.#book.context('history'));
    if (left !== undefined) this.#expected = this.#done + left;
    await this.#walk(goal, 'history', 'history');
    return { proves, localOnly: this.#climb.error === undefined ? await this.#countLocalOnly() : undefined };
  }

  get #ledger(): string {
    return this.plan.resync?.ledger ?? this.plan.runId;
  }

  /** A first sync into an empty store has nothing that the API could fail to show. */
  get #unseenLedger(): string | null {
    const { kind, resync, already } = this.plan;
    return kind === 'full' && (resync !== undefined || already > 0) ? this.#ledger : null;
  }

  get #done(): number {
    return this.#boards.reduce((sum, board) => sum + board.done, this.plan.already);
  }

  /** @param status only records that have it are read; then nothing is known of the others in the windows. */
  async #walk(
    windows: readonly Span[],
    priority: Priority,
    phase: 'live' | 'history' | 'partial',
    status?: string,
  ): Promise<void> {
    const { stream } = this.#tools;
    const board = new Board(windows, stream.pageSize);
    this.#boards.push(board);
    await walk({
      stream: {
        ...stream,
        read: (window, context) => this.#climb.read(stream, window, context),
      },
      board,
      context: { ...this.#book.context(priority), status },
      walkers: this.#tools.walkers,
      store: async (page) => {
        if (phase === 'live') {
          this.#earliestSent = Math.min(this.#earliestSent, page.sentAt);
          this.#freshTo = Math.min(this.#freshTo, page.freshTo ?? this.#freshTo);
        }
        await this.#book.store(page, {
          covers: phase !== 'partial',
          live: phase === 'live',
          partly: status !== undefined,
          ledger: this.#unseenLedger,
        });
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

  /** Records set aside and doubts that have come due are asked by id before anything else. */
  async #askPending(): Promise<void> {
    const { stream, store, api } = this.#tools;
    const pending = await store.query(idsToAsk, api.shop.id, stream.name, this.plan.serverNow, pendingPerRun);
    for (const [ids, settles] of [[pending.doubts, true] as const, [pending.rejected, false] as const])
      for await (const page of stream.readIds(ids, this.#book.context('live')))
        await this.#book.store(page, { settles });
  }

  /** Rule 13: rows in the spans read that the API did not show are asked by id, counted when absent, never touched. */
  async #countLocalOnly(): Promise<number> {
    const { stream, store, api, log } = this.#tools;
    const ids = await store.query(unseenRecords, stream.table, api.shop.id, this.#ledger, unseenSample + 1);
    const { total } = await store.query(streamCounts, api.shop.id, stream.name);
    if (ids.length > Math.min(unseenSample, Math.max(fewUnseen, total / 10))) {
      this.#book.note('far fewer shown than stored');
      log.warn(
        { runId: this.plan.runId, unseen: ids.length, stored: total },
        'suspicious: the API showed far fewer records than are stored; nothing stored was touched',
      );
    }
    let absent = 0;
    for await (const page of stream.readIds(ids.slice(0, unseenSample), this.#book.context('history'))) {
      absent += page.absent?.length ?? 0;
      await this.#book.store(page);
    }
    return absent;
  }
}
