import type { Event, Topic } from '../shared/views.ts';
import type { Client } from './client.ts';
import { oneLine } from './failure.ts';
import type { Reached } from './reach.ts';
import { Thread } from './thread.ts';

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'up'; readonly path: string; readonly readOnly: boolean }
  | { readonly kind: 'down'; readonly why: string; readonly retryAtMs: number };

export interface LinkOptions {
  readonly reach: () => Promise<Reached>;
  readonly topics: readonly Topic[];
  readonly onState: (state: LinkState) => void;
  readonly onEvent: (event: Event) => void;
  /**
   * Asked for after each (re)connect, once subscribed: what the events do not tell. `resumed`: the events went on where
   * they had stopped, nothing is missing between.
   */
  readonly onUp: (client: Client, resumed: boolean) => Promise<void>;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

const steady = 5000;
const answerTimeout = { timeoutMs: 5000 };

/** 0.25 s, doubled at each failure, at most 5 s. In milliseconds. */
export const backoffMs = (failures: number): number => Math.min(5000, 250 * 2 ** failures);

/**
 * A subscription that outlives its connections, and the daemon: it connects, subscribes, and does so again with backoff
 * for as long as the signal lets it. To the same daemon it comes back with the number of the last event, and is told
 * the runs that it missed as far as that daemon still knows them; a snapshot of everything follows in any case.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #thread = new Thread();
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
    const { reach, onState } = this.#options;
    const opening = reach();
    const ended = Promise.race([this.#wake.promise, over]);
    try {
      const reached = await Promise.race([opening, ended]);
      if (reached === undefined) return 'asked to reconnect';
      const { client, path, readOnly } = reached;
      this.#client = client;
      this.#thread.connect();
      const torn = Promise.withResolvers<string>();
      const hear = (event: Event): void => this.#hear(event, torn.resolve);
      const off = client.onEvent(hear);
      try {
        const closed = Promise.race([torn.promise, client.closed.then(() => 'the daemon closed the connection')]);
        const hello = this.#subscribe(client, hear).then((isUp) => isUp && onState({ kind: 'up', path, readOnly }));
        await Promise.race([hello, closed, ended]);
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

  /** False when the connection was over before that; the next one asks for the same again. */
  async #subscribe(client: Client, hear: (event: Event) => void): Promise<boolean> {
    const { topics, onUp } = this.#options;
    const { since } = this.#thread;
    const reply = await client.call('subscribe', { topics: [...topics], ...(since && { since }) }, answerTimeout);
    if (this.#client !== client) return false;
    const { resumed, early } = this.#thread.begin(reply);
    for (const event of early) hear(event);
    await onUp(client, resumed);
    if (this.#client !== client) return false;
    this.#thread.caughtUp();
    return true;
  }

  /** Passes on what comes in an unbroken count; `torn` is told when that breaks, or the daemon breaks it off. */
  #hear(event: Event, torn: (why: string) => void): void {
    const verdict = this.#thread.take(event);
    if (verdict === 'torn') torn('events were lost on their way');
    if (verdict !== 'next') return;
    this.#options.onEvent(event);
    if (event.topic === 'overflow') torn('events came faster than they were read');
  }
}
