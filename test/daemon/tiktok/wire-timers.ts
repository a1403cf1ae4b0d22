import type { Timers } from '../../../daemon/tiktok/timers.ts';

/** Turns of the event loop without anything to wait for, after which nothing will come. */
const IDLE = 200_000;

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Time that passes only while nothing is on the wire: real requests take none of it, waits take all of theirs and no
 * real time. Events happen in the order of their times, as they would in the world.
 */
export class WireTimers implements Timers {
  #now = 1_000_000;
  readonly #alarms = new Set<Alarm>();
  #onWire = 0;
  readonly now = () => this.#now;
  readonly after = (ms: number, run: () => void) => {
    const alarm = { at: this.#now + ms, run };
    this.#alarms.add(alarm);
    return () => void this.#alarms.delete(alarm);
  };

  /** To be called when a request goes out, and when its answer was read. */
  readonly sent = () => void (this.#onWire += 1);
  readonly answered = () => void (this.#onWire -= 1);

  /** Lets time pass until `work` has ended. Throws when it waits for nothing that could come. */
  async until<T>(work: Promise<T>): Promise<T> {
    const state = { ended: false };
    const end = () => {
      state.ended = true;
    };
    work.then(end, end);
    let idle = 0;
    while (!state.ended) {
      await new Promise((resolve) => setImmediate(resolve));
      if (state.ended || this.#onWire > 0) continue;
      const [next] = [...this.#alarms].toSorted((a, b) => a.at - b.at);
      if (next === undefined) {
        // Files take a moment of real time too.
        if ((idle += 1) > IDLE)
          throw new Error('deadlock: no timer is set, nothing is on the wire, and it has not ended');
        continue;
      }
      idle = 0;
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    return work;
  }
}
