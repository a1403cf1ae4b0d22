import type { Run } from '../shared/run-views.ts';
import type { Family, Sample } from './prometheus.ts';
import type { Attempt } from './tiktok/client.ts';

/** Series of one name at most; what would be more is counted together. */
const mostSeries = 500;
const rest = 'other';

/** Sums by labels. Bounded: labels beyond the most series fall into one whose labels all say `other`. */
class Sums {
  readonly #sums = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();

  add(labels: Readonly<Record<string, string>>, by: number): void {
    const key = JSON.stringify(labels);
    const known = this.#sums.get(key);
    if (known !== undefined) known.value += by;
    else if (this.#sums.size < mostSeries) this.#sums.set(key, { labels, value: by });
    else {
      const others = Object.fromEntries(Object.keys(labels).map((name) => [name, rest]));
      const otherKey = JSON.stringify(others);
      const sum = this.#sums.get(otherKey) ?? { labels: others, value: 0 };
      sum.value += by;
      this.#sums.set(otherKey, sum);
    }
  }

  get samples(): readonly Sample[] {
    return [...this.#sums.values()].map(({ labels, value }) => ({ labels, value }));
  }
}

/** What was counted since the daemon started: attempts at the API, runs that ended, and what they brought. */
export class Counters {
  readonly #attempts = new Sums();
  readonly #attemptSeconds = new Sums();
  readonly #runs = new Sums();
  readonly #records = new Sums();
  readonly #requests = new Sums();

  /** `shop` undefined: a question about the account. */
  attempt({ endpoint, outcome, ms }: Attempt, shop: string | undefined): void {
    const labels = { shop: shop ?? '', endpoint };
    this.#attempts.add({ ...labels, outcome }, 1);
    this.#attemptSeconds.add(labels, ms / 1000);
  }

  /** Counts a run when it has ended. */
  run(run: Run): void {
    if (run.state === 'running') return;
    const { shop, stream, kind, state } = run;
    this.#runs.add({ shop, stream, kind, state }, 1);
    this.#requests.add({ shop, stream, kind }, run.requests);
    for (const change of ['inserted', 'updated', 'unchanged', 'rejected'] as const)
      this.#records.add({ shop, stream, change }, run[change]);
  }

  families(): readonly Family[] {
    const counter = (name: string, help: string, sums: Sums): Family => ({
      name,
      help,
      type: 'counter',
      samples: sums.samples,
    });
    return [
      counter('shopsync_runs_total', 'Runs that ended, by how.', this.#runs),
      counter('shopsync_run_requests_total', 'Attempts that runs which ended had sent.', this.#requests),
      counter('shopsync_records_total', 'Records that ended runs read, by what they changed.', this.#records),
      counter('shopsync_api_attempts_total', 'HTTP requests sent, by success or class of failure.', this.#attempts),
      counter(
        'shopsync_api_attempt_seconds_total',
        'Time from sending to the end of the answer.',
        this.#attemptSeconds,
      ),
    ];
  }
}
