import { findSetting, saveSetting } from './store/settings.ts';
import type { Store } from './store/store.ts';

/** Whether runs start by themselves. What a person set lasts over restarts. */
export class Pause {
  readonly #store: Store;
  /** Local milliseconds. */
  readonly #now: () => number;
  #since: number | null;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(store: Store, now: () => number, since: number | null) {
    this.#store = store;
    this.#now = now;
    this.#since = since;
  }

  /** As it was left. `now` tells local milliseconds. @throws AppError `store`. */
  static async load(store: Store, now: () => number): Promise<Pause> {
    const text = await store.query(findSetting, 'paused_at');
    if (text === undefined) return new Pause(store, now, null);
    const since = Date.parse(text);
    // A row that was written by hand still says what was meant.
    return new Pause(store, now, Number.isNaN(since) ? now() : since);
  }

  /** ISO 8601 UTC, or null while runs start by themselves. */
  get since(): string | null {
    return this.#since === null ? null : new Date(this.#since).toISOString();
  }

  /** Holds once it is stored; a pause that holds already keeps its beginning. @throws AppError `store`. */
  begin(): Promise<void> {
    return this.#inTurn(() => (this.#since === null ? this.#set(this.#now()) : Promise.resolve()));
  }

  /** @throws AppError `store`; then the pause goes on. */
  end(): Promise<void> {
    return this.#inTurn(() => this.#set(null));
  }

  async #set(since: number | null): Promise<void> {
    const value = since === null ? undefined : new Date(since).toISOString();
    await this.#store.change(saveSetting, 'paused_at', value, this.#now());
    this.#since = since;
  }

  /** One after the other, so that what holds is what was stored last. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
