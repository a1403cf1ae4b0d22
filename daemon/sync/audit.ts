import type { Audited } from '../../shared/run-views.ts';
import type { Progress } from '../../shared/views.ts';
import { AppError } from '../errors.ts';
import type { Span } from '../spans.ts';
import type { Auditable, Axis, Stream } from '../streams/stream.ts';
import { Comparison } from './audit-compare.ts';
import { Finds } from './audit-finds.ts';
import { LocalCounts } from './audit-local.ts';
import { askSuspects, suspects } from './audit-own.ts';
import { AuditSpan } from './audit-span.ts';
import { statementOf } from './audit-statement.ts';
import { Numbers } from './numbers.ts';
import { RunBook } from './run-book.ts';
import type { Outcome, RunPlan, RunTools, Work } from './run.ts';

/** Requests of one audit; then it ends with what it has found. */
const mostRequests = 1000;

interface Compared {
  readonly span: Span;
  /** Whether it is all since the configured day. */
  readonly isWhole: boolean;
}

/** Proves for the price of a few requests that the store is what the API has, and repairs what is not. */
export class Audit<R> implements Work {
  readonly liveRead = true;
  readonly live = Promise.resolve();
  readonly #plan: RunPlan;
  readonly #tools: RunTools<R>;
  readonly #signal: AbortSignal;
  /** One of several requests under way has failed. */
  readonly #broken = new AbortController();
  readonly #book: RunBook<R>;
  readonly #numbers: Numbers;
  readonly #local: LocalCounts<R>;
  /** Requests that it takes, as far as is known. */
  #expected = 0;
  #isCut = false;

  constructor(plan: RunPlan, tools: RunTools<R>, signal: AbortSignal) {
    this.#plan = plan;
    this.#tools = tools;
    this.#signal = AbortSignal.any([signal, this.#broken.signal]);
    this.#book = new RunBook(plan, tools, this.#signal);
    this.#numbers = new Numbers(plan, tools.monotonic, () => this.#book.requests);
    this.#local = new LocalCounts(tools);
  }

  get progress(): Progress {
    return this.#numbers.progress;
  }

  takeRequests(): number {
    return this.#book.takeRequests();
  }

  takeOdd(): Readonly<Record<string, number>> {
    return this.#book.takeOdd();
  }

  /** @throws AppError `busy` while nothing is read yet that could be compared. */
  async execute(): Promise<Outcome> {
    const { stream, log, random } = this.#tools;
    const { runId, repair = false, serverNow } = this.#plan;
    const remote = auditableOf(stream);
    const context = this.#book.context('history');
    await this.#refresh();
    const compared = await this.#compared();
    const { span } = compared;
    const finds = new Finds(this.#tools, this.#book, this.#local, { runId, repair, span });
    const asked = (): boolean => this.#asked();

    const own = await suspects(this.#tools, { serverNow }, this.#signal);
    this.#isCut = own.isCut;
    await askSuspects(own, this.#tools, context, { runId, repair, finds, asked });

    const of = async (axis: Axis): Promise<AuditSpan[]> =>
      (await this.#local.spans(axis, span, random)).map((one) => new AuditSpan(axis, one));
    const [created, updated] = [await of('created'), await of('updated')];
    const spans = [...created, ...updated];
    const comparison = new Comparison({
      stream,
      remote,
      context,
      finds,
      local: this.#local,
      asked,
      expect: (requests) => this.#expect(requests),
      mayAsk: () => this.#mayAsk(),
      stop: (error) => this.#broken.abort(error),
    });
    const future = await comparison.countFuture(serverNow);
    await comparison.ask(spans);
    if (spans.some((one) => one.differs)) {
      // A difference counts that persists over two reads with the live run between.
      await this.#refresh();
      await comparison.ask(created.filter((one) => one.differs));
      await comparison.searchCreated(created);
      await comparison.ask(updated.filter((one) => one.differs));
      await comparison.searchUpdated(updated);
      await comparison.settle(spans, () => this.#refresh());
    }
    const audit = await this.#audited(compared, { created, updated }, finds, future);
    log[audit.ok ? 'info' : 'warn']({ runId, audit, ...finds.named }, audit.statement);
    return { audit };
  }

  /** What lies below the frontier and is covered without a gap: all of it should be here. */
  async #compared(): Promise<Compared> {
    const { store, stream, api } = this.#tools;
    const state = await store.state(api.shop.id, stream.name);
    const overlap = Math.max(this.#book.policy.overlap, state?.overlap ?? 0);
    const frontier = (state?.watermark ?? 0) - overlap;
    const last = (await store.coverage(api.shop.id, stream.name)).findLast((one) => one.from < frontier);
    if (state === undefined || last === undefined)
      throw new AppError('usage', 'busy', `of the ${stream.name} nothing is read yet that could be compared`, {
        hint: `audit again when the first sync has ended: shopsync sync ${stream.name}`,
      });
    return { span: { from: last.from, to: Math.min(frontier, last.to) }, isWhole: last.from <= state.since };
  }

  async #audited(
    { span, isWhole }: Compared,
    { created, updated }: Readonly<Record<Axis, readonly AuditSpan[]>>,
    finds: Finds<R>,
    future: number,
  ): Promise<Audited> {
    const { repair = false } = this.#plan;
    const spans = [...created, ...updated];
    // Also those whose records were found before they were counted.
    const drifted = spans.filter((one) => one.drifted > 0 || finds.liesIn(one.axis, one.span));
    const figures = {
      ...finds.figures,
      remote: created.reduce((sum, one) => sum + one.remote, 0),
      stored: await this.#local.count('created', span, false),
      compared: spans.length,
      drifted: drifted.length,
      repaired: repair ? drifted.filter((one) => one.alone === 0 && !one.differs).length : 0,
      future,
      undecided: spans.filter((one) => one.isUndecided).length,
    };
    const { left } = finds;
    const rest = { span, isWhole, repair, left, isCut: this.#isCut };
    const isMended = left === 0 && figures.undecided === 0 && (repair || figures.missing === 0);
    return {
      asOf: new Date(span.to * 1000).toISOString(),
      statement: statementOf({ ...figures, ...rest }, this.#tools.stream.name),
      ok: isMended && isWhole && !this.#isCut,
      whole: isWhole,
      ...figures,
    };
  }

  /** A live run is waited for, unless this one is stopped before it ends. */
  async #refresh(): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(this.#signal.reason);
    this.#signal.throwIfAborted();
    this.#signal.addEventListener('abort', stop, { once: true });
    await Promise.race([this.#tools.refresh(), promise]).finally(() => this.#signal.removeEventListener('abort', stop));
  }

  #expect(requests: number): void {
    this.#expected += requests;
    this.#numbers.expect(this.#expected);
  }

  #asked(): boolean {
    this.#numbers.add(1);
    this.#tools.progressed();
    return this.#mayAsk();
  }

  #mayAsk(): boolean {
    if (this.#book.requests < mostRequests) return true;
    this.#isCut = true;
    return false;
  }
}

function auditableOf<R>({ name, audit }: Stream<R>): Auditable<R> {
  if (audit === undefined) throw new AppError('usage', 'invalid_params', `the ${name} cannot be audited`);
  return audit;
}
