import { type RunKind, nightKinds } from '../../shared/run-views.ts';
import { AppError } from '../errors.ts';
import { classOf, nextAttemptMs } from './failures.ts';

interface Retry {
  readonly failures: number;
  /** As planned: `at` in local milliseconds, `due` in monotonic ones, by which the timer goes. */
  readonly next: { readonly at: number; readonly due: number } | null;
  /** Whether trying sooner would only hammer: a person or a quota has to mend it first. */
  readonly holdsBack: boolean;
  readonly cancel: () => void;
  /** Tries at once; only where nothing but a consent can help. */
  readonly authorized?: () => void;
}

export interface RetriesOptions {
  /** Local milliseconds. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly setTimer: (work: () => void, ms: number) => () => void;
}

/** A local clock that is off by less than this was slewed, not set, milliseconds. */
const noticeable = 1000;

/** Failed runs of one stream that are tried again by themselves, by kind. */
export class Retries {
  readonly #options: RetriesOptions;
  readonly #byKind = new Map<RunKind, Retry>();
  #closed = false;

  constructor(options: RetriesOptions) {
    this.#options = options;
  }

  /** Local milliseconds of the next attempt, or null. */
  get at(): number | null {
    return this.#soonest(() => true);
  }

  /** The same of what asks for what is new. */
  get liveAt(): number | null {
    return this.#soonest((kind) => !nightKinds.has(kind));
  }

  /**
   * Whether the schedule has to wait for the next attempt as well (rule 9: as told, and never hammer). Not beyond the
   * local time that was told: timers stand still while a machine sleeps, and would add its night to the wait.
   */
  get holdsBack(): boolean {
    const now = this.#options.now();
    return [...this.#byKind.values()].some(({ holdsBack, next }) => holdsBack && next !== null && now < next.at);
  }

  /** Whether it waits for a consent, for a token or a scope, that only a person can give. */
  get awaitsConsent(): boolean {
    return [...this.#byKind.values()].some(({ authorized, holdsBack }) => authorized !== undefined && holdsBack);
  }

  /** @returns milliseconds until `again` is called, null when only a person can help. */
  plan(kind: RunKind, error: unknown, again: () => void): number | null {
    const before = this.#byKind.get(kind);
    before?.cancel();
    const failures = (before?.failures ?? 0) + 1;
    const wait = nextAttemptMs(error, failures, this.#options.random());
    const idle = { failures, next: null, holdsBack: false, cancel: () => undefined };
    if (wait === null || this.#closed) {
      this.#byKind.set(kind, idle);
      return null;
    }
    const fire = (): void => {
      this.#byKind.set(kind, idle);
      again();
    };
    this.#byKind.set(kind, {
      failures,
      next: { at: this.#options.now() + wait, due: this.#options.monotonic() + wait },
      // What is for the night asks for other things than what is new, which goes on without it.
      holdsBack: !nightKinds.has(kind) && ['throttled', 'token', 'configuration'].includes(classOf(error)),
      cancel: this.#options.setTimer(fire, wait),
      ...(error instanceof AppError && error.code === 'not_authorized' && { authorized: fire }),
    });
    return wait;
  }

  /** Somebody authorized anew: what waited for that is tried now. */
  authorized(): void {
    for (const { authorized, cancel } of this.#byKind.values()) {
      if (authorized === undefined) continue;
      cancel();
      authorized();
    }
  }

  /** A run succeeded, so that nothing holds the schedule back. @returns how many of its kind had failed in a row. */
  recovered(kind: RunKind): number {
    const retry = this.#byKind.get(kind);
    retry?.cancel();
    this.#byKind.delete(kind);
    for (const [other, waiting] of this.#byKind) this.#byKind.set(other, { ...waiting, holdsBack: false });
    return retry?.failures ?? 0;
  }

  #soonest(of: (kind: RunKind) => boolean): number | null {
    const times = [...this.#byKind].flatMap(([kind, { next }]) =>
      next === null || !of(kind) ? [] : [this.#local(next)],
    );
    return times.length === 0 ? null : Math.min(...times);
  }

  /** As planned, or, when the local clock was set meanwhile, where on it the timer's moment lies now. */
  #local({ at, due }: NonNullable<Retry['next']>): number {
    const actual = this.#options.now() + Math.round(due - this.#options.monotonic());
    return Math.abs(actual - at) < noticeable ? at : actual;
  }

  close(): void {
    this.#closed = true;
    for (const retry of this.#byKind.values()) retry.cancel();
    this.#byKind.clear();
  }
}
