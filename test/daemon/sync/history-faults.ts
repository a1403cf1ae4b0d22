import { AppError } from '../../../daemon/errors.ts';
import type { Store } from '../../../daemon/store/store.ts';
import { arm, disarm } from './history-judges.ts';
import type { Ledger } from './history-ledger.ts';
import type { Trouble, Write } from './history.ts';

type WriteTrouble = Extract<Trouble, { readonly write: Write }>;

export interface Hands {
  readonly ledger: Ledger;
  /** The store of the daemon that lives. */
  readonly store: () => Store;
  readonly cancel: () => void;
  readonly jump: (aheadSeconds: number) => void;
  /** When a request was sent, by the server's time as believed and by its position in the order of asking. */
  readonly sentAt: (asked: number) => number | undefined;
}

/** Lets requests and writes fail and engines die where a step says so. */
export class Faults {
  readonly #hands: Hands;
  #trouble: Trouble | null = null;
  #requests = 0;
  #writes = new Map<Write, number>();
  #isDead = false;

  constructor(hands: Hands) {
    this.#hands = hands;
  }

  /** The engine is killed: nobody lives until `begin`. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** Requests since the beginning of the step, or of the daemon that lives. */
  get requests(): number {
    return this.#requests;
  }

  /** A step, or the life of another daemon, begins with what goes wrong in it. */
  begin(trouble: Trouble | null): void {
    this.#trouble = trouble;
    this.#requests = 0;
    this.#writes.clear();
    this.#isDead = false;
  }

  kill(): void {
    this.#isDead = true;
  }

  /**
   * A request is sent. @returns a check to be made when its answer is due; it throws what the client would throw.
   */
  sent(): () => void {
    this.#requests += 1;
    const n = this.#requests;
    const trouble = this.#trouble;
    if (trouble?.what === 'crash at request' && n >= trouble.at) {
      this.#reached(trouble.what);
      this.#isDead = true;
    }
    if (trouble?.what === 'cancel' && n === trouble.at) {
      this.#reached(trouble.what);
      this.#hands.cancel();
    }
    if (trouble?.what === 'clock jumps' && n === trouble.at) {
      this.#reached(`${trouble.what} ${trouble.ahead < 0 ? 'back' : 'ahead'}`);
      this.#hands.jump(trouble.ahead);
    }
    return () => {
      if (trouble === null || !('times' in trouble) || trouble !== this.#trouble) return;
      if (this.#requests < trouble.at || this.#requests >= trouble.at + trouble.times) return;
      this.#reached(trouble.what);
      if (trouble.what === 'aborted') throw new DOMException('This operation was aborted', 'AbortError');
      throw new AppError(trouble.what === 'throttled' ? 'throttled' : 'transient', 'api', 'the network is down', {
        retryAfterMs: 30_000,
      });
    };
  }

  /** Every write of the engine to this store goes through here. */
  watch(store: Store): void {
    const commitPage = store.commitPage.bind(store);
    store.commitPage = async (table, page) => {
      const result = await this.#write(store, 'commitPage', () => commitPage(table, page));
      this.#hands.ledger.committed(page, this.#hands.sentAt(page.asked));
      if (result.widened !== null) this.#reached('the overlap widens');
      if (result.regressions > 0) this.#reached('an order goes back in time');
      return result;
    };
    const beginRun = store.beginRun.bind(store);
    store.beginRun = async (run) => {
      if (run.continues !== undefined) this.#reached('a full resync goes on');
      return this.#write(store, 'beginRun', () => beginRun(run));
    };
    const moveWatermark = store.moveWatermark.bind(store);
    store.moveWatermark = async (shop, stream, proves) =>
      this.#write(store, 'moveWatermark', () => moveWatermark(shop, stream, proves));
    const endRun = store.endRun.bind(store);
    store.endRun = async (end) => {
      try {
        return await this.#write(store, 'endRun', () => endRun(end));
      } catch (error) {
        this.#hands.ledger.unclosed.add(end.runId);
        throw error;
      }
    };
  }

  async #write<T>(store: Store, write: Write, work: () => Promise<T>): Promise<T> {
    if (store !== this.#hands.store()) throw new AppError('store', 'store', 'of a killed daemon');
    const n = (this.#writes.get(write) ?? 0) + 1;
    this.#writes.set(write, n);
    const trouble = this.#trouble;
    if (trouble === null || !('write' in trouble) || trouble.write !== write || trouble.at !== n) return work();
    return this.#break(store, trouble, work);
  }

  async #break<T>(store: Store, { what, write, table }: WriteTrouble, work: () => Promise<T>): Promise<T> {
    switch (what) {
      case 'crash before':
        return this.#die(`${what} ${write}`);
      case 'crash after':
        await work();
        return this.#die(`${what} ${write}`);
      case 'crash within': {
        await arm(store, table);
        const isBroken = await work().then(
          () => false,
          () => true,
        );
        await disarm(store);
        if (!isBroken) return this.#die(`crash after ${write}`);
        this.#reached(`${write} breaks at ${table}`);
        return this.#die(`${what} ${write}`);
      }
      case 'refused':
        await arm(store, table);
        try {
          return await work();
        } catch (error) {
          this.#reached(`${write} breaks at ${table}`);
          this.#reached(`${what} ${write}`);
          throw error;
        } finally {
          await disarm(store);
        }
      default:
        return what satisfies never;
    }
  }

  #die(how: string): Promise<never> {
    this.#reached(how);
    this.#isDead = true;
    return new Promise(() => undefined);
  }

  #reached(what: string): void {
    this.#hands.ledger.reached.add(what);
  }
}
