/** Answers kept by key; beyond `most` the one that was made first is forgotten. */
export class Memo<V> {
  readonly #kept = new Map<string | number, V>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string | number, make: () => V): V {
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const made = make();
    const [first] = this.#kept.keys();
    if (this.#kept.size >= this.#most && first !== undefined) this.#kept.delete(first);
    this.#kept.set(key, made);
    return made;
  }
}
