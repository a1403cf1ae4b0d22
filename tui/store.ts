import type { DaemonAction, DaemonState } from './state.ts';
import { nothingYet, reduceDaemon } from './state.ts';
import { type UiState, quiet } from './ui.ts';

/** Everything the screen is a function of. */
export interface ScreenState {
  readonly daemon: DaemonState;
  readonly ui: UiState;
}

/**
 * The state of the screen, outside React. What the daemon tells is published at most every `everyMs` milliseconds,
 * the newest only; what a person does is published at once.
 */
export class Store {
  #state: ScreenState;
  #shown: ScreenState;
  #timer: NodeJS.Timeout | undefined;
  #publishedMs = Number.NEGATIVE_INFINITY;
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;
  readonly #everyMs: number;

  /** `now` tells unix milliseconds. */
  constructor(now: () => number, everyMs = 250) {
    this.#now = now;
    this.#everyMs = everyMs;
    this.#state = { daemon: nothingYet(now()), ui: quiet };
    this.#shown = this.#state;
  }

  /** The newest state, published or not. */
  get state(): ScreenState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly snapshot = (): ScreenState => this.#shown;

  tell(action: DaemonAction): void {
    const daemon = reduceDaemon(this.#state.daemon, action);
    if (daemon === this.#state.daemon) return;
    this.#state = { ...this.#state, daemon };
    const wait = this.#publishedMs + this.#everyMs - this.#now();
    if (wait <= 0) this.#publish();
    else this.#timer ??= setTimeout(() => this.#publish(), wait);
  }

  show(change: (ui: UiState) => UiState): void {
    const ui = change(this.#state.ui);
    if (ui === this.#state.ui) return;
    this.#state = { ...this.#state, ui };
    this.#publish();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#publishedMs = this.#now();
    this.#shown = this.#state;
    for (const listener of this.#listeners) listener();
  }
}
