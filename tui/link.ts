import type { Event, Topic } from '../shared/views.ts';
import type { Client } from './client.ts';
import { oneLine } from './failure.ts';
import type { Reached } from './reach.ts';

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'up'; readonly path: string; readonly readOnly: boolean }
  | { readonly kind: 'down'; readonly why: string; readonly retryAtMs: number };

export interface LinkOptions {
  readonly reach: () => Promise<Reached>;
  readonly topics: readonly Topic[];
  readonly onState: (state: LinkState) => void;
  readonly onEvent: (event: Event) => void;
  /** Asked for after each (re)connect, once subscribed: what the events do not tell. */
  readonly onUp: (client: Client) => Promise<void>;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

const steady = 5000;
const answerTimeout = { timeoutMs: 5000 };

/** 0.25 s, doubled at each failure, at most 5 s. In milliseconds. */
export const backoffMs = (failures: number): number => Math.min(5000, 250 * 2 ** failures);

/**
 * A subscription that outlives the daemon: it connects, subscribes, and does so again with backoff for as long as the
 * signal lets it. The daemon sends a whole snapshot at each return, so nothing of the time between is lost.
 */
export class Link {
  readonly #options: LinkOptions;
  #client: Client | undefined;
  #wake = Promise.withResolvers<void>();

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** The connection that stands now. */
  get client(): Client | undefined {
    return this.#client;
  }

  /** Drops the connection, or the wait for the next attempt, and tries at once. */
  reconnect(): void {
    this.#wake.resolve();
  }

  /** Ends when the signal is aborted. */
  async run(): Promise<void> {
    const { signal, onState, now } = this.#options;
    const over = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => over.resolve(), { once: true });
    for (let failures = 0; !signal.aborted; failures++) {
      const began = now();
      this.#wake = Promise.withResolvers();
      onState({ kind: 'connecting' });
      const why = await this.#stay(over.promise);
      if (signal.aborted) return;
      if (now() - began > steady) failures = 0;
      this.#wake = Promise.withResolvers();
      const delay = backoffMs(failures);
      onState({ kind: 'down', why, retryAtMs: now() + delay });
      const timer = setTimeout(() => this.#wake.resolve(), delay);
      await Promise.race([this.#wake.promise, over.promise]);
      clearTimeout(timer);
    }
  }

  /** One connection from its first to its last moment; says why it ended. */
  async #stay(over: Promise<void>): Promise<string> {
    const { reach, topics, onEvent, onUp, onState } = this.#options;
    const opening = reach();
    const ended = Promise.race([this.#wake.promise, over]);
    try {
      const reached = await Promise.race([opening, ended]);
      if (reached === undefined) return 'asked to reconnect';
      const { client, path, readOnly } = reached;
      this.#client = client;
      const off = client.onEvent(onEvent);
      try {
        const closed = client.closed.then(() => 'the daemon closed the connection');
        const hello = client
          .call('subscribe', { topics: [...topics] }, answerTimeout)
          .then(() => onUp(client))
          .then(() => onState({ kind: 'up', path, readOnly }));
        const early = await Promise.race([hello, closed, ended]);
        if (early !== undefined) return early;
        return (await Promise.race([closed, ended])) ?? 'asked to reconnect';
      } finally {
        off();
      }
    } catch (error) {
      return oneLine(error);
    } finally {
      this.#client = undefined;
      void opening.then(
        ({ client }) => client.close(),
        () => {},
      );
    }
  }
}
