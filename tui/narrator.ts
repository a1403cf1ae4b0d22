import type { Run } from '../shared/run-views.ts';
import type { Event, Status, StreamStatus } from '../shared/views.ts';
import { instant, number } from './format.ts';
import type { LinkState } from './link.ts';
import { type NameOf, shopNames } from './shop-names.ts';
import { apiWords, coverageWords, failureWords, freshWords, progressWords, runWords, streamWords } from './words.ts';

const every = 5000;

const streamKey = ({ shop, stream }: { readonly shop: string; readonly stream: string }): string => `${shop} ${stream}`;

const storedWords = (stream: StreamStatus, nowMs: number, nameOf: NameOf): string =>
  [
    `${streamWords(stream, nameOf)}: ${number(stream.total)} stored`,
    coverageWords(stream),
    ...(stream.freshTo === null ? [] : [freshWords(stream, nowMs)]),
  ].join(', ');

/**
 * Turns events into lines for a log: one for each change of state, progress at most every five seconds for each
 * stream, and nothing for what did not change.
 */
export class Narrator {
  readonly #now: () => number;
  readonly #progressMs = new Map<string, number>();
  readonly #errors = new Map<string, string>();
  readonly #throttled = new Map<string, string | null>();
  readonly #runs = new Map<string, Run['state']>();
  #linked: LinkState['kind'] | undefined;
  /** The daemon that the last event came from, and the number of that event. */
  #instance: string | undefined;
  #seq = 0;
  /** Null: paused, and since when was not told. */
  #pausedSince: string | null | undefined;
  #nameOf: NameOf = shopNames([]);

  /** `now` tells unix milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  link(state: LinkState): readonly string[] {
    const before = this.#linked;
    if (state.kind === 'connecting') return [];
    this.#linked = state.kind;
    if (state.kind === 'up') return [`connected to ${state.path}`];
    return before === 'down' ? [] : [`lost the daemon, trying again: ${state.why}`];
  }

  event(event: Event): readonly string[] {
    const isNext = event.seq === this.#seq + 1;
    this.#seq = event.seq;
    switch (event.topic) {
      case 'snapshot':
        return this.#snapshot(event.data, isNext);
      case 'runs':
        return this.#run(event.data);
      case 'progress':
        return [...this.#pause(event.data), ...this.#error(event.data), ...this.#progress(event.data)];
      case 'counts':
        return [...this.#pause(event.data), ...this.#error(event.data)];
      case 'api': {
        const before = this.#throttled.get(event.data.shop) ?? null;
        this.#throttled.set(event.data.shop, event.data.throttledUntil);
        const changed = (before === null) !== (event.data.throttledUntil === null);
        return changed ? [`${this.#nameOf(event.data.shop)}: api: ${apiWords(event.data, this.#now())}`] : [];
      }
      // `shopsync logs --follow` shows them.
      case 'logs':
        return [];
      case 'overflow':
        return [`read too slowly: cut off with ${number(event.data.dropped)} events on their way`];
      case 'shutdown':
        return ['shopsyncd stops'];
    }
  }

  /** `isNext`: nothing was missed before it. Then what was told already is not told again. */
  #snapshot(status: Status, isNext: boolean): readonly string[] {
    const isKnown = isNext && this.#instance === status.instanceId;
    this.#instance = status.instanceId;
    this.#nameOf = shopNames(status.shops);
    const before = isKnown ? this.#pausedSince : undefined;
    this.#pausedSince = status.paused?.since;
    return [
      ...(isKnown ? [] : [`shopsyncd ${status.version}, pid ${status.pid}`]),
      ...(isKnown ? [] : status.shops.map(({ id, name, region }) => `shop ${id}: ${name}, ${region}`)),
      ...(status.paused === null || status.paused.since === before || before === null
        ? []
        : [`paused since ${instant(status.paused.since)}; to go on: shopsync resume`]),
      ...(status.paused === null && before !== undefined ? ['no longer paused'] : []),
      ...status.streams.flatMap((stream) => [
        ...(isKnown ? [] : [storedWords(stream, this.#now(), this.#nameOf)]),
        ...this.#error(stream),
        ...this.#progress(stream),
      ]),
    ];
  }

  /** A stream that waits for the end of a pause tells of it, and so does the first that no longer does. */
  #pause({ nextRunReason }: StreamStatus): readonly string[] {
    if (nextRunReason === 'paused' && this.#pausedSince === undefined) {
      this.#pausedSince = null;
      return ['paused: nothing starts by itself; to go on: shopsync resume'];
    }
    if (nextRunReason === null || nextRunReason === 'paused' || this.#pausedSince === undefined) return [];
    this.#pausedSince = undefined;
    return ['no longer paused'];
  }

  #run(run: Run): readonly string[] {
    if (this.#runs.get(run.runId) === run.state) return [];
    // Only what can still change is remembered, so that weeks of watching need no memory.
    if (run.state === 'running') this.#runs.set(run.runId, run.state);
    else this.#runs.delete(run.runId);
    return [runWords(run, this.#now(), this.#nameOf)];
  }

  #progress(stream: StreamStatus): readonly string[] {
    if (stream.run === null) return [];
    const key = streamKey(stream);
    if (this.#now() - (this.#progressMs.get(key) ?? Number.NEGATIVE_INFINITY) < every) return [];
    this.#progressMs.set(key, this.#now());
    return [progressWords(stream, stream.run, this.#nameOf)];
  }

  #error(stream: StreamStatus): readonly string[] {
    const key = streamKey(stream);
    const { lastError } = stream;
    const before = this.#errors.get(key);
    if (lastError === null) {
      this.#errors.delete(key);
      return before === undefined ? [] : [`${streamWords(stream, this.#nameOf)} works again`];
    }
    this.#errors.set(key, lastError.at);
    return before === lastError.at
      ? []
      : [`${streamWords(stream, this.#nameOf)}: ${failureWords(lastError, this.#now())}`];
  }
}
