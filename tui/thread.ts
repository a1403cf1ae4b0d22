import type { Params, Result } from '../shared/contract.ts';
import type { Event } from '../shared/views.ts';

type Since = NonNullable<Params<'subscribe'>['since']>;

/** The count of the events heard, over connections: where to go on behind a lost one, and whether any is missing. */
export class Thread {
  #last: Since | undefined;
  #isWhole = false;
  /** What came before the reply that says from where it counts. */
  #early: Event[] | undefined = [];

  /** The last event heard. Undefined when something before it may not be known: then only the whole helps. */
  get since(): Since | undefined {
    return this.#isWhole ? this.#last : undefined;
  }

  /** A new connection has nothing said yet. */
  connect(): void {
    this.#early = [];
  }

  /**
   * The reply to `subscribe` is here. `resumed`: the count goes on where it was lost. `early` are the events that came
   * together with the reply and are to be taken now.
   */
  begin({ instanceId, seq }: Result<'subscribe'>): { readonly resumed: boolean; readonly early: readonly Event[] } {
    const { since } = this;
    const resumed = since?.instanceId === instanceId && since.seq === seq;
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#isWhole = resumed;
    this.#last = { instanceId, seq };
    return { resumed, early };
  }

  /** Everything up to the last event heard is known, also what no event told. */
  caughtUp(): void {
    this.#isWhole = this.#last !== undefined;
  }

  /** Whether an event is to be passed on: `wait` until the reply is here, `torn` when others before it are missing. */
  take(event: Event): 'next' | 'wait' | 'torn' {
    if (this.#early !== undefined) {
      this.#early.push(event);
      return 'wait';
    }
    const last = this.#last;
    const isNext = last !== undefined && event.seq === last.seq + 1;
    this.#last = isNext ? { ...last, seq: event.seq } : undefined;
    this.#isWhole &&= isNext;
    return isNext ? 'next' : 'torn';
  }
}
