import type { Event, Run, Status, StreamStatus } from '../shared/views.ts';
import { duration, instant, number } from './format.ts';
import type { LinkState } from './link.ts';
import { apiWords, coverageWords, failureWords, progressWords, runWords } from './words.ts';

const every = 5000;

const streamKey = ({ shop, stream }: { readonly shop: string; readonly stream: string }): string => `${shop} ${stream}`;

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
    switch (event.topic) {
      case 'snapshot':
        return this.#snapshot(event.data);
      case 'runs':
        return this.#run(event.data);
      case 'progress':
        return [...this.#error(event.data), ...this.#progress(event.data)];
      case 'counts':
        return this.#error(event.data);
      case 'api': {
        const before = this.#throttled.get(event.data.shop) ?? null;
        this.#throttled.set(event.data.shop, event.data.throttledUntil);
        const changed = (before === null) !== (event.data.throttledUntil === null);
        return changed ? [`api of shop ${event.data.shop}: ${apiWords(event.data, this.#now())}`] : [];
      }
      // `shopsync logs --follow` shows them.
      case 'logs':
        return [];
      case 'overflow':
        return [`read too slowly: ${number(event.data.dropped)} events were not told`];
      case 'shutdown':
        return ['shopsyncd stops'];
    }
  }

  #snapshot(status: Status): readonly string[] {
    return [
      `shopsyncd ${status.version}, pid ${status.pid}`,
      ...(status.paused === null ? [] : [`paused since ${instant(status.paused.since)}; to go on: shopsync resume`]),
      ...status.streams.flatMap((stream) => [
        `${stream.stream} of shop ${stream.shop}: ${number(stream.total)} stored, ${coverageWords(stream)}` +
          (stream.lagSeconds === null ? '' : `, lag ${duration(stream.lagSeconds)}`),
        ...this.#error(stream),
        ...this.#progress(stream),
      ]),
    ];
  }

  #run(run: Run): readonly string[] {
    if (this.#runs.get(run.runId) === run.state) return [];
    // Only what can still change is remembered, so that weeks of watching need no memory.
    if (run.state === 'running') this.#runs.set(run.runId, run.state);
    else this.#runs.delete(run.runId);
    return [runWords(run, this.#now())];
  }

  #progress(stream: StreamStatus): readonly string[] {
    if (stream.run === null) return [];
    const key = streamKey(stream);
    if (this.#now() - (this.#progressMs.get(key) ?? Number.NEGATIVE_INFINITY) < every) return [];
    this.#progressMs.set(key, this.#now());
    return [progressWords(stream.stream, stream.run)];
  }

  #error(stream: StreamStatus): readonly string[] {
    const key = streamKey(stream);
    const { lastError } = stream;
    const before = this.#errors.get(key);
    if (lastError === null) {
      this.#errors.delete(key);
      return before === undefined ? [] : [`${stream.stream} of shop ${stream.shop}: works again`];
    }
    this.#errors.set(key, lastError.at);
    return before === lastError.at
      ? []
      : [`${stream.stream} of shop ${stream.shop}: ${failureWords(lastError, this.#now())}`];
  }
}
