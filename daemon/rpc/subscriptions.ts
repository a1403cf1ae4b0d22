import type { Event, Status, Topic } from '../../shared/views.ts';
import type { Bus, Published } from '../bus.ts';

export interface SubscriptionSource {
  readonly watch: Bus['watch'];
  /** The state of everything. What is published after the call began reaches the subscriber after the snapshot. */
  readonly snapshot: () => Promise<Status>;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Runs something once after so many milliseconds; the function returned prevents it. */
  readonly schedule: (run: () => void, ms: number) => () => void;
}

/** Where one subscriber's events go. */
export interface Outlet {
  send(event: Event): void;
  /** Whether it takes no more for now; `drained` of the subscriber is called when it does again. */
  readonly isBackedUp: boolean;
  cutOff(): void;
}

/** A subscription that is registered; `start` sends the snapshot and lets the events behind it go. */
export interface Subscribed {
  /** Of the last event sent, 0 before the first. */
  readonly seq: number;
  readonly start: () => void;
}

/** Least time between two sendings of what is paced: 4 a second. */
const paceMs = 250;
const maxHeldRuns = 1000;

/**
 * What one connection receives. `runs` go out at once, all of them and in order. Everything else is state, of which
 * only the latest counts: it is sent at most 4 times a second, each time the latest of every key that changed, and
 * waits for as long as the reader is behind. The last thing published under a key always arrives.
 */
export class Subscriber {
  readonly #source: SubscriptionSource;
  readonly #outlet: Outlet;
  readonly #topics = new Set<Topic>();
  readonly #latest = new Map<string, Published>();
  #runs: Published[] = [];
  #seq = 0;
  #holds = 0;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #cancelFlush: (() => void) | undefined;
  #unwatch: (() => void) | undefined;

  constructor(source: SubscriptionSource, outlet: Outlet) {
    this.#source = source;
    this.#outlet = outlet;
  }

  /** Registers first and then asks for the snapshot, so that nothing falls between. Rejects as the snapshot does. */
  async subscribe(topics: readonly Topic[]): Promise<Subscribed> {
    const added = topics.filter((topic) => !this.#topics.has(topic));
    for (const topic of added) this.#topics.add(topic);
    this.#unwatch ??= this.#source.watch((published) => this.#receive(published));
    this.#holds++;
    const at = new Date(this.#source.now()).toISOString();
    try {
      const data = await this.#source.snapshot();
      const start = (): void => {
        if (this.#unwatch !== undefined) this.#outlet.send({ topic: 'snapshot', seq: ++this.#seq, at, data });
        this.#release();
      };
      return { seq: this.#seq, start };
    } catch (error) {
      if (added.length > 0) this.unsubscribe(added);
      this.#release();
      throw error;
    }
  }

  /** Stops some topics, or all, and gives those that are left. What was published but not sent yet is dropped. */
  unsubscribe(topics: readonly Topic[] = [...this.#topics]): readonly Topic[] {
    for (const topic of topics) this.#topics.delete(topic);
    for (const [id, { topic }] of this.#latest) if (!this.#topics.has(topic)) this.#latest.delete(id);
    this.#runs = this.#topics.has('runs') ? this.#runs : [];
    if (this.#topics.size === 0) {
      this.#unwatch?.();
      this.#unwatch = undefined;
      this.#cancelFlush?.();
      this.#cancelFlush = undefined;
    }
    return [...this.#topics];
  }

  /** The outlet takes events again. */
  drained(): void {
    this.#flushSoon();
  }

  #receive(published: Published): void {
    if (!this.#topics.has(published.topic)) return;
    if (published.topic === 'runs') {
      this.#receiveRun(published);
      return;
    }
    const id = `${published.topic} ${published.key}`;
    // Taken out first, so that the order of sending is the order of the latest publishing.
    this.#latest.delete(id);
    this.#latest.set(id, published);
    this.#flushSoon();
  }

  #receiveRun(published: Published): void {
    if (this.#holds === 0) this.#send(published);
    else if (this.#runs.length < maxHeldRuns) this.#runs.push(published);
    else this.#outlet.cutOff();
  }

  #release(): void {
    if (--this.#holds > 0) return;
    for (const run of this.#runs.splice(0)) this.#send(run);
    this.#flushSoon();
  }

  #flushSoon(): void {
    const isIdle = this.#holds === 0 && this.#latest.size > 0 && this.#cancelFlush === undefined;
    if (!isIdle || this.#outlet.isBackedUp) return;
    const waitMs = Math.min(paceMs, this.#flushedAt + paceMs - this.#source.now());
    if (waitMs <= 0) this.#flush();
    else {
      this.#cancelFlush = this.#source.schedule(() => {
        this.#cancelFlush = undefined;
        if (this.#holds === 0 && !this.#outlet.isBackedUp) this.#flush();
      }, waitMs);
    }
  }

  #flush(): void {
    this.#flushedAt = this.#source.now();
    const due = [...this.#latest.values()];
    this.#latest.clear();
    for (const published of due) this.#send(published);
  }

  #send(published: Published): void {
    const { key: _key, ...event } = published;
    this.#outlet.send({ ...event, seq: ++this.#seq });
  }
}
