import type { Run, RunKind, Started } from '../../shared/run-views.ts';
import type { Progress } from '../../shared/views.ts';
import type { Stopped } from './failures.ts';
import type { Work } from './run.ts';
import type { Running } from './serves.ts';

export type StartedRun = Started['runs'][number];

/** A run that was started or joined, and its end. */
export interface Requested {
  readonly started: StartedRun;
  readonly ended: Promise<Run>;
}

/** A run under way. */
export interface Entry extends Running {
  readonly kind: RunKind;
  readonly run: Work;
  readonly ended: Promise<Run>;
  readonly stop: (reason: Stopped) => void;
}

/** Which of several is shown: history over live. */
const shownFirst: readonly RunKind[] = ['full', 'audit', 'recheck', 'partial', 'webhook', 'incremental'];

/** The runs under way of one shop's stream, one of a kind (rule 8). */
export class ActiveRuns {
  readonly #byKind = new Map<RunKind, Entry>();

  get(kind: RunKind): Entry | undefined {
    return this.#byKind.get(kind);
  }

  add(entry: Entry): void {
    this.#byKind.set(entry.kind, entry);
  }

  remove(kind: RunKind): void {
    this.#byKind.delete(kind);
  }

  /** Of the run that a person wants to see, or null. */
  get progress(): Progress | null {
    const shown = shownFirst.map((kind) => this.#byKind.get(kind)).find((entry) => entry !== undefined);
    return shown?.run.progress ?? null;
  }

  get list(): readonly { readonly runId: string; readonly kind: RunKind }[] {
    return [...this.#byKind.values()].map(({ runId, kind }) => ({ runId, kind }));
  }

  get ends(): Promise<Run>[] {
    return [...this.#byKind.values()].map(({ ended }) => ended);
  }

  /** Stops runs at the edge of a page; default: all. @returns their ends. */
  async stop(reason: Stopped, runId?: string): Promise<Run[]> {
    const entries = [...this.#byKind.values()].filter((entry) => runId === undefined || entry.runId === runId);
    for (const entry of entries) entry.stop(reason);
    return Promise.all(entries.map((entry) => entry.ended));
  }
}
