/**
 * Decides what asks lead to, one after the other. Asked for the same while the first is still being decided: one decision
 * serves both, however fast it is.
 */
export class Decisions<T> {
  readonly #pending = new Map<string, Promise<T>>();
  #gate: Promise<unknown> = Promise.resolve();

  /** @returns what `ask` leads to, and whether somebody else had asked for it before. */
  async make(ask: object, decide: () => Promise<T>): Promise<{ readonly decided: T; readonly isShared: boolean }> {
    const key = JSON.stringify(ask);
    const same = this.#pending.get(key);
    if (same !== undefined) return { decided: await same, isShared: true };
    const turn = this.#gate.then(decide).finally(() => this.#pending.delete(key));
    this.#pending.set(key, turn);
    this.#gate = turn.catch(() => undefined);
    return { decided: await turn, isShared: false };
  }

  /** Resolves when all that was asked for is decided. */
  async settled(): Promise<void> {
    await this.#gate;
  }
}
