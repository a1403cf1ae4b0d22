/** How work ended, as a value. */
export type Settled<T> = { readonly value: T } | { readonly error: unknown };

export const settle = <T>(work: Promise<T>): Promise<Settled<T>> =>
  work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
