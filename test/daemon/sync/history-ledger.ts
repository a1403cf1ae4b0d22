import type { Span } from '../../../daemon/spans.ts';
import type { Run } from '../../../shared/run-views.ts';
import type { Progress } from '../../../shared/views.ts';
import { type Workshop, policy } from './workshop.ts';

/** Tables that a repeated run must leave as they are, without the columns that only tell when something was asked. */
const contents = ['orders', 'order_line_items', 'order_events', 'coverage', 'rejected_records', 'doubts'];
const volatile = ['asked'];

interface Active {
  readonly runId: string;
  /** The last second that it may ask for. */
  readonly end: number;
}

/** What is seen from outside while a history is lived, judged at once; `problems` is empty while every rule holds. */
export class Ledger {
  readonly problems: string[] = [];
  /** What of all that can happen did happen. */
  readonly reached = new Set<string>();
  /** Runs whose end the database refused: they stay `running` until another of their kind, or a daemon, begins. */
  readonly unclosed = new Set<string>();
  /** Runs under way by kind. */
  readonly #active = new Map<string, Active>();
  /** Requests of a killed daemon may still be on their way: the last second that it may ask for. */
  #ghost = 0;
  /** All that it was told of the server's time, whole seconds. */
  readonly #told = new Set<number>();
  /** Run id → the least that the engine believed the server's time to be while it read, unix seconds. */
  readonly #least = new Map<string, number>();
  readonly #shown = new Map<string, Progress>();

  wrong(problem: string): void {
    this.problems.push(problem);
  }

  /** The engine asks for the server's time, unix seconds, and is told what it then believes. */
  told(believed: number): number {
    this.#told.add(Math.floor(believed));
    return believed;
  }

  /** The engine tells of a run; `believed` is what it takes for the server's time, unix seconds. */
  ran(run: Run, believed: number): void {
    const { runId, kind, state } = run;
    const other = this.#active.get(kind);
    if (state !== 'running') {
      this.reached.add(`${kind} ${state}`);
      if (other?.runId !== runId) this.wrong(`rule 8: ${kind} run ${runId} ended without being under way`);
      this.#active.delete(kind);
      return;
    }
    if (other !== undefined) this.wrong(`rule 8: two ${kind} runs at once`);
    const end = run.to === null ? 0 : Date.parse(run.to) / 1000;
    if (kind !== 'partial' && !this.#told.has(end - 2))
      this.wrong(`rule 6: ${kind} run ${runId} is to end at ${end}, the server's time is ${believed}`);
    this.#active.set(kind, { runId, end });
    this.#least.set(runId, believed);
  }

  /** The process was killed: nobody tells how its runs ended. */
  died(): void {
    this.#ghost = this.#latest();
    this.#active.clear();
    this.unclosed.clear();
  }

  /**
   * Rule 6: a request is sent; see `ran` for `believed`. What lies before the strip by the server's own `now` is history
   * to every clock.
   */
  asked(body: unknown, { believed, now }: { readonly believed: number; readonly now: number }): void {
    const isSearch = typeof body === 'object' && body !== null && 'update_time_lt' in body;
    const to = isSearch ? Number(body.update_time_lt) : 0;
    // A run may send its first request in the breath in which it is told of.
    queueMicrotask(() => {
      for (const { runId } of this.#active.values())
        this.#least.set(runId, Math.min(believed, this.#least.get(runId) ?? believed));
      const latest = Math.max(this.#latest(), now - policy.settle - policy.overlap);
      if (to > latest) this.wrong(`rule 6: asked up to ${to}, runs end at ${latest}`);
    });
  }

  /** See `#least`; 0 for a run that was killed before it could be told of. */
  leastBelieved(runId: string): number {
    return this.#least.get(runId) ?? 0;
  }

  /** Rule 2: a page was stored, whose request was sent at that server time as believed then, unix seconds. */
  committed(page: { readonly covered: Span | null }, sentAt: number | undefined): void {
    if (page.covered === null) return;
    const latest = Math.floor(sentAt ?? 0) - policy.settle - policy.overlap;
    if (page.covered.to > latest) this.wrong(`rule 2: covered up to ${page.covered.to}, the strip begins at ${latest}`);
  }

  progressed(progress: Progress): void {
    const { runId, done, expected } = progress;
    const before = this.#shown.get(runId);
    this.#shown.set(runId, progress);
    if (expected !== null && done > expected) this.wrong(`progress: ${done} of ${expected}`);
    if (before === undefined) return;
    if (done < before.done) this.wrong(`progress fell from ${before.done} to ${done}`);
    if ((expected ?? 0) < (before.expected ?? 0))
      this.wrong(`the total fell from ${before.expected} to ${expected ?? 'unknown'}`);
  }

  async contents(workshop: Workshop): Promise<string[]> {
    const rows: string[] = [];
    for (const table of contents)
      for (const row of await workshop.dump(table))
        rows.push(
          `${table} ${JSON.stringify(Object.entries(row).filter(([key]) => table === 'orders' || !volatile.includes(key)))}`,
        );
    return rows;
  }

  /** Rule 5: a run that came to the same moment a second time. */
  same(before: readonly string[], after: readonly string[]): void {
    const known = new Set(before);
    const other =
      after.find((row) => !known.has(row)) ?? (after.length === before.length ? undefined : 'a row is gone');
    if (other !== undefined) this.wrong(`rule 5: a repeated run changed something: ${other}`);
  }

  #latest(): number {
    return Math.max(this.#ghost, ...[...this.#active.values()].map(({ end }) => end));
  }
}
