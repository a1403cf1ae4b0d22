export interface PathCount {
  total: number;
  /** Answered with HTTP 200 and code 0. */
  ok: number;
  /** Answered with 429. */
  throttled: number;
  failed: number;
  /** The greatest number of requests that came in within one second of the clock. */
  peakPerSecond: number;
}

interface Second {
  second: number;
  count: number;
}

/** What came in, by path. */
export class Counters {
  readonly #paths = new Map<string, { readonly count: PathCount; readonly now: Second }>();
  readonly #now: Second = { second: 0, count: 0 };
  #peak = 0;

  /** Counts an arrival; `now` in unix seconds. */
  arrived(path: string, now: number): void {
    const entry = this.#entry(path);
    entry.count.total += 1;
    entry.count.peakPerSecond = Math.max(entry.count.peakPerSecond, tick(entry.now, now));
    this.#peak = Math.max(this.#peak, tick(this.#now, now));
  }

  /** Counts the answer to an arrival. `code` is that of the envelope. */
  answered(path: string, http: number, code: number | undefined): void {
    const { count } = this.#entry(path);
    if (http === 200 && code === 0) count.ok += 1;
    else if (http === 429) count.throttled += 1;
    else count.failed += 1;
  }

  /** The numbers of a path so far. */
  of(path: string): Readonly<PathCount> {
    return { ...this.#entry(path).count };
  }

  toJSON(): { readonly paths: Readonly<Record<string, Readonly<PathCount>>>; readonly peakPerSecond: number } {
    const paths = Object.fromEntries([...this.#paths].map(([path, { count }]) => [path, { ...count }]));
    return { paths, peakPerSecond: this.#peak };
  }

  reset(): void {
    this.#paths.clear();
    this.#peak = 0;
  }

  #entry(path: string): { readonly count: PathCount; readonly now: Second } {
    // Random paths of a probing client must not grow the table for ever.
    const key = this.#paths.has(path) || this.#paths.size < 100 ? path : 'other';
    let entry = this.#paths.get(key);
    if (!entry) {
      entry = { count: { total: 0, ok: 0, throttled: 0, failed: 0, peakPerSecond: 0 }, now: { second: 0, count: 0 } };
      this.#paths.set(key, entry);
    }
    return entry;
  }
}

function tick(slot: Second, now: number): number {
  const second = Math.floor(now);
  if (slot.second !== second) {
    slot.second = second;
    slot.count = 0;
  }
  slot.count += 1;
  return slot.count;
}
