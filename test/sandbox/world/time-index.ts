/** Orders a world can hold: time and position share one float64 without loss (32 + 21 bits). */
export const MAX_ORDERS = 2 ** 21;

/** One number that sorts by time (unix seconds), then by the position of the order. */
export const keyOf = (time: number, position: number): number => time * MAX_ORDERS + position;
export const timeOf = (key: number): number => Math.floor(key / MAX_ORDERS);
export const positionOf = (key: number): number => key % MAX_ORDERS;

/** Orders sorted by a time, for ranges by binary search. Ties come in the order of placing. */
export class TimeIndex {
  #keys: Float64Array;
  #size: number;

  /** `keys` as made by keyOf, in any order; taken over. */
  constructor(keys: Float64Array) {
    this.#keys = keys.sort();
    this.#size = keys.length;
  }

  get size(): number {
    return this.#size;
  }

  /** The first rank whose key is not below `key`. */
  rank(key: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? 0) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The key at a rank. Throws RangeError outside the index. */
  keyAt(rank: number): number {
    const key = rank < this.#size ? this.#keys[rank] : undefined;
    if (key === undefined) throw new RangeError(`rank ${rank} of ${this.#size}`);
    return key;
  }

  add(time: number, position: number): void {
    if (this.#size === this.#keys.length) {
      const wider = new Float64Array(Math.max(1024, this.#size * 1.5));
      wider.set(this.#keys);
      this.#keys = wider;
    }
    const key = keyOf(time, position);
    const rank = this.rank(key);
    this.#keys.copyWithin(rank + 1, rank, this.#size);
    this.#keys[rank] = key;
    this.#size += 1;
  }

  /** Throws when the pair is not there: the index and the columns would have drifted apart. */
  remove(time: number, position: number): void {
    const key = keyOf(time, position);
    const rank = this.rank(key);
    if (this.#keys[rank] !== key) throw new Error(`order ${position} is not indexed at ${time}`);
    this.#keys.copyWithin(rank, rank + 1, this.#size);
    this.#size -= 1;
  }
}
