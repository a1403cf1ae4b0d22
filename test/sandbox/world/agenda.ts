import { EventHeap } from './event-heap.ts';

interface Entry {
  time: number;
  readonly run: (time: number) => void;
}

/** What is planned for a shop besides its orders, by time; all times are integer unix seconds. */
export class Agenda {
  readonly #heap = new EventHeap();
  readonly #entries = new Map<number, Entry>();
  readonly #free: number[] = [];
  #now = -Infinity;
  #frozenAt: number | undefined;

  /** The instant up to which everything has happened. */
  get now(): number {
    return this.#now;
  }

  /** Plans `run`, which is told when it happens: at `time`, or at once when that has passed. */
  at(time: number, run: (time: number) => void): void {
    const slot = this.#free.pop() ?? this.#entries.size;
    const due = Math.max(time, this.#now);
    this.#entries.set(slot, { time: due, run });
    this.#heap.push(due, slot);
  }

  /** Lets everything happen that is due by `now`, in order of time. Nothing happens while it is frozen. */
  advance(now: number): void {
    const until = this.#frozenAt ?? now;
    while (this.#heap.due <= until) {
      this.#now = this.#heap.due;
      const slot = this.#heap.pop();
      const entry = this.#entries.get(slot);
      this.#entries.delete(slot);
      this.#free.push(slot);
      entry?.run(this.#now);
    }
    this.#now = Math.max(this.#now, Math.floor(until));
  }

  freeze(now: number): void {
    if (this.#frozenAt !== undefined) return;
    this.advance(now);
    this.#frozenAt = Math.floor(now);
  }

  /** Goes on; everything planned happens later by the time it was frozen. */
  thaw(now: number): void {
    if (this.#frozenAt === undefined) return;
    const pause = Math.max(0, Math.floor(now) - this.#frozenAt);
    this.#frozenAt = undefined;
    for (const slot of this.#heap.drain()) {
      const entry = this.#entries.get(slot);
      if (entry === undefined) continue;
      entry.time += pause;
      this.#heap.push(entry.time, slot);
    }
  }
}
