/**
 * Lets its callers through one by one, each on another turn of the event loop. Work that takes milliseconds and comes in
 * bunches, such as whole pages, leaves gaps then in which others are served.
 */
export function createTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    last = last.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    return last;
  };
}
