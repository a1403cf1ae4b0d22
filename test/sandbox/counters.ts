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

interface Entry {
  readonly count: PathCount;
  readonly now: Second;
}

/** What came in, by path, and by path and shop. */
export class Counters {
  readonly #paths = new Map<string, Entry>();
  readonly #shops = new Map<string, Entry>();
  readonly #now: Second = { second: 0, count: 0 };
  #peak = 0;

  /** Counts an arrival; `now` in unix seconds, `shop` where the call names one. */
  arrived(path: string, now: number, shop?: string): void {
    for (const entry of this.#entries(path, shop)) {
      entry.count.total += 1;
      entry.count.peakPerSecond = Math.max(entry.count.peakPerSecond, tick(entry.now, now));
    }
    this.#peak = Math.max(this.#peak, tick(this.#now, now));
  }

  /** Counts the answer to an arrival. `code` is that of the envelope. */
  answered(path: string, http: number, code: number | undefined, shop?: string): void {
    for (const { count } of this.#entries(path, shop)) {
      if (http === 200 && code === 0) count.ok += 1;
      else if (http === 429) count.throttled += 1;
      else count.failed += 1;
    }
  }

  /** The numbers of a path so far, of all shops or of one by its id. */
  of(path: string, shop?: string): Readonly<PathCount> {
    const entry = shop === undefined ? entryOf(this.#paths, path) : entryOf(this.#shops, `${shop} ${path}`);
    return { ...entry.count };
  }

  toJSON(): { readonly paths: Readonly<Record<string, Readonly<PathCount>>>; readonly peakPerSecond: number } {
    const paths = Object.fromEntries([...this.#paths].map(([path, { count }]) => [path, { ...count }]));
    return { paths, peakPerSecond: this.#peak };
  }

  reset(): void {
    this.#paths.clear();
    this.#shops.clear();
    this.#peak = 0;
  }

  #entries(path: string, shop: string | undefined): readonly Entry[] {
    const entry = entryOf(this.#paths, path);
    return shop === undefined ? [entry] : [entry, entryOf(this.#shops, `${shop} ${path}`)];
  }
}

function entryOf(entries: Map<string, Entry>, name: string): Entry {
  // Random paths of a probing client must not grow the table for ever.
  const key = entries.has(name) || entries.size < 100 ? name : 'other';
  let entry = entries.get(key);
  if (!entry) {
    entry = { count: { total: 0, ok: 0, throttled: 0, failed: 0, peakPerSecond: 0 }, now: { second: 0, count: 0 } };
    entries.set(key, entry);
  }
  return entry;
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
