/** Texts are laid into slabs of this many bytes: a hundred thousand small buffers would cost twice their size. */
const SLAB = 1 << 20;

/** Order texts by position, for the version last asked for; the oldest entries make room. */
export class PayloadCache {
  readonly #limit: number;
  readonly #entries = new Map<number, { readonly version: number; readonly text: Buffer }>();
  #slab = Buffer.alloc(0);
  #used = 0;

  /** `limit`: texts kept, some 3 KB each. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(position: number, version: number, render: () => string): Buffer {
    const entry = this.#entries.get(position);
    if (entry?.version === version) return entry.text;
    const text = this.#lay(render());
    // A renewed entry goes to the end, so that slabs fall empty in the order in which they were filled.
    this.#entries.delete(position);
    if (this.#entries.size >= this.#limit) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(position, { version, text });
    return text;
  }

  forget(position: number): void {
    this.#entries.delete(position);
  }

  #lay(text: string): Buffer {
    // UTF-8 takes at most three bytes per unit of a JavaScript string.
    const most = text.length * 3;
    if (this.#slab.length - this.#used < most) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB, most));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += this.#slab.write(text, start);
    return this.#slab.subarray(start, this.#used);
  }
}
