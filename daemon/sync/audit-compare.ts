import type { Span } from '../spans.ts';
import type { Auditable, Axis, Counted, ReadContext, Stream } from '../streams/stream.ts';
import type { Finds } from './audit-finds.ts';
import type { LocalCounts } from './audit-local.ts';
import { inParallel } from './audit-parallel.ts';
import { readSpan } from './audit-read.ts';
import { search } from './audit-search.ts';
import type { AuditSpan } from './audit-span.ts';

/** Update times further ahead of the server's now, in seconds, lie in the future; and where those end, unix seconds. */
const ahead = 60;
const farFuture = 2 ** 31 - 1;
/** Counts and searches under way at once. */
const atOnce = 4;
/** Each round uncovers what others have hidden by moving the other way. */
const mostRounds = 5;

export interface CompareTools<R> {
  readonly stream: Stream<R>;
  readonly remote: Auditable<R>;
  readonly context: ReadContext;
  readonly finds: Finds<R>;
  readonly local: LocalCounts<R>;
  /** Called before requests whose number is known. */
  readonly expect: (requests: number) => void;
  /** Called after each answer. @returns whether more may be asked. */
  readonly asked: () => boolean;
  readonly mayAsk: () => boolean;
  /** Called when one of several requests under way has failed: the others end. */
  readonly stop: (error: unknown) => void;
}

/** Counts spans on both sides, and goes after what differs. */
export class Comparison<R> {
  readonly #tools: CompareTools<R>;

  constructor(tools: CompareTools<R>) {
    this.#tools = tools;
  }

  /**
   * How many records have an update time that lies in the future, by the API.
   * @param now server time, unix seconds; where it is long past, the API's answer tells it better.
   */
  async countFuture(now: number): Promise<number> {
    let [from, future] = [Math.floor(now) + ahead, 0];
    for (let times = 0; times < mostRounds; times++) {
      this.#tools.expect(1);
      const { total, sentAt } = await this.#count('updated', { from, to: farFuture });
      future = total;
      if (total === 0 || sentAt + ahead / 2 <= from) break;
      from = Math.floor(sentAt) + ahead;
    }
    return future;
  }

  /** Asks for the counts of these spans, a few at a time; what is here is counted at the same moment. */
  async ask(spans: readonly AuditSpan[]): Promise<void> {
    this.#tools.expect(spans.length);
    await this.#tools.local.reload();
    const count = async (one: AuditSpan): Promise<void> => {
      one.local = await this.#tools.local.count(one.axis, one.span);
      one.counted((await this.#count(one.axis, one.span)).total);
    };
    await inParallel(spans, atOnce, count, this.#tools.stop);
  }

  /** What was created cannot leave its span: whatever differs is gone after, once. */
  async searchCreated(spans: readonly AuditSpan[]): Promise<void> {
    await this.#searchAll(spans.filter((one) => one.differs));
  }

  /**
   * A stale record is missing in the span of the update time that it has at the API, and one too many in the span of the
   * one that it has here. It is looked for where it is missing; only where nothing is, where it is too many.
   */
  async searchUpdated(spans: readonly AuditSpan[]): Promise<void> {
    for (let round = 0; round < mostRounds; round++) {
      const differing = spans.filter((one) => one.differs && !one.isTried);
      const lacking = differing.filter((one) => one.difference > 0);
      if (differing.length === 0) return;
      await this.#searchAll(lacking.length > 0 ? lacking : differing);
      await this.#countHere(spans);
    }
  }

  /** A last look at spans that differ still: while orders change, what is here must be made fresh and counted again. */
  async settle(spans: readonly AuditSpan[], refresh: () => Promise<void>): Promise<void> {
    await this.#countHere(spans);
    const differing = spans.filter((one) => one.isUndecided);
    if (differing.length === 0 || !this.#tools.mayAsk()) return;
    await refresh();
    await this.ask(differing);
  }

  async #count(axis: Axis, span: Span): Promise<Counted> {
    const { remote, context, asked } = this.#tools;
    const counted = await remote.count(axis, span, context);
    asked();
    return counted;
  }

  async #countHere(spans: readonly AuditSpan[]): Promise<void> {
    await this.#tools.local.reload();
    for (const one of spans) one.local = await this.#tools.local.count(one.axis, one.span);
  }

  async #searchAll(spans: readonly AuditSpan[]): Promise<void> {
    await inParallel(spans, atOnce, (one) => this.#search(one), this.#tools.stop);
  }

  async #search(one: AuditSpan): Promise<void> {
    const { axis, difference } = one;
    const { stream, local, expect, mayAsk } = this.#tools;
    const isWorth = axis === 'created' ? () => true : (other: number) => Math.sign(other) === Math.sign(difference);
    const before = one.drifted;
    await search(
      { span: one.span, remote: one.local + difference, local: one.local },
      (other) => other !== 0 && isWorth(other),
      {
        pageSize: stream.pageSize,
        remote: async (span) => {
          expect(1);
          return (await this.#count(axis, span)).total;
        },
        local: (span) => local.count(axis, span),
        middle: (span) => local.middle(axis, span),
        read: async (span) => {
          const { drifted, alone, others } = await readSpan(axis, span, this.#tools);
          one.drifted += drifted;
          one.alone += alone;
          one.others += others;
        },
        mayAsk,
      },
    );
    one.isTried = one.drifted === before;
  }
}
