import { keyOf, positionOf, timeOf } from './time-index.ts';

/** Orders to look at again, earliest first: a binary heap of (unix seconds, position). */
export class EventHeap {
  readonly #keys: number[] = [];

  push(time: number, position: number): void {
    const keys = this.#keys;
    const key = keyOf(time, position);
    let child = keys.push(key) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = keys[parent] ?? 0;
      if (above <= key) break;
      keys[child] = above;
      child = parent;
    }
    keys[child] = key;
  }

  /** When the earliest event is due, unix seconds; Infinity when there is none. */
  get due(): number {
    const first = this.#keys[0];
    return first === undefined ? Infinity : timeOf(first);
  }

  /** Takes the position of the earliest event. Throws when there is none. */
  pop(): number {
    const keys = this.#keys;
    const first = keys[0];
    const last = keys.pop();
    if (first === undefined || last === undefined) throw new Error('no event is waiting');
    if (keys.length > 0) this.#sink(last);
    return positionOf(first);
  }

  /** Takes all positions, each once, and leaves the heap empty. */
  drain(): ReadonlySet<number> {
    return new Set(this.#keys.splice(0).map(positionOf));
  }

  #sink(key: number): void {
    const keys = this.#keys;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= keys.length) break;
      if ((keys[child + 1] ?? Infinity) < (keys[child] ?? Infinity)) child += 1;
      const below = keys[child] ?? Infinity;
      if (below >= key) break;
      keys[parent] = below;
      parent = child;
    }
    keys[parent] = key;
  }
}
