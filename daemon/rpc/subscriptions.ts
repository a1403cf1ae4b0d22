import { asciiJson } from '../../shared/ascii.ts';
import type { Event, Status, Topic } from '../../shared/views.ts';
import type { Bus, Published } from '../bus.ts';
import type { Journal, Trail } from './journal.ts';

export interface SubscriptionSource {
  readonly watch: Bus['watch'];
  readonly journal: Journal;
  /** The state of everything. What is published after the call began reaches the subscriber after the snapshot. */
  readonly snapshot: () => Promise<Status>;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Runs something once after so many milliseconds; the function returned prevents it. */
  readonly schedule: (run: () => void, ms: number) => () => void;
}

/** Where one subscriber's events go. */
export interface Outlet {
  /** `event` is JSON text, ASCII. */
  send(event: string): void;
  /** Whether it takes no more for now; `drained` of the subscriber is called when it does again. */
  readonly isBackedUp: boolean;
  /** The reader is too slow: nothing follows but the event that says so. */
  cutOff(): void;
}

/** A subscription that is registered; `start` sends the snapshot and lets the events behind it go. */
export interface Subscribed {
  /** Of the last event sent. The next is one more. */
  readonly seq: number;
  readonly start: () => void;
}

type WithoutSeq<E> = E extends Event ? Omit<E, 'seq'> : never;
type Unnumbered = WithoutSeq<Event>;

/** Least time between two sendings of what is paced: 4 a second. */
const paceMs = 250;

const texts = new WeakMap<object, string>();

/** The text of an event's data, made once for all subscribers. */
const dataText = (event: Unnumbered): string => {
  const text = texts.get(event) ?? asciiJson(event.data);
  texts.set(event, text);
  return text;
};

/**
 * What one connection receives. `runs` go out at once, all of them and in order; a reader that lets more than
 * `maxBytes` of them pile up is cut off with `overflow`. Everything else is state, of which only the latest counts: it
 * is sent at most 4 times a second, each time the latest of every key that changed, and waits for as long as the reader
 * is behind. The last thing published under a key always arrives.
 */
export class Subscriber {
  readonly #source: SubscriptionSource;
  readonly #outlet: Outlet;
  readonly #maxBytes: number;
  readonly #topics = new Set<Topic>();
  readonly #latest = new Map<string, Published>();
  /** What goes out as soon as the reader takes it. It gets its number then, so nothing that is dropped leaves a gap. */
  #queue: Unnumbered[] = [];
  /** Runs that wait for a snapshot. */
  #held: Unnumbered[] = [];
  #waitingBytes = 0;
  #seq = 0;
  #hasSent = false;
  #trail: Trail | undefined;
  #last: Unnumbered | undefined;
  #holds = 0;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #cancelFlush: (() => void) | undefined;
  #unwatch: (() => void) | undefined;

  constructor(source: SubscriptionSource, outlet: Outlet, maxBytes: number) {
    this.#source = source;
    this.#outlet = outlet;
    this.#maxBytes = maxBytes;
  }

  /**
   * Registers first and then asks for the snapshot, so that nothing falls between. `after`, the seq of the last event
   * received by another connection to this instance, takes that subscription up if `runs` is asked for and not too much
   * was missed: the numbers go on, and the runs missed come before the snapshot. Rejects as the snapshot does.
   */
  async subscribe(topics: readonly Topic[], after?: number): Promise<Subscribed> {
    const added = topics.filter((topic) => !this.#topics.has(topic));
    for (const topic of added) this.#topics.add(topic);
    const missed = this.#begin(added.includes('runs'), after);
    this.#unwatch ??= this.#source.watch((published) => this.#receive(published));
    this.#holds++;
    const at = this.#now();
    try {
      const data = await this.#source.snapshot();
      const start = (): void => {
        if (this.#topics.has('runs')) for (const run of missed) this.#wait(this.#queue, run);
        if (this.#topics.size > 0) this.#queue.push({ topic: 'snapshot', at, data });
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
    if (!this.#topics.has('runs')) this.#endRuns();
    if (this.#topics.size === 0) {
      this.#queue = [];
      this.#unwatch?.();
      this.#unwatch = undefined;
      this.#cancelFlush?.();
      this.#cancelFlush = undefined;
    }
    return [...this.#topics];
  }

  /** The outlet takes events again. */
  drained(): void {
    this.#pump();
  }

  /** Sends what waits, whether the reader keeps up or not, and as the last event that the daemon stops. */
  shutDown(): void {
    if (this.#unwatch === undefined) return;
    for (const event of this.#queue.splice(0)) this.#send(event);
    if (this.#holds === 0) this.#flush();
    this.#conclude({ topic: 'shutdown', at: this.#now(), data: {} });
  }

  /** Numbers a new subscription, or goes on with the one that sent the event `after` and gives what that one missed. */
  #begin(addsRuns: boolean, after: number | undefined): readonly Published[] {
    const { journal } = this.#source;
    const isNew = !this.#hasSent && this.#holds === 0;
    const resumed = isNew && addsRuns && after !== undefined ? journal.resume(after) : undefined;
    if (isNew) this.#seq = resumed === undefined ? journal.newSeq() : (after ?? 0);
    if (addsRuns) this.#trail = resumed?.trail ?? journal.begin(this.#seq);
    return resumed?.missed ?? [];
  }

  #endRuns(): void {
    this.#held = [];
    this.#waitingBytes = 0;
    this.#queue = this.#queue.filter(({ topic }) => topic !== 'runs');
    if (this.#trail !== undefined) this.#source.journal.end(this.#trail);
    this.#trail = undefined;
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

  #receiveRun(run: Published): void {
    this.#wait(this.#holds > 0 ? this.#held : this.#queue, run);
    if (this.#holds === 0) this.#pump();
    if (this.#waitingBytes > this.#maxBytes) this.#overflow();
  }

  #wait(where: Unnumbered[], run: Published): void {
    where.push(run);
    this.#waitingBytes += dataText(run).length;
  }

  #overflow(): void {
    const dropped = [...this.#queue, ...this.#held].filter(({ topic }) => topic === 'runs').length;
    this.#conclude({ topic: 'overflow', at: this.#now(), data: { dropped } });
    this.#outlet.cutOff();
  }

  /** Ends the subscription with one more event, which follows the reply if a snapshot is still awaited. */
  #conclude(last: Unnumbered): void {
    if (this.#holds > 0) this.#last = last;
    else this.#send(last);
    this.unsubscribe();
  }

  #release(): void {
    if (--this.#holds > 0) return;
    if (this.#last !== undefined) {
      this.#send(this.#last);
      return;
    }
    this.#queue.push(...this.#held.splice(0));
    this.#pump();
  }

  /** Sends in order for as long as the reader takes it; then, with nothing left, what is paced. */
  #pump(): void {
    let sent = 0;
    for (const event of this.#queue) {
      if (this.#outlet.isBackedUp) break;
      this.#send(event);
      sent++;
    }
    for (const event of this.#queue.splice(0, sent))
      if (event.topic === 'runs') this.#waitingBytes -= dataText(event).length;
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

  #send(event: Unnumbered): void {
    const { topic, at } = event;
    const seq = ++this.#seq;
    this.#hasSent = true;
    this.#trail?.sent(seq, topic === 'runs');
    this.#outlet.send(`{"topic":"${topic}","seq":${seq},"at":${asciiJson(at)},"data":${dataText(event)}}`);
  }

  #now(): string {
    return new Date(this.#source.now()).toISOString();
  }
}
