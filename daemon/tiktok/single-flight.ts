/** One piece of work at a time, shared by all who ask for it meanwhile. */
export class SingleFlight {
  #running: Promise<void> | undefined;

  /**
   * Starts the work, or joins the one under way. `signal` ends the waiting of this caller only (rejecting with its
   * reason): the work belongs to all, and goes on.
   */
  async join(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    this.#running ??= work().finally(() => {
      this.#running = undefined;
    });
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#running, aborted]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Resolves when nothing is under way, however it ended. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#running]);
  }
}
