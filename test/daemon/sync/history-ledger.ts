import type { Span } from '../../../daemon/spans.ts';
import type { Progress, Run } from '../../../shared/views.ts';
import { type Workshop, policy } from './workshop.ts';

/** Tables that a repeated run must leave as they are, without the columns that only tell when something was asked. */
const contents = ['orders', 'order_line_items', 'order_events', 'coverage', 'rejected_records', 'doubts'];
const volatile = ['asked'];

/** What is seen from outside while a history is lived, judged at once; `problems` is empty while every rule holds. */
export class Ledger {
  readonly problems: string[] = [];
  /** Runs under way by kind. */
  readonly #active = new Map<string, string>();
  /** The last second that any run so far may ask for. */
  #end = 0;
  readonly #shown = new Map<string, Progress>();

  wrong(problem: string): void {
    this.problems.push(problem);
  }

  /** The engine tells of a run; `now` is the server's, unix seconds. */
  ran(run: Run, now: number): void {
    const { runId, kind, state } = run;
    const other = this.#active.get(kind);
    if (state !== 'running') {
      if (other !== runId) this.wrong(`rule 8: ${kind} run ${runId} ended without being under way`);
      this.#active.delete(kind);
      return;
    }
    if (other !== undefined) this.wrong(`rule 8: two ${kind} runs at once`);
    const to = run.to === null ? 0 : Date.parse(run.to) / 1000;
    this.#active.set(kind, runId);
    this.#end = Math.max(this.#end, kind === 'partial' ? to : Math.floor(now) + 2);
  }

  /** The process was killed: nobody tells how its runs ended. */
  died(): void {
    this.#active.clear();
  }

  /** Rule 6: a search, with the end of its window. */
  searched(to: number): void {
    // A run may send its first request in the breath in which it is told of.
    queueMicrotask(() => {
      if (to > this.#end) this.wrong(`rule 6: asked up to ${to}, runs end at ${this.#end}`);
    });
  }

  /** Rule 2: a page was stored, whose request was sent at that server time, unix seconds. */
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
}
