import type { Progress } from '../../shared/views.ts';
import { countOpen, openRecords } from '../store/open-records.ts';
import { isRecheckable } from './able.ts';
import { Numbers } from './numbers.ts';
import { RunBook } from './run-book.ts';
import type { Outcome, RunPlan, RunTools, Work } from './run.ts';

/** Ids taken from the store at a time. */
const batch = 500;

/**
 * Reads open records again by id, those created within the plan's span: for edits that leave their update time alone.
 * TikTok: update_time is the time of the status change; edits of addresses and notes may not move it.
 */
export class Recheck<R> implements Work {
  readonly liveRead = true;
  readonly live = Promise.resolve();
  readonly #plan: RunPlan;
  readonly #tools: RunTools<R>;
  readonly #book: RunBook<R>;
  readonly #numbers: Numbers;

  constructor(plan: RunPlan, tools: RunTools<R>, signal: AbortSignal) {
    this.#plan = plan;
    this.#tools = tools;
    this.#book = new RunBook(plan, tools, signal);
    this.#numbers = new Numbers(plan, tools.monotonic, () => this.#book.requests);
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

  async execute(): Promise<Outcome> {
    const { stream, store, api, progressed } = this.#tools;
    const { table, closed = [] } = stream;
    const { from, to } = this.#plan.span;
    if (from >= to || !isRecheckable(stream)) return {};
    const open = { shop: api.shop.id, createdFrom: from, closed };
    const context = this.#book.context('history');
    this.#numbers.expect(await store.query(countOpen, table, open));
    let absent = 0;
    let last: { readonly created: number; readonly id: string } | undefined;
    do {
      const records = await store.query(openRecords, table, { ...open, after: last, limit: batch });
      last = records.length < batch ? undefined : records.at(-1);
      const ids = records.map(({ id }) => id);
      for await (const page of stream.readIds(ids, context)) {
        await this.#book.store(page);
        absent += page.absent?.length ?? 0;
        this.#numbers.add(page.records.length + page.rejected.length + (page.absent?.length ?? 0));
        progressed();
      }
    } while (last !== undefined);
    return { localOnly: absent };
  }
}
