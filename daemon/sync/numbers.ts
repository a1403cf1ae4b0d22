import type { RunKind } from '../../shared/run-views.ts';
import type { Progress } from '../../shared/views.ts';
import { Pace } from './pace.ts';

/** How far a run is that knows from the start how much it has to do. */
export class Numbers {
  readonly #run: { readonly runId: string; readonly kind: RunKind };
  readonly #requests: () => number;
  readonly #pace: Pace;
  #done = 0;
  #expected: number | null = null;

  /** @param monotonic milliseconds. */
  constructor(
    run: { readonly runId: string; readonly kind: RunKind },
    monotonic: () => number,
    requests: () => number,
  ) {
    this.#run = { runId: run.runId, kind: run.kind };
    this.#requests = requests;
    this.#pace = new Pace(monotonic, { requests });
  }

  expect(expected: number): void {
    this.#expected = expected;
  }

  add(done: number): void {
    this.#done += done;
    this.#pace.mark(this.#done);
  }

  get progress(): Progress {
    const expected = this.#expected === null ? null : Math.max(this.#expected, this.#done);
    const eta = this.#pace.etaSeconds(expected === null ? null : expected - this.#done);
    return {
      ...this.#run,
      done: this.#done,
      expected,
      requests: this.#requests(),
      perSecond: tenths(this.#pace.perSecond),
      etaSeconds: eta === null ? null : tenths(eta),
    };
  }
}

/** As it is shown. */
export const tenths = (value: number): number => Math.round(value * 10) / 10;
