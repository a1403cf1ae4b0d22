import type { Bus, Published } from '../bus.ts';

/** Changes of runs that can still be told to a watcher that comes back. */
const keptRuns = 1000;
/** Subscriptions that are over and can still be taken up again. */
const keptTrails = 64;
/** How many numbers each subscription has for itself: at 100 events a second enough for 115 days. */
const seqsEach = 1_000_000_000;
const subscriptions = Math.floor(Number.MAX_SAFE_INTEGER / seqsEach);

/** Which of the events sent to one subscriber were runs: all of them since it began, in the order of the journal. */
export class Trail {
  readonly #start: number;
  readonly #seqs: number[] = [];
  #forgotten = 0;
  #forgottenTo: number;
  #last: number;

  /** `start` is the journal's index of the first run that it will be sent, `seq` that of the event before its first. */
  constructor(start: number, seq: number) {
    this.#start = start;
    this.#forgottenTo = seq;
    this.#last = seq;
  }

  sent(seq: number, isRun: boolean): void {
    this.#last = seq;
    if (!isRun) return;
    this.#seqs.push(seq);
    if (this.#seqs.length <= keptRuns) return;
    this.#forgottenTo = this.#seqs.shift() ?? seq;
    this.#forgotten++;
  }

  /** The journal's index of the first run that was not sent up to `seq`; undefined when that is not known here. */
  after(seq: number): number | undefined {
    if (seq < this.#forgottenTo || seq > this.#last) return undefined;
    return this.#start + this.#forgotten + this.#seqs.filter((sent) => sent <= seq).length;
  }
}

export interface Resumed {
  readonly trail: Trail;
  /** What was published since, oldest first. */
  readonly missed: readonly Published[];
}

/**
 * The latest changes of runs, and how far each subscription has been told of them. `seq` counts the events of one
 * subscription without gaps. Every subscription of an instance has numbers of its own, the first 1, 2, 3 …, the second
 * 1000000001 and so on: so a `seq` alone says whose it was, and where that subscriber stood when it was lost.
 */
export class Journal {
  readonly #runs: Published[] = [];
  readonly #trails: { readonly trail: Trail; isOver: boolean }[] = [];
  #next = 0;
  #begun = 0;

  /** Must watch before any subscriber does, so that a change is here when they hear of it. */
  constructor(watch: Bus['watch']) {
    watch((published) => {
      if (published.topic !== 'runs') return;
      this.#runs.push(published);
      this.#next++;
      if (this.#runs.length > keptRuns) this.#runs.shift();
    });
  }

  /** The number before the first of a new subscription. */
  newSeq(): number {
    return (this.#begun++ % subscriptions) * seqsEach;
  }

  /** Follows a subscription that is told of runs from now on, and whose last event was `seq`. */
  begin(seq: number): Trail {
    return this.#follow(new Trail(this.#next, seq));
  }

  /** Takes up the subscription that sent the event `seq`, right behind it. Undefined when too much was published since. */
  resume(seq: number): Resumed | undefined {
    const index = this.#trails.map(({ trail }) => trail.after(seq)).findLast((found) => found !== undefined);
    const oldest = this.#next - this.#runs.length;
    if (index === undefined || index < oldest) return undefined;
    return { trail: this.#follow(new Trail(index, seq)), missed: this.#runs.slice(index - oldest) };
  }

  /** The subscription is over; it can be taken up for as long as not too many others have ended since. */
  end(trail: Trail): void {
    const at = this.#trails.findIndex((followed) => followed.trail === trail);
    const followed = this.#trails[at];
    if (followed !== undefined) followed.isOver = true;
    const over = this.#trails.filter(({ isOver }) => isOver);
    if (over.length > keptTrails)
      this.#trails.splice(
        this.#trails.findIndex(({ isOver }) => isOver),
        1,
      );
  }

  #follow(trail: Trail): Trail {
    this.#trails.push({ trail, isOver: false });
    return trail;
  }
}
