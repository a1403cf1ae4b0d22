import type { Pace as ApiPace } from '../tiktok/api.ts';

const dayMs = 86_400_000;
/** From so many requests on, records a request say something: the first ones prove, and read what is new. */
const tellingRequests = 20;

/** Walkers that keep a budget busy: requests a second times seconds a request, at least one, at most what may be under way. */
export const walkersFor = (requestsPerSecond: number, latencyMs: number, concurrency: number): number =>
  Math.max(1, Math.min(concurrency, Math.ceil((requestsPerSecond * latencyMs) / 1000)));

/**
 * Seconds until so many requests of history are done, the waits for a daily quota counted. It assumes that history has
 * its share of a day as soon as the day begins, which it takes faster than live work adds up; so what live work sends
 * later in the day costs history nothing.
 */
export function historySeconds(requests: number, { requestsPerSecond, history }: ApiPace): number {
  if (history === undefined) return requests / requestsPerSecond;
  const { perDay, leftToday, nextDayMs } = history;
  const today = Math.min(leftToday, (requestsPerSecond * nextDayMs) / 1000);
  if (requests <= today) return requests / requestsPerSecond;
  const eachDay = Math.min(perDay, (requestsPerSecond * dayMs) / 1000);
  const wholeDays = Math.ceil((requests - today) / eachDay) - 1;
  const onLastDay = requests - today - wholeDays * eachDay;
  return (nextDayMs + wholeDays * dayMs) / 1000 + onLastDay / requestsPerSecond;
}

export interface PaceOptions {
  /** Records that were read before, which took no time of this run. */
  readonly done?: number;
  /** Over which the rate is measured, milliseconds. */
  readonly windowMs?: number;
  /** What the API lets history do; left out where no daily quota holds the run back. */
  readonly api?: (() => ApiPace | undefined) | undefined;
  /** Requests that the run has sent so far. */
  readonly requests?: () => number;
}

/** Records a second over a sliding window of a run, and the time that the rest needs at that rate. */
export class Pace {
  readonly #now: () => number;
  readonly #windowMs: number;
  readonly #before: number;
  readonly #api: () => ApiPace | undefined;
  readonly #requests: () => number;
  #marks: { readonly at: number; readonly done: number }[] = [];

  /** `now` in monotonic milliseconds. */
  constructor(now: () => number, options: PaceOptions = {}) {
    const { done = 0, windowMs = 10_000, api = () => undefined, requests = () => 0 } = options;
    this.#now = now;
    this.#windowMs = windowMs;
    this.#before = done;
    this.#api = api;
    this.#requests = requests;
    this.#marks.push({ at: now(), done });
  }

  mark(done: number): void {
    const at = this.#now();
    this.#leaveOutWait(at);
    this.#marks.push({ at, done });
    // One mark older than the window stays: the rate is measured from it.
    while (this.#marks.length > 2 && (this.#marks[1]?.at ?? at) < at - this.#windowMs) this.#marks.shift();
    // A mark every quarter of a second is enough to measure a rate over seconds.
    const n = this.#marks.length;
    if (n > 2 && (this.#marks[n - 2]?.at ?? 0) - (this.#marks[n - 3]?.at ?? 0) < 250) this.#marks.splice(n - 2, 1);
  }

  /** Up to this moment, so that a run which waits is seen to wait. */
  get perSecond(): number {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    const ms = first === undefined ? 0 : this.#now() - first.at;
    if (first === undefined || last === undefined || ms <= 0) return 0;
    return ((last.done - first.done) * 1000) / ms;
  }

  /**
   * Null while no rate is known; with a daily quota, until it is known how many requests the rest takes. What does not
   * fit into today’s share of it goes on with the next day’s: the nights that it waits are counted.
   */
  etaSeconds(left: number | null): number | null {
    const rate = this.perSecond;
    const byRate = left === null || rate <= 0 ? null : left / rate;
    const api = this.#api();
    const last = this.#marks.at(-1);
    if (left === null || api?.history === undefined || last === undefined) return byRate;
    const requests = this.#requests();
    const records = last.done - this.#before;
    const isTelling = requests >= tellingRequests || api.history.leftToday === 0;
    if (!isTelling || records <= 0) return null;
    const needed = Math.ceil((left * requests) / records);
    const hasBegunToday = last.at >= this.#now() - (dayMs - api.history.nextDayMs);
    return needed <= api.history.leftToday && hasBegunToday ? byRate : historySeconds(needed, api);
  }

  /** A wait for the next day of the quota says nothing of the rate at which a day's share is read. */
  #leaveOutWait(at: number): void {
    const history = this.#api()?.history;
    const last = this.#marks.at(-1);
    if (history === undefined || last === undefined) return;
    const dayBegan = at - (dayMs - history.nextDayMs);
    if (last.at < dayBegan && at - last.at > this.#windowMs) this.#marks = [{ at: dayBegan, done: last.done }];
  }
}
